"""Kernels of a RawModule get the same argument bytes as in CuPy, and run on the stand-in."""

from __future__ import annotations

import struct
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from softgpu import raw_module
from softgpu.faults import OutOfBounds, Race, ReadOnly, Uninitialised
from softgpu.memory import Memory
from softgpu.raw_module import as_bytes, constants, pack
from softgpu.refusals import MissedByCuPy, NotInStandIn, RefusedByCuPy
from softgpu.standin import CuPy

SOURCE = """
extern "C" __global__ void scale(const float* x /* n, read */, float* y, float a, long long n)
{
    long long t = (long long)blockIdx.x * blockDim.x + threadIdx.x;
    if (t < n)
        y[t] = a * x[t];
}
extern "C" __global__ void scribble(const float* x, int n) // writes, although it must not
{
    ((float*)x)[threadIdx.x] = n;
}
extern "C" __global__ void shift(const float* x, float* y, int n)
{
    if (threadIdx.x < n)
        y[threadIdx.x] = x[threadIdx.x];
}
"""
OPTIONS = ("--fmad=false",)


def parameter(offset, size, name="p"):
    return SimpleNamespace(offset=offset, size=size, name=name)


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        (3, struct.pack("<q", 3)),
        (True, struct.pack("<q", 1)),
        (0.5, struct.pack("<d", 0.5)),
        (1 + 2j, struct.pack("<dd", 1, 2)),
        (np.float32(0.5), struct.pack("<f", 0.5)),
        (np.float64(0.5), struct.pack("<d", 0.5)),
        (np.int32(-3), struct.pack("<i", -3)),
        (np.uint64(2**63), struct.pack("<Q", 2**63)),
        (np.bool_(True), b"\x01"),
    ],
)
def test_a_number_is_passed_as_the_bytes_that_cupy_makes(argument, expected):
    assert as_bytes(argument, False, Memory()) == expected


def test_what_cupy_cannot_pass_is_refused():
    for argument in (np.ones(3), "a", [1], np.array(1), np.longdouble(1)):
        with pytest.raises(RefusedByCuPy, match="Unsupported type"):
            as_bytes(argument, False, Memory())
    with pytest.raises(MissedByCuPy, match="0xffffffff"):
        as_bytes(None, False, Memory())


def test_a_python_float_reaches_a_float_as_the_lower_half_of_a_double():
    packed = pack(
        [struct.pack("<d", 0.1), struct.pack("<q", 7)], [parameter(0, 4), parameter(4, 4)]
    )
    assert packed == struct.pack("<d", 0.1)[:4] + struct.pack("<i", 7)
    assert pack([struct.pack("<d", 0.5)], [parameter(0, 4)]) == struct.pack("<f", 0)


def test_bytes_are_at_the_offsets_of_the_parameters():
    assert (
        pack([b"a", b"12345678"], [parameter(0, 1), parameter(8, 8)])
        == b"a\0\0\0\0\0\0\x0012345678"
    )
    with pytest.raises(MissedByCuPy, match="n takes 8 bytes and gets 4"):
        pack([b"1234"], [parameter(0, 8, "n")])


def test_the_source_marks_parameters_that_are_not_written():
    source = """
    __global__ void f(const float* __restrict__ a /* m, n */, float* b, const int n, u8 const *c) {
    __global__ void __launch_bounds__(256) g(int n) {
    __global__ void h() {
    """
    expected = {"f": (True, False, False, True), "g": (False,), "h": ()}
    assert constants(source) == expected


def test_a_module_of_anything_but_source_is_not_implemented():
    cupy = CuPy()
    for options in ({"path": "a.ptx"}, {"code": "", "backend": "nvcc"}, {"code": None}):
        with pytest.raises(NotInStandIn):
            cupy.RawModule(**options)
    with pytest.raises(RefusedByCuPy):
        cupy.RawModule(code=SOURCE, options=list(OPTIONS))
    with pytest.raises(TypeError, match="opshuns"):
        cupy.RawModule(code=SOURCE, opshuns=OPTIONS)


@pytest.fixture
def cupy():
    return CuPy()


@pytest.fixture
def kernel(cupy):
    return cupy.RawModule(code=SOURCE, options=OPTIONS).get_function


@pytest.fixture
def x(cupy):
    return cupy.asarray(np.arange(10, dtype=np.float32))


@pytest.mark.cupy
def test_a_launch_computes_in_the_memory_of_the_arrays_and_is_in_the_ledger(cupy, kernel, x):
    y = cupy.empty(10, dtype=np.float32)
    with cupy.ledger.stretch() as seen:
        kernel("scale")((2,), (8,), (x, y, np.float32(3), 10))
    assert y.get().tolist() == [3 * i for i in range(10)]
    assert seen.events == [("launch", "scale", 0)]


@pytest.mark.cupy
def test_what_a_kernel_has_written_counts_as_written_and_nothing_else(cupy, kernel, x):
    y = cupy.empty(10, dtype=np.float32)
    kernel("scale")((1,), (32,), (x, y, np.float32(3), 4))
    assert y[:4].get().tolist() == [0, 3, 6, 9]
    with pytest.raises(MissedByCuPy, match="element \\(4,\\)"):
        y.get()
    with pytest.raises(Uninitialised):
        kernel("scale")((1,), (32,), (y, x, np.float32(3), 5))
    with pytest.raises(Uninitialised):
        kernel("scale")((1,), (32,), (y[4:], x, np.float32(3), 1))
    kernel("scale")((1,), (32,), (y, x, np.float32(1), 4))


@pytest.mark.cupy
def test_a_kernel_can_access_only_the_view(cupy, kernel, x):
    kernel("scale")((1,), (32,), (x[2:4], x[8:], np.float32(10), 2))
    assert x.get().tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 20, 30]
    for reads, writes in ((x[2:4], x[5:]), (x[5:], x[2:4])):
        with pytest.raises(OutOfBounds):
            kernel("scale")((1,), (32,), (reads, writes, np.float32(1), 3))


@pytest.mark.cupy
def test_views_of_one_array_are_the_same_memory_to_a_kernel(cupy, kernel, x):
    kernel("shift")((1,), (32,), (x, x, 10))  # each thread has its own element
    with pytest.raises(Race):
        kernel("shift")((1,), (32,), (x[1:], x, 9))


@pytest.mark.cupy
def test_a_pointer_to_const_is_read_only(kernel, x):
    with pytest.raises(ReadOnly):
        kernel("scribble")((1,), (4,), (x, 3))


@pytest.mark.cupy
def test_a_wrong_launch_goes_wrong_as_on_a_device_or_is_found(cupy, kernel, x):
    scale, y = kernel("scale"), cupy.empty(10, dtype=np.float32)
    scale((1,), (32,), (x, y, 0.5, 10))  # a double for a float parameter
    assert y.get().tolist() == [0] * 10
    scale((0,), (0,), (x, y, np.float32(1), 1))  # CuPy runs one block of one thread
    assert y.get()[:2].tolist() == [0, 0]
    for wrong in ((x, y, np.float32(1)), (x, y, np.float32(1), np.int32(10)), (x, y, 1.0, 10, 11)):
        with pytest.raises(MissedByCuPy):
            scale((1,), (32,), wrong)
    with pytest.raises(MissedByCuPy, match="C-contiguous"):
        scale((1,), (32,), (x.reshape(2, 5).T, y, np.float32(1), 10))
    with pytest.raises(RefusedByCuPy, match="tuples"):
        scale(1, (32,), (x, y, np.float32(1), 10))
    with pytest.raises(RefusedByCuPy, match="not found: scail"):
        kernel("scail")((1,), (32,), ())


def test_during_compilation_the_stand_in_does_not_replace_cupy(monkeypatch, cupy):
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    with raw_module.the_real_cupy():
        assert "cupy" not in sys.modules
    assert sys.modules["cupy"] is cupy
