"""cvt: conversion of a number to another type, with rounding and saturation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from softgpu.dtypes import DTYPES
from softgpu.faults import Array, Unsupported
from softgpu.rounding import flush, saturate, to_float32

TO_INTEGER: dict[str, Callable[[Array], Array]] = {
    "rni": np.rint,
    "rzi": np.trunc,
    "rmi": np.floor,
    "rpi": np.ceil,
}
TO_FLOAT = ("rn", "rz", "rm", "rp")
Convert = Callable[[Array], Array]


def conversion(modifiers: tuple[str, ...]) -> tuple[Convert, str, str]:
    """The function of cvt with these modifiers, and the types of its result and operand.

    Raises:
        Unsupported: the interpreter does not implement a modifier or a type.
    """
    types = [m for m in modifiers if m in DTYPES]
    rest = [m for m in modifiers if m not in DTYPES]
    ftz, sat = "ftz" in rest, "sat" in rest
    modes = [m for m in rest if m not in ("ftz", "sat")]
    known = len(types) == 2 and len(modes) <= 1
    if not known or not set(modes) <= {*TO_INTEGER, *TO_FLOAT}:
        raise Unsupported("unknown conversion")
    target, source = types
    mode = modes[0] if modes else ""
    convert = _choose(DTYPES[target], DTYPES[source], mode, sat)

    def convert_and_flush(x: Array) -> Array:
        y = convert(flush(x) if ftz and source == "f32" else x)
        y = saturate(y) if sat and target[0] == "f" else y
        return flush(y) if ftz and target == "f32" else y

    return convert_and_flush, target, source


def _choose(target: np.dtype[Any], source: np.dtype[Any], mode: str, sat: bool) -> Convert:
    into_float, from_float = target.kind == "f", source.kind == "f"
    if from_float and not into_float:
        if mode not in TO_INTEGER:
            raise Unsupported("a conversion from float to integer needs rni, rzi, rmi or rpi")
        return lambda x: float_to_integer(TO_INTEGER[mode](x), target)
    if from_float and mode in TO_INTEGER:
        return lambda x: TO_INTEGER[mode](x).astype(target)
    if into_float and mode not in ("", "rn"):
        if target != np.float32 or (source.kind != "f" and source.itemsize > 4):
            raise Unsupported("this conversion is modelled only with rn")
        return lambda x: to_float32(x.astype(np.float64), mode)
    if into_float or not sat:
        return lambda x: x.astype(target)
    return lambda x: integer_saturated(x, target)


def float_to_integer(whole: Array, target: np.dtype[Any]) -> Array:
    """Convert whole floats to an integer type, clamped to its range.

    NaN becomes 0, or 2^(bits - 1) if the source or the target has 64 bits.
    """
    info = np.iinfo(target)
    x = whole.astype(np.float64)
    inside = (x > float(info.min)) & (x < float(info.max))
    result = np.where(inside, x, 0).astype(target)
    result = np.where(~inside & (x > 0), target.type(info.max), result)
    result = np.where(~inside & (x < 0), target.type(info.min), result)
    if target.itemsize == 8 or whole.dtype == np.float64:
        nan = np.array(1 << 8 * target.itemsize - 1, np.uint64).astype(target)
        result = np.where(np.isnan(x), nan, result)
    return result


def integer_saturated(x: Array, target: np.dtype[Any]) -> Array:
    """Convert integers to an integer type, clamped to its range."""
    low = max(np.iinfo(target).min, np.iinfo(x.dtype).min)
    high = min(np.iinfo(target).max, np.iinfo(x.dtype).max)
    return np.clip(x, x.dtype.type(low), x.dtype.type(high)).astype(target)
