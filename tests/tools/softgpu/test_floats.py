"""Floating-point instructions, compared with exact fractions and Python's math module."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from softgpu.small_kernels import calculate

TINY, SUBNORMAL = 2.0**-126, 2.0**-149
FLOATS = [0.0, -0.0, 1, -1, 1 + 2**-23, 1 - 2**-24, 3, 1 / 3, 0.1, -0.7, 1e-20, 1e20, -3e38, 3.4e38]
FLOATS += [
    TINY,
    -TINY,
    SUBNORMAL,
    -3 * SUBNORMAL,
    TINY - SUBNORMAL,
    2**24 + 2,
    0.5,
    2.5,
    -2.5,
    1e10,
]


def neighbour(x: float, towards: float) -> float:
    return float(np.nextafter(np.float32(x), np.float32(towards)))


def rounded(q: Fraction, mode: str) -> float:
    """The finite float32 to which the exact q is rounded, chosen from its two neighbours."""
    low = float(np.float32(float(q)))
    while Fraction(low) > q:
        low = neighbour(low, -math.inf)
    high = low if Fraction(low) == q else neighbour(low, math.inf)
    if low == high or mode == "rm":
        return low
    if mode == "rp":
        return high
    if mode == "rz":
        return low if q > 0 else high
    below, above = q - Fraction(low), Fraction(high) - q
    even = int(np.float32(low).view(np.uint32)) % 2 == 0
    return low if below < above or (below == above and even) else high


def representable(q: Fraction) -> bool:
    return abs(q) <= Fraction(3.4028234e38)


@pytest.mark.parametrize("mode", ["rn", "rz", "rm", "rp"])
def test_float32_arithmetic_is_rounded_once_in_each_mode(mode: str) -> None:
    a, b = (np.array(c, np.float32) for c in zip(*itertools.product(FLOATS, FLOATS), strict=True))
    operations: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
        "add": lambda x, y: x + y,
        "sub": lambda x, y: x - y,
        "mul": lambda x, y: x * y,
    }
    for opcode, exact in operations.items():
        found = calculate(f"{opcode}.{mode}.f32 d,a,b", "f32", a, b)
        for x, y, value in zip(a, b, found, strict=True):
            q = exact(Fraction(float(x)), Fraction(float(y)))
            if representable(q):
                assert value == rounded(q, mode), (opcode, x, y)


@pytest.mark.parametrize("mode", ["rn", "rz", "rm", "rp"])
def test_fma_rounds_the_exact_sum_once(mode: str) -> None:
    rng = np.random.default_rng(5)
    a, b, c = (rng.standard_normal((3, 600)) * 2.0 ** rng.integers(-40, 40, (3, 600))).astype("f4")
    c[:200] = -(a * b)[:200]  # the result is the rounding error of the product
    c[200:400] = (c * 2.0**-60)[200:400]  # c is so small that only rounding shows it
    a[400:500] = b[400:500] = 1 + 2.0**-12  # the product is halfway between two float32
    b[450:500] = 1 - 2.0**-12
    found = calculate(f"fma.{mode}.f32 d,a,b,c", "f32", a, b, c)
    for x, y, z, value in zip(a, b, c, found, strict=True):
        q = Fraction(float(x)) * Fraction(float(y)) + Fraction(float(z))
        assert value == rounded(q, mode), (x, y, z)


def test_a_sum_that_cancels_is_minus_zero_only_when_rounded_down() -> None:
    a, b = np.array([1, 0, -0.0, 0], np.float32), np.array([-1, 0, -0.0, -0.0], np.float32)
    for mode, signs in (("rn", [0, 0, 1, 0]), ("rz", [0, 0, 1, 0]), ("rm", [1, 0, 1, 1])):
        found = calculate(f"add.{mode}.f32 d,a,b", "f32", a, b)
        assert np.signbit(found).tolist() == [bool(s) for s in signs]
        found = calculate(f"fma.{mode}.f32 d,a,b,c", "f32", a, np.ones(4, np.float32), b)
        assert np.signbit(found).tolist() == [bool(s) for s in signs]


def test_ftz_makes_zeros_of_subnormal_operands_and_results() -> None:
    a = np.array([SUBNORMAL, -SUBNORMAL, TINY, TINY, 0.0], np.float32)
    b = np.array([1, 1, 1, 0.5, -1], np.float32)
    kept = calculate("mul.rn.f32 d,a,b", "f32", a, b)
    assert kept.tolist() == [SUBNORMAL, -SUBNORMAL, TINY, TINY / 2, 0]
    large = np.full(5, 2.0**100, np.float32)
    assert calculate("mul.rn.ftz.f32 d,a,b", "f32", a, large).tolist() == [0, 0, *[2.0**-26] * 2, 0]
    flushed = calculate("mul.rn.ftz.f32 d,a,b", "f32", a, b)
    assert flushed.tolist() == [0, 0, TINY, 0, 0]
    assert np.signbit(flushed).tolist() == [False, True, False, False, True]
    assert calculate("setp.gt.ftz.f32 d,a,b", "pred", a, 0 * b).tolist() == [
        False,
        False,
        True,
        True,
        False,
    ]
    assert calculate("setp.gt.f32 d,a,b", "pred", a, 0 * b).tolist() == [
        True,
        False,
        True,
        True,
        False,
    ]


def test_minimum_and_maximum_pass_over_nan_and_order_the_zeros() -> None:
    nan = np.nan
    a = np.array([nan, 1, nan, 0.0, -0.0, 0.0, -0.0, 2], np.float32)
    b = np.array([1, nan, nan, -0.0, 0.0, 0.0, -0.0, 3], np.float32)
    low, high = (calculate(f"{name}.f32 d,a,b", "f32", a, b) for name in ("min", "max"))
    np.testing.assert_array_equal(low, np.array([1, 1, nan, 0, 0, 0, 0, 2], np.float32))
    np.testing.assert_array_equal(high, np.array([1, 1, nan, 0, 0, 0, 0, 3], np.float32))
    assert np.signbit(low[3:7]).tolist() == [True, True, False, True]
    assert np.signbit(high[3:7]).tolist() == [False, False, False, True]
    for name in ("min", "max"):
        found = calculate(f"{name}.NaN.f32 d,a,b", "f32", a, b)
        assert np.isnan(found).tolist() == [True, True, True, *[False] * 5]


def test_comparisons_with_nan_are_false_when_ordered_and_true_when_not() -> None:
    a, b = np.array([1, np.nan, 2], np.float32), np.array([2, 2, 2], np.float32)
    for name, expected in {
        "lt": [1, 0, 0],
        "ltu": [1, 1, 0],
        "ne": [1, 0, 0],
        "neu": [1, 1, 0],
        "ge": [0, 0, 1],
        "geu": [0, 1, 1],
        "equ": [0, 1, 1],
        "num": [1, 0, 1],
        "nan": [0, 1, 0],
    }.items():
        assert calculate(f"setp.{name}.f32 d,a,b", "pred", a, b).tolist() == list(
            map(bool, expected)
        )


def test_division_roots_and_approximations_are_the_nearest_numbers() -> None:
    x = np.array([0.5, 2, 3, 0.1, 1e-30, 7e20], np.float32)
    exact: dict[str, Callable[[float], float]] = {
        "sqrt.rn": lambda q: math.sqrt(q),
        "sqrt.approx": lambda q: math.sqrt(q),
        "rcp.rn": lambda q: 1 / q,
        "rcp.approx": lambda q: 1 / q,
        "rsqrt.approx": lambda q: 1 / math.sqrt(q),
        "lg2.approx": lambda q: math.log2(q),
    }
    for name, function in exact.items():
        expected = [np.float32(function(float(v))) for v in x]
        assert calculate(f"{name}.f32 d,a", "f32", x).tolist() == expected, name
    y = np.array([-3.5, 0.1, 20, -149, 0, 1], np.float32)
    assert calculate("ex2.approx.f32 d,a", "f32", y).tolist() == [
        np.float32(2.0 ** float(v)) for v in y
    ]
    quotients = [float(np.float32(float(p) / float(q))) for p, q in zip(y, x, strict=True)]
    for name in ("div.rn", "div.full", "div.approx"):
        assert calculate(f"{name}.f32 d,a,b", "f32", y, x).tolist() == quotients


def test_sign_instructions_and_saturation() -> None:
    x = np.array([-2, 0.25, -0.0, 7, np.nan, -np.inf], np.float32)
    bits = x.view(np.uint32)
    assert (calculate("abs.f32 d,a", "f32", x).view(np.uint32) == bits & 0x7FFFFFFF).all()
    assert (calculate("neg.f32 d,a", "f32", x).view(np.uint32) == bits ^ 0x80000000).all()
    found = calculate("cvt.sat.f32.f32 d,a", "f32", x)
    assert found.tolist() == [0, 0.25, 0, 1, 0, 0]
    assert not np.signbit(found).any()
    found = calculate("copysign.f32 d,a,b", "f32", x, np.full(6, 3, np.float32))
    assert found.tolist() == [-3, 3, -3, 3, 3, -3]
    assert calculate("add.sat.f32 d,a,b", "f32", x, x)[:4].tolist() == [0, 0.5, 0, 1]


def test_floats_become_integers_rounded_as_asked_and_clamped() -> None:
    x = np.array([2.5, -2.5, 3.5, -0.7, 1e10, -1e10, 1e20, -1e20, np.inf, 255.5], np.float32)
    rounding: dict[str, Callable[[float], int]] = {
        "rni": lambda v: round(v),
        "rzi": lambda v: math.trunc(v),
        "rmi": lambda v: math.floor(v),
        "rpi": lambda v: math.ceil(v),
    }
    for mode, function in rounding.items():
        for kind in ("s32", "u32", "s64", "u64", "u16", "s16", "u8"):
            info = np.iinfo(ptx_dtype(kind))
            expected = [
                info.max if v > 1e30 else min(max(function(float(v)), info.min), info.max)
                for v in x
            ]
            assert calculate(f"cvt.{mode}.{kind}.f32 d,a", kind, x).tolist() == expected, (
                mode,
                kind,
            )
    edges = np.array([2.0**31, -(2.0**31), 2.0**63, 2.0**64], np.float32)
    assert calculate("cvt.rzi.s64.f32 d,a", "s64", edges)[2:].tolist() == [2**63 - 1] * 2
    assert calculate("cvt.rzi.u64.f32 d,a", "u64", edges)[2:].tolist() == [2**63, 2**64 - 1]
    assert calculate("cvt.rzi.s32.f32 d,a", "s32", edges)[:2].tolist() == [2**31 - 1, -(2**31)]
    nan = np.array([np.nan], np.float32)
    assert calculate("cvt.rzi.s32.f32 d,a", "s32", nan).tolist() == [0]
    assert calculate("cvt.rzi.s64.f32 d,a", "s64", nan).tolist() == [-(2**63)]
    whole = calculate("cvt.rni.f32.f32 d,a", "f32", x[:4])
    assert whole.tolist() == [2, -2, 4, -1]


def ptx_dtype(kind: str) -> str:
    return f"{'i' if kind[0] == 's' else 'u'}{int(kind[1:]) // 8}"


@pytest.mark.parametrize("kind", ["s32", "u32", "s64", "u64"])
def test_integers_become_the_nearest_float32(kind: str) -> None:
    bits = int(kind[1:])
    tops = [(1 << bits - 1) - k for k in (0, 1, 63, 65)]
    x = np.array(
        [0, 1, 7, 2**24 + 1, 2**24 + 3, 2**25 + 2, *tops, (1 << bits) - 1], f"u{bits // 8}"
    ).view(ptx_dtype(kind))
    found = calculate(f"cvt.rn.f32.{kind} d,a", "f32", x)
    assert found.tolist() == [rounded(Fraction(int(v)), "rn") for v in x]
    if bits == 32:
        for mode in ("rz", "rm", "rp"):
            found = calculate(f"cvt.{mode}.f32.{kind} d,a", "f32", x)
            assert found.tolist() == [rounded(Fraction(int(v)), mode) for v in x]


def test_doubles_are_computed_too() -> None:
    x, y = np.array([0.1, -3.0]), np.array([0.2, 7.0])
    assert calculate("add.rn.f64 d,a,b", "f64", x, y).tolist() == [0.1 + 0.2, 4]
    assert calculate("cvt.rn.f32.f64 d,a", "f32", x).tolist() == [np.float32(0.1), -3]
    assert calculate("cvt.f64.f32 d,a", "f64", x.astype("f4")).tolist() == [
        float(np.float32(0.1)),
        -3,
    ]
