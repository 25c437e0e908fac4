"""Float32 arithmetic in every rounding mode, exactly rounded, with NumPy's float64.

    s = p + c rounded to float64, e = p + c - s exactly (TwoSum, Knuth)

If e != 0 and the last bit of s is even, s moves to its neighbour in the direction of e ("round to
odd", Boldo and Melquiond 2008). Rounding this s to float32 gives the sum rounded once, in any mode.
A product p of two float32 numbers is exact in float64, so the method also computes a b + c.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from softgpu.faults import Array

SMALLEST_NORMAL = np.float32(2.0**-126)


def flush(x: Array) -> Array:
    """ftz: float32 numbers with |x| < 2^-126 become 0 with the same sign.

    The hardware tests the exact result, and this function the rounded one. They differ only if the
    rounded result is 2^-126 itself.
    """
    bits = x.view(np.uint32)
    tiny = (bits & np.uint32(0x7F800000)) == 0
    return np.where(tiny, bits & np.uint32(0x80000000), bits).view(np.float32) if tiny.any() else x


def saturate(x: Array) -> Array:
    """sat: clamp to [0, 1]; NaN becomes +0."""
    clipped = np.clip(x, x.dtype.type(0), x.dtype.type(1))
    return np.where(np.isnan(x) | (clipped == 0), x.dtype.type(0), clipped)


def add_to_odd(p: Array, c: Array) -> Array:
    """p + c of float64 numbers, rounded to odd."""
    s = p + c
    back = s - p
    e = (p - (s - back)) + (c - back)
    inexact = (e > 0) | (e < 0)
    if not inexact.any():
        return s
    bits = s.view(np.int64)
    step = np.where((e > 0) == (s > 0), 1, -1)
    return np.asarray(np.where(inexact & (bits & 1 == 0), bits + step, bits)).view(np.float64)


def to_float32(exact: Array, mode: str) -> Array:
    """Round float64 (or a float64 that was rounded to odd) to float32: rn, rz, rm or rp."""
    near = exact.astype(np.float32)
    if mode == "rn":
        return near
    below, above = near > exact, near < exact  # exact is below or above the rounded number
    down = np.nextafter(near, np.float32(-np.inf))
    up = np.nextafter(near, np.float32(np.inf))
    if mode == "rm":
        return np.where(below, down, near)
    if mode == "rp":
        return np.where(above, up, near)
    return np.where(below & (exact > 0), down, np.where(above & (exact < 0), up, near))


def fma(mode: str) -> Callable[[Array, Array, Array], Array]:
    """a b + c of float32, rounded once."""

    def rounded(a: Array, b: Array, c: Array) -> Array:
        product = a.astype(np.float64) * b.astype(np.float64)
        total = add_to_odd(product, c.astype(np.float64))
        return _sign_of_zero(to_float32(total, mode), mode, product, c)

    return rounded


def add(mode: str) -> Callable[[Array, Array], Array]:
    """a + b of float32 in a mode other than rn."""

    def rounded(a: Array, b: Array) -> Array:
        x, y = a.astype(np.float64), b.astype(np.float64)
        return _sign_of_zero(to_float32(add_to_odd(x, y), mode), mode, x, y)

    return rounded


def subtract(mode: str) -> Callable[[Array, Array], Array]:
    """a - b of float32 in a mode other than rn."""
    sum_of = add(mode)
    return lambda a, b: sum_of(a, -b)


def multiply(mode: str) -> Callable[[Array, Array], Array]:
    """a b of float32 in a mode other than rn."""
    return lambda a, b: to_float32(a.astype(np.float64) * b.astype(np.float64), mode)


def _sign_of_zero(x: Array, mode: str, p: Array, c: Array) -> Array:
    """The zero x - x: -0 in mode rm, and +0 in every other mode."""
    if mode != "rm":
        return x
    cancelled = (x == 0) & (p == -c) & ~((p == 0) & (np.signbit(p) == np.signbit(c)))
    return np.where(cancelled, np.float32(-0.0), x)
