"""Tables that map an instruction's name to a function of arrays.

A name is the opcode with its modifiers, without the type, `ftz`, `sat` and `rn`, which have the
same meaning in every instruction. One letter gives the type of each source and of the result: t the
instruction's type, w twice its width, u unsigned 32 bits, p predicate.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from softgpu import floats, integers, rounding
from softgpu.faults import Array, Unsupported


class Operation(NamedTuple):
    """A function of arrays, and the types of its sources and its result."""

    function: Callable[..., Array]
    sources: str = "tt"
    result: str = "t"


def select(a: Array, b: Array, condition: Array) -> Array:
    """a where the condition is true, else b."""
    return np.where(condition, a, b)


def comparison(name: str) -> Callable[[Array, Array], Array]:
    """If an operand is NaN: lt, ... are False, ltu, ... True, num False, and nan True."""
    if name in ("num", "nan"):
        return lambda a, b: (np.isnan(a) | np.isnan(b)) == (name == "nan")
    compare: Callable[[Array, Array], Array] = COMPARE[name.removesuffix("u")]
    if name.endswith("u"):
        return lambda a, b: compare(a, b) | np.isnan(a) | np.isnan(b)
    if name == "ne":
        return lambda a, b: (a != b) & (a == a) & (b == b)
    return compare


COMPARE: dict[str, Callable[[Array, Array], Array]] = {
    "eq": np.equal,
    "ne": np.not_equal,
    "lt": np.less,
    "le": np.less_equal,
    "gt": np.greater,
    "ge": np.greater_equal,
}
UNSIGNED_COMPARE = {"lo": "lt", "ls": "le", "hi": "gt", "hs": "ge"}
LOGIC: dict[str, Callable[[Array, Array], Array]] = {
    "and": operator.and_,
    "or": operator.or_,
    "xor": operator.xor,
}

BITS = {
    **{name: Operation(function) for name, function in LOGIC.items()},
    "not": Operation(operator.invert, "t"),
    "mov": Operation(np.asarray, "t"),
    "selp": Operation(select, "ttp"),
    "shl": Operation(integers.shift_left, "tu"),
    "shr": Operation(integers.shift_right, "tu"),
    "popc": Operation(integers.count_ones, "t", "u"),
    "clz": Operation(integers.leading_zeros, "t", "u"),
    "brev": Operation(integers.reverse_bits, "t"),
    "bfi": Operation(integers.insert_field, "ttuu"),
    "prmt": Operation(integers.permute_bytes, "ttt"),
    "lop3": Operation(integers.look_up, "tttu"),
    **{
        f"shf.{direction}.{beyond}": Operation(integers.funnel_shift(direction, beyond), "ttu")
        for direction in "lr"
        for beyond in ("wrap", "clamp")
    },
}
INTEGERS = {
    "add": Operation(np.add),
    "sub": Operation(np.subtract),
    "mul.lo": Operation(np.multiply),
    "mul.hi": Operation(integers.multiply_high),
    "mul.wide": Operation(integers.multiply_wide, "tt", "w"),
    "mad.lo": Operation(lambda a, b, c: a * b + c, "ttt"),
    "mad.hi": Operation(lambda a, b, c: integers.multiply_high(a, b) + c, "ttt"),
    "mad.wide": Operation(lambda a, b, c: integers.multiply_wide(a, b) + c, "ttw", "w"),
    "div": Operation(integers.divide),
    "rem": Operation(integers.remainder),
    "min": Operation(np.minimum),
    "max": Operation(np.maximum),
    "neg": Operation(np.negative, "t"),
    "abs": Operation(np.abs, "t"),
    "bfe": Operation(integers.extract_field, "tuu"),
    "cvta": Operation(np.asarray, "t"),
    **{
        f"cvta.{to}{space}": Operation(np.asarray, "t")
        for to in ("", "to.")
        for space in ("global", "shared", "local", "const", "param")
    },
}
FLOATS = {
    "add": Operation(np.add),
    "sub": Operation(np.subtract),
    "mul": Operation(np.multiply),
    "div": Operation(np.divide),
    "div.full": Operation(np.divide),
    "div.approx": Operation(np.divide),
    "rcp": Operation(floats.reciprocal, "t"),
    "rcp.approx": Operation(floats.reciprocal, "t"),
    "sqrt": Operation(np.sqrt, "t"),
    "sqrt.approx": Operation(np.sqrt, "t"),
    "rsqrt.approx": Operation(floats.exactly(floats.reciprocal_root), "t"),
    "ex2.approx": Operation(floats.exactly(np.exp2), "t"),
    "lg2.approx": Operation(floats.exactly(np.log2), "t"),
    "sin.approx": Operation(floats.exactly(np.sin), "t"),
    "cos.approx": Operation(floats.exactly(np.cos), "t"),
    "tanh.approx": Operation(floats.exactly(np.tanh), "t"),
    "min": Operation(floats.minimum),
    "max": Operation(floats.maximum),
    "min.NaN": Operation(floats.minimum_nan),
    "max.NaN": Operation(floats.maximum_nan),
    "neg": Operation(np.negative, "t"),
    "abs": Operation(np.abs, "t"),
    "copysign": Operation(floats.copy_sign),
}
FLOAT32 = {
    "fma": Operation(rounding.fma("rn"), "ttt"),
    **{f"fma.{mode}": Operation(rounding.fma(mode), "ttt") for mode in ("rz", "rm", "rp")},
    **{f"add.{mode}": Operation(rounding.add(mode)) for mode in ("rz", "rm", "rp")},
    **{f"sub.{mode}": Operation(rounding.subtract(mode)) for mode in ("rz", "rm", "rp")},
    **{f"mul.{mode}": Operation(rounding.multiply(mode)) for mode in ("rz", "rm", "rp")},
}


def look_up(name: str, kind: str) -> Operation:
    """The operation with this name on this type.

    Raises:
        Unsupported: there is no such operation.
    """
    tables = [BITS]
    if kind[0] == "f":
        tables = [FLOATS, FLOAT32 if kind == "f32" else {}, {n: BITS[n] for n in ("mov", "selp")}]
    elif kind[0] in "us":
        tables = [BITS, INTEGERS]
    elif kind == "pred":
        tables = [{n: BITS[n] for n in ("mov", "not", *LOGIC)}]
    for table in tables:
        if name in table:
            return table[name]
    raise Unsupported("unknown instruction")
