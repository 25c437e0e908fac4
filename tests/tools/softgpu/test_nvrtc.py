"""CUDA source that NVRTC compiles and the interpreter runs, compared with plain loops."""

from __future__ import annotations

import numpy as np
import pytest

from softgpu import nvrtc, ptx
from softgpu.faults import Array, BadBarrier, Endless, OutOfBounds, Race
from softgpu.small_kernels import Constant, Unwritten, run, run_cuda

pytestmark = pytest.mark.cupy

INDEX = "long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; if (i >= n) return;"


def elementwise(arguments: str, body: str) -> str:
    return f'extern "C" __global__ void f({arguments}, long long n) {{ {INDEX} {body} }}'


def test_the_options_are_those_of_cupy_and_ftz_comes_last() -> None:
    source = elementwise("const float* a, float* y", "y[i] = a[i] * 0.5f + 1.0f;")
    assert "fma.rn.ftz.f32" in nvrtc.to_ptx(source)
    plain = nvrtc.to_ptx(source, ("--fmad=false", "-ftz=false"))
    assert "mul.rn.ftz.f32" in plain
    assert "fma" not in plain
    assert ".target sm_90" in plain
    assert nvrtc.to_ptx(source) is nvrtc.to_ptx(source)


def test_a_source_with_an_error_raises_the_compilers_log() -> None:
    with pytest.raises(nvrtc.CompileError, match="nonsense"):
        nvrtc.to_ptx('extern "C" __global__ void f() { nonsense; }')


def test_registers_spills_stack_and_shared_bytes_are_counted() -> None:
    source = """extern "C" __global__ void tile(float* y) {
            __shared__ float s[8][33]; s[threadIdx.x][0] = y[threadIdx.x]; __syncthreads();
            y[threadIdx.x] = s[7 - threadIdx.x][0]; }
        extern "C" __global__ void __launch_bounds__(1024, 2) spill(float* y) {
            float v[96]; for (int k = 0; k < 96; k++) v[k] = y[k * 1024 + threadIdx.x];
            __syncthreads();
            for (int k = 0; k < 96; k++) y[k * 1024 + threadIdx.x] = v[95 - k] * v[k]; }"""
    found = nvrtc.usage(source)
    assert set(found) == {"tile", "spill"}
    assert (found["tile"].shared, found["tile"].spill_stores, found["tile"].stack) == (1056, 0, 0)
    assert 0 < found["tile"].registers <= 32
    assert found["spill"].spill_stores > 0
    assert found["spill"].spill_loads > 0
    assert found["spill"].registers <= 32


@pytest.mark.parametrize("n", [1, 255, 256, 257, 1000])
def test_a_last_block_that_is_not_full_touches_nothing_beyond(n: int) -> None:
    source = elementwise("const float* a, const float* b, float* y", "y[i] = a[i] / b[i] - a[i];")
    r = np.random.default_rng(n)
    a, b = (r.standard_normal(n).astype(np.float32) for _ in range(2))
    y = np.empty(n, np.float32)
    blocks = -(-n // 256)
    run_cuda("f", source, (blocks,), (256,), Constant(a), Constant(b), Unwritten(y), n)
    assert (y == a / b - a).all()
    with pytest.raises(OutOfBounds):
        run_cuda("f", source, (blocks,), (256,), Constant(a), Constant(b), Unwritten(y[:-1]), n)
    with pytest.raises(OutOfBounds):
        run_cuda("f", source, (blocks + 1,), (256,), Constant(a), Constant(b), Unwritten(y), n + 1)


def test_indices_of_64_bits_divide_and_leave_remainders() -> None:
    source = elementwise(
        "const long long* a, const long long* b, long long* q, long long* r, int* s",
        "q[i] = a[i] / b[i]; r[i] = a[i] % b[i]; s[i] = (int)a[i] / (int)b[i] + (int)a[i] % 7;",
    )
    rng = np.random.default_rng(0)
    big = rng.integers(-(2**63), 2**63 - 1, 40)
    a = np.concatenate([big, [-(2**63), 7, -7, 7, -7, 2**40]])
    b = np.concatenate([big[::-1] >> 20, [3, 2, 2, -2, -2, 2**33 + 1]])
    q, r, s = np.empty_like(a), np.empty_like(a), np.empty(a.size, np.int32)
    run_cuda("f", source, (1,), (64,), a, b, Unwritten(q), Unwritten(r), Unwritten(s), a.size)
    for x, y, quotient, rest, small in zip(*(c.tolist() for c in (a, b, q, r, s)), strict=True):
        expected = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
        assert (quotient, rest) == (expected, x - y * expected)
        low, by = ((v + 2**31) % 2**32 - 2**31 for v in (x, y))
        part = abs(low) // abs(by) * (1 if (low < 0) == (by < 0) else -1)
        assert small == part + int(np.fmod(low, 7))


def test_bytes_are_gathered_scaled_and_written() -> None:
    source = elementwise(
        "const unsigned char* x, const int* rows, int width, float* y, unsigned char* big",
        """long long r = i / width, c = i % width;
        unsigned char v = x[(long long)rows[r] * width + c];
        y[i] = v / 255.0f; big[i] = v > 127;""",
    )
    rng = np.random.default_rng(1)
    x = rng.integers(0, 256, (9, 7), dtype=np.uint8)
    rows = np.array([8, 0, 3, 3], np.int32)
    y, big = np.empty((4, 7), np.float32), np.empty((4, 7), np.uint8)
    run_cuda(
        "f", source, (2,), (16,), Constant(x), Constant(rows), 7, Unwritten(y), Unwritten(big), 28
    )
    assert (y == x[rows] / np.float32(255)).all()
    assert (big == (x[rows] > 127)).all()


PHILOX = elementwise(
    "const unsigned long long* key, unsigned long long* y",
    """const unsigned long long A = 0xD2E7470EE14C6C93ULL, B = 0xCA5A826395121157ULL;
    unsigned long long c0 = i + 1, c1 = 0, c2 = 0, c3 = 0, k0 = key[0], k1 = key[1];
    for (int round = 0; round < 10; round++) {
        unsigned long long h0 = __umul64hi(A, c0), l0 = A * c0;
        unsigned long long h1 = __umul64hi(B, c2), l1 = B * c2;
        c0 = h1 ^ c1 ^ k0; c1 = l1; c2 = h0 ^ c3 ^ k1; c3 = l0;
        k0 += 0x9E3779B97F4A7C15ULL; k1 += 0xBB67AE8584CAA73BULL; }
    y[4 * i] = c0; y[4 * i + 1] = c1; y[4 * i + 2] = c2; y[4 * i + 3] = c3;""",
)


def test_philox_gives_the_bits_of_numpy() -> None:
    key, y = np.array([2**63 + 12345, 2**40 + 7], np.uint64), np.empty(4 * 300, np.uint64)
    run_cuda("f", PHILOX, (3,), (128,), Constant(key), Unwritten(y), 300)
    assert (y == np.random.Philox(key=key).random_raw(1200)).all()


def test_predicated_loops_bool_vectors_and_local_arrays_run() -> None:
    source = elementwise(
        "const float4* v, const bool* on, float4* y, int* t",
        """float4 x = v[i]; int count[8]; for (int k = 0; k < 8; k++) count[k] = (int)i * k;
        if (on[i]) { x.x = fmaxf(x.x, 0.0f); x.w = fminf(x.w, x.y); } y[i] = x;
        int sum = 0; for (int k = 0; k < i % 5; k++) sum += count[(i + k) & 7]; t[i] = sum;""",
    )
    rng = np.random.default_rng(2)
    v, on = rng.standard_normal((50, 4)).astype(np.float32), rng.integers(0, 2, 50).astype(bool)
    y, t = np.empty_like(v), np.empty(50, np.int32)
    run_cuda("f", source, (4,), (16,), Constant(v), Constant(on), Unwritten(y), Unwritten(t), 50)
    expected = v.copy()
    expected[on, 0] = np.maximum(v[on, 0], 0)
    expected[on, 3] = np.minimum(v[on, 3], v[on, 1])
    assert (y == expected).all()
    assert t.tolist() == [sum(i * ((i + k) & 7) for k in range(i % 5)) for i in range(50)]


COLUMNS = """extern "C" __global__ void sums(const float* a, float* y, int m, int n) {
    __shared__ float s[8][33];
    int j = blockIdx.x * 32 + threadIdx.x; float t = 0;
    if (j < n) for (int i = threadIdx.y; i < m; i += 8) t += a[(long long)i * n + j];
    s[threadIdx.y][threadIdx.x] = t;
    SYNC
    if (threadIdx.y == 0 && j < n) {
        float r = 0; for (int q = 0; q < 8; q++) r += s[q][threadIdx.x]; y[j] = r; } }"""


def test_columns_are_added_in_the_order_of_the_source() -> None:
    a = np.random.default_rng(3).standard_normal((21, 45)).astype(np.float32)
    y = np.empty(45, np.float32)
    source = COLUMNS.replace("SYNC", "__syncthreads();")
    run_cuda("sums", source, (2,), (32, 8), Constant(a), Unwritten(y), 21, 45)
    for j in range(45):
        parts = [np.float32(0)] * 8
        for i in range(21):
            parts[i % 8] += a[i, j]
        total = np.float32(0)
        for part in parts:
            total += part
        assert y[j] == total
    with pytest.raises(Race):
        run_cuda(
            "sums", COLUMNS.replace("SYNC", ""), (2,), (32, 8), Constant(a), Unwritten(y), 21, 45
        )


def test_a_warp_adds_by_shuffles() -> None:
    source = """extern "C" __global__ void total(const int* a, int* y) {
        int v = a[threadIdx.x];
        for (int o = 16; o; o >>= 1) v += __shfl_down_sync(0xffffffffu, v, o);
        if ((threadIdx.x & 31) == 0) atomicAdd(y, v);
        y[1 + threadIdx.x] = __shfl_xor_sync(0xffffffffu, a[threadIdx.x], 1); }"""
    a, y = np.arange(96, dtype=np.int32), np.zeros(97, np.int32)
    run_cuda("total", source, (1,), (96,), Constant(a), y)
    assert y[0] == sum(range(96))
    assert y[1:].tolist() == [i ^ 1 for i in range(96)]


def test_an_array_without_a_size_takes_the_bytes_of_the_launch() -> None:
    source = """extern "C" __global__ void turn(int* y) { extern __shared__ int s[];
        s[threadIdx.x] = y[threadIdx.x]; __syncthreads();
        y[threadIdx.x] = s[blockDim.x - 1 - threadIdx.x]; }"""
    y = np.arange(50, dtype=np.int32)
    kernel = ptx.parse(nvrtc.to_ptx(source))["turn"]
    run(kernel, (1,), (50,), y, shared=200)
    assert y.tolist() == list(range(50))[::-1]
    with pytest.raises(OutOfBounds):
        run(kernel, (1,), (50,), y, shared=196)


def test_a_table_of_constants_is_read() -> None:
    source = "__constant__ int primes[4] = {2, 3, 5, 7};" + elementwise(
        "int* y", "y[i] = primes[i & 3];"
    )
    y = np.empty(6, np.int32)
    run_cuda("f", source, (1,), (8,), Unwritten(y), 6)
    assert y.tolist() == [2, 3, 5, 7, 2, 3]


def test_planted_faults_of_cuda_sources_are_caught() -> None:
    y = np.zeros(64, np.float32)
    same = 'extern "C" __global__ void f(float* y) { y[threadIdx.x] = blockIdx.x; }'
    with pytest.raises(Race):
        run_cuda("f", same, (2,), (64,), y)
    parted = """extern "C" __global__ void f(float* y) { __shared__ float s[64];
        s[threadIdx.x] = y[threadIdx.x]; if (threadIdx.x < 40) { __syncthreads();
        y[threadIdx.x] = s[63 - threadIdx.x]; } }"""
    with pytest.raises(BadBarrier):
        run_cuda("f", parted, (1,), (64,), y)
    endless = 'extern "C" __global__ void f(volatile float* y) { while (y[0] == 0) y[0] = 0; }'
    kernel = ptx.parse(nvrtc.to_ptx(endless))["f"]
    with pytest.raises(Endless):
        run(kernel, (1,), (1,), y, steps=2000)


def units_from(found: Array, exact: Array) -> Array:
    """The error in units of the last place of the float32 nearest to the exact value."""
    nearest = exact.astype(np.float32)
    return np.asarray(np.abs(found - exact) / np.spacing(np.abs(nearest)).astype(np.float64))


@pytest.mark.parametrize("name", ["expf", "log1pf"])
def test_exponential_and_logarithm_are_within_two_units_of_the_last_place(name: str) -> None:
    low = -87.0 if name == "expf" else -0.999  # for a smaller x, exp is subnormal and flushed to 0
    x = np.linspace(low, 88 if name == "expf" else 100, 8192).astype(np.float32)
    if name == "log1pf":
        x = np.concatenate([x, np.geomspace(1e-30, 1, 2000).astype(np.float32)])
    source = elementwise("const float* x, float* y", f"y[i] = {name}(x[i]);")
    y = np.empty_like(x)
    run_cuda("f", source, (-(-x.size // 256),), (256,), Constant(x), Unwritten(y), x.size)
    exact = (np.exp if name == "expf" else np.log1p)(x.astype(np.float64))
    assert units_from(y, exact).max() <= 2
