"""The operators of the stand-in's array except ==: each calls the ufunc with its name.

x + y = cupy.add(x, y)        y - x = cupy.subtract(y, x)        x += y is cupy.add(x, y, x)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

BINARY = {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "matmul": "matmul",
    "truediv": "true_divide",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "power",
    "lshift": "left_shift",
    "rshift": "right_shift",
    "and": "bitwise_and",
    "or": "bitwise_or",
    "xor": "bitwise_xor",
}
COMPARISONS = {
    "lt": "less",
    "le": "less_equal",
    "ne": "not_equal",
    "gt": "greater",
    "ge": "greater_equal",
}
UNARY = {"neg": "negative", "pos": "positive", "abs": "absolute", "invert": "invert"}


def _asking(call: Callable[[Any, str, tuple[Any, ...]], Any], name: str) -> Callable[..., Any]:
    return lambda self, *other: call(self, name, other)


def _forward(x: Any, name: str, other: tuple[Any, ...]) -> Any:
    return getattr(x.cupy, name)(x, *other)


def _reflected(x: Any, name: str, other: tuple[Any, ...]) -> Any:
    return getattr(x.cupy, name)(*other, x)


def _in_place(x: Any, name: str, other: tuple[Any, ...]) -> Any:
    return getattr(x.cupy, name)(x, *other, out=x)


def with_operators(array: type) -> type:
    """Add the operators to a class, whose attribute `cupy` must be the stand-in's module."""
    for name, ufunc in (BINARY | COMPARISONS | UNARY).items():
        setattr(array, f"__{name}__", _asking(_forward, ufunc))
    for name, ufunc in BINARY.items():
        setattr(array, f"__r{name}__", _asking(_reflected, ufunc))
        setattr(array, f"__i{name}__", _asking(_in_place, ufunc))
    return array
