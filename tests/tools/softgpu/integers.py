"""Integer instructions in two's complement, for 16, 32 or 64 bits; every function takes arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from softgpu.faults import Array, DivisionByZero, refuse


def bits_of(x: Array) -> int:
    """The width of the numbers."""
    return 8 * x.dtype.itemsize


def unsigned(x: Array) -> Array:
    """The same bits, as unsigned numbers."""
    return x.view(f"u{x.dtype.itemsize}")


def wide_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type of twice the width."""
    return np.dtype(f"{dtype.kind}{2 * dtype.itemsize}")


def multiply_wide(a: Array, b: Array) -> Array:
    """The product a b in twice the width (16 bits to 32, or 32 to 64)."""
    wide = wide_type(a.dtype)
    return np.asarray(a.astype(wide) * b.astype(wide))


def multiply_high(a: Array, b: Array) -> Array:
    """The upper half of the bits of the product a b.

    For 64 bits, a = a1 2^32 + a0 and b = b1 2^32 + b0, and the carries of the middle terms are
    added. A negative factor, read as unsigned, is too large by 2^64; this is corrected.
    """
    if a.dtype.itemsize < 8:
        return np.asarray(multiply_wide(a, b) >> bits_of(a)).astype(a.dtype)
    half, low = np.uint64(32), np.uint64(0xFFFFFFFF)
    u, v = unsigned(a), unsigned(b)
    a1, a0, b1, b0 = u >> half, u & low, v >> half, v & low
    middle = a1 * b0 + (a0 * b0 >> half)
    other = a0 * b1 + (middle & low)
    high = a1 * b1 + (middle >> half) + (other >> half)
    if a.dtype.kind == "i":
        high = high - np.where(a < 0, v, np.uint64(0)) - np.where(b < 0, u, np.uint64(0))
    return np.asarray(high).view(a.dtype)


def divide(a: Array, b: Array) -> Array:
    """a / b rounded towards 0.

    Raises:
        DivisionByZero: b is 0.
    """
    refuse(DivisionByZero, _zeros(a, b), "integer division by zero")
    return np.asarray((a - np.fmod(a, b)) // b, a.dtype)


def remainder(a: Array, b: Array) -> Array:
    """a - b (a / b), with the sign of a.

    Raises:
        DivisionByZero: b is 0.
    """
    refuse(DivisionByZero, _zeros(a, b), "remainder of an integer division by zero")
    return np.asarray(np.fmod(a, b))


def _zeros(a: Array, b: Array) -> Array:
    return np.broadcast_to(b == 0, np.broadcast_shapes(a.shape, b.shape))


def shift_left(a: Array, count: Array) -> Array:
    """a 2^count; 0 if the count is the width or more."""
    limit = bits_of(a)
    shifted = a << np.minimum(count, limit - 1).astype(a.dtype)
    return np.asarray(np.where(count < limit, shifted, a.dtype.type(0)))


def shift_right(a: Array, count: Array) -> Array:
    """a / 2^count, filled with the sign bit if a is signed; the count is at most the width."""
    limit = bits_of(a)
    shifted = a >> np.minimum(count, limit - 1).astype(a.dtype)
    if a.dtype.kind == "i":
        return np.asarray(shifted)
    return np.asarray(np.where(count < limit, shifted, a.dtype.type(0)))


def funnel_shift(direction: str, beyond: str) -> Callable[[Array, Array, Array], Array]:
    """shf: shift the 64 bits b:a, return the upper (l) or lower (r) 32; wrap or clamp the count."""

    def shift(a: Array, b: Array, count: Array) -> Array:
        n = (count & np.uint32(31)) if beyond == "wrap" else np.minimum(count, np.uint32(32))
        both = b.astype(np.uint64) << np.uint64(32) | a
        moved = both << n.astype(np.uint64) if direction == "l" else both >> n.astype(np.uint64)
        return np.asarray(moved >> np.uint64(32 if direction == "l" else 0)).astype(np.uint32)

    return shift


def count_ones(a: Array) -> Array:
    """popc: the number of bits that are 1."""
    return np.bitwise_count(a).astype(np.uint32)


def leading_zeros(a: Array) -> Array:
    """clz: set all bits below the highest 1, and count the zeros that remain."""
    spread = a
    for n in (1, 2, 4, 8, 16, 32)[: bits_of(a).bit_length() - 1]:
        spread = spread | spread >> a.dtype.type(n)
    return np.bitwise_count(~spread).astype(np.uint32)


def reverse_bits(a: Array) -> Array:
    """brev: swap the halves, then the quarters, ..."""
    ones = (1 << bits_of(a)) - 1
    n = bits_of(a) // 2
    mask = ones
    while n:
        mask ^= mask << n & ones
        high, low = a.dtype.type(ones ^ mask), a.dtype.type(mask)
        a = (a & high) >> a.dtype.type(n) | (a & low) << a.dtype.type(n)
        n //= 2
    return a


def extract_field(a: Array, position: Array, length: Array) -> Array:
    """bfe: `length` bits of a from `position`, extended by zeros or, if signed, by the sign."""
    width = bits_of(a)
    position, length = position & np.uint32(255), length & np.uint32(255)
    kept = np.minimum(length, np.maximum(width - position.astype(np.int64), 0)).astype(np.uint32)
    field = shift_right(unsigned(a), position) & _low_ones(kept, unsigned(a).dtype)
    if a.dtype.kind == "u":
        return field
    last = np.minimum(position.astype(np.int64) + length - 1, width - 1).astype(np.uint32)
    negative = (shift_right(unsigned(a), last) & 1 == 1) & (length > 0)
    return np.where(negative, field | ~_low_ones(kept, field.dtype), field).view(a.dtype)


def insert_field(a: Array, b: Array, position: Array, length: Array) -> Array:
    """bfi: b with `length` bits from `position` replaced by the lowest bits of a."""
    position, length = position & np.uint32(255), length & np.uint32(255)
    mask = shift_left(_low_ones(length, a.dtype), position)
    return np.asarray(b & ~mask | shift_left(a, position) & mask)


def _low_ones(count: Array, dtype: np.dtype[Any]) -> Array:
    one = np.ones(count.shape, dtype)
    return np.asarray(shift_left(one, count) - dtype.type(1))


def permute_bytes(a: Array, b: Array, selector: Array) -> Array:
    """prmt: byte i is the byte of b:a with the index in nibble i, or with bit 3 set, its sign."""
    both = b.astype(np.uint64) << np.uint64(32) | a
    result = np.zeros(np.broadcast_shapes(a.shape, b.shape, selector.shape), np.uint32)
    for i in range(4):
        nibble = selector >> np.uint32(4 * i) & np.uint32(15)
        byte = both >> ((nibble & np.uint32(7)) * 8).astype(np.uint64) & np.uint64(255)
        sign = np.where(byte >= 128, np.uint64(255), np.uint64(0))
        chosen = np.where(nibble >= 8, sign, byte).astype(np.uint32)
        result |= chosen << np.uint32(8 * i)
    return result


def look_up(a: Array, b: Array, c: Array, table: Array) -> Array:
    """lop3: bit i of the result is bit (a_i b_i c_i) of the table."""
    result = np.zeros_like(a & b & c)
    for row in range(8):
        terms = [x if row >> n & 1 else ~x for n, x in ((2, a), (1, b), (0, c))]
        chosen = (table >> np.uint32(row) & np.uint32(1)) == 1
        result = np.where(chosen, result | terms[0] & terms[1] & terms[2], result)
    return result
