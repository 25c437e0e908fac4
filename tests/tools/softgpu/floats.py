"""Floating-point instructions of float32 and float64; every function takes arrays.

add, sub, mul, div.rn, sqrt.rn and fma follow IEEE 754 in each of their rounding modes. The
approximate instructions (ex2, lg2, sin, cos, tanh, rcp, rsqrt, sqrt.approx, div.approx, div.full)
are computed in float64 and rounded once. A device differs from this by the errors in the PTX
manual: 2 ulp or less for ex2, rcp, div and sqrt. The payload of NaN is not modelled.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from softgpu.faults import Array


def exactly(function: Callable[[Array], Array]) -> Callable[[Array], Array]:
    """The function, computed in float64 and rounded to the type of its argument."""
    return lambda x: np.asarray(function(x.astype(np.float64))).astype(x.dtype)


def reciprocal(x: Array) -> Array:
    """1 / x."""
    return np.asarray(x.dtype.type(1) / x)


def reciprocal_root(x: Array) -> Array:
    """1 / sqrt(x), before rounding."""
    return np.asarray(1 / np.sqrt(x))


def minimum(a: Array, b: Array) -> Array:
    """The smaller operand; if one is NaN, the other one; -0 is smaller than +0."""
    return -maximum(-a, -b)


def maximum(a: Array, b: Array) -> Array:
    """The larger operand; if one is NaN, the other one; +0 is larger than -0."""
    return np.where((a == 0) & (b == 0), a + b, np.fmax(a, b))


def minimum_nan(a: Array, b: Array) -> Array:
    """The smaller operand; NaN if one is NaN."""
    return np.where(np.isnan(a) | np.isnan(b), a.dtype.type(np.nan), minimum(a, b))


def maximum_nan(a: Array, b: Array) -> Array:
    """The larger operand; NaN if one is NaN."""
    return np.where(np.isnan(a) | np.isnan(b), a.dtype.type(np.nan), maximum(a, b))


def copy_sign(sign: Array, x: Array) -> Array:
    """|x| with the sign of the first operand."""
    return np.copysign(x, sign)
