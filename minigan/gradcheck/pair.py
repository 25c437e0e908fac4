"""The pair under test: a function, and the function that claims to be its gradient.

    L(x_1, ..., x_n) = sum(dy * forward(x_1, ..., x_n))
    backward(dy, x_1, ..., x_n) = (dL/dx_1, ..., dL/dx_n)

Every call gets fresh copies of the inputs and every result is copied at once, so that a function
that overwrites its inputs or uses its buffers again cannot spoil the next call. A `Line` is L along
one direction v of one input, t -> L(x_k + t v): all that a numeric derivative needs to see.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.errors import UserError

NEARBY = 2.0**-6


class GradcheckInputError(UserError):
    """What was handed over cannot be checked; the message says in one sentence what to change."""


@dataclass(frozen=True)
class Pair:
    """forward and backward at one point: the inputs with their names, y there, and the fixed dy."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    inputs: tuple[Any, ...]
    names: tuple[str, ...]
    y: Array
    dy: Array

    @property
    def magnitude(self) -> float:
        """sum |dy * y|: the size of the numbers whose rounding a finite difference magnifies."""
        return float(np.sum(np.abs(self.dy * self.y)))

    def run(self, k: int, x: Array) -> Array:
        """y = forward(..., x_k = x, ...), the other inputs as they are."""
        arguments = [x if i == k else fresh(value) for i, value in enumerate(self.inputs)]
        with np.errstate(all="ignore"):
            y = np.array(self.forward(*arguments))
        if y.shape != self.dy.shape:
            raise GradcheckInputError(
                f"forward returned shape {y.shape} after a small change of {self.names[k]}, and "
                f"{self.dy.shape} before; its shape must not depend on the values of the inputs."
            )
        return y

    @cached_property
    def nearby(self) -> Pair:
        """The pair at a point a little off, where no kink is met; y is NaN if forward refuses."""
        rng = np.random.default_rng(0)
        moved = tuple(
            value + NEARBY * np.maximum(1.0, np.abs(value)) * rng.uniform(-1.0, 1.0, value.shape)
            if is_floating(value)
            else value
            for value in self.inputs
        )
        there = replace(self, inputs=moved, y=np.full_like(self.y, np.nan))
        try:
            return replace(there, y=there.run(0, fresh(moved[0])))
        except Exception:
            return there


@dataclass(frozen=True)
class Line:
    """t -> L(x_k + t v), where v is one entry of x_k (a flat index) or a dense array like x_k."""

    pair: Pair
    k: int
    direction: int | Array

    def y(self, t: complex) -> Array:
        """y at x_k + t v; a complex t makes x_k complex, and t v keeps its real part exactly 0."""
        x = np.array(self.pair.inputs[self.k], dtype=type(t), order="C")
        if isinstance(self.direction, int):
            x.reshape(-1)[self.direction] += t
        else:
            x += t * self.direction
        return self.pair.run(self.k, x)

    def along(self, gradient: Array) -> float:
        """The derivative along v that a gradient claims: <gradient, v>."""
        if isinstance(self.direction, int):
            return float(gradient.reshape(-1)[self.direction])
        return float(np.sum(gradient * self.direction))

    @property
    def length(self) -> float:
        """The Euclidean norm of v: errors along v are measured in units of it."""
        return 1.0 if isinstance(self.direction, int) else float(np.linalg.norm(self.direction))

    @property
    def unit(self) -> float:
        """The power of two just above max(1, |x|): steps along the line are fractions of it."""
        x = np.abs(self.pair.inputs[self.k])
        here = x.reshape(-1)[self.direction] if isinstance(self.direction, int) else np.max(x)
        return 2.0 ** math.ceil(math.log2(max(1.0, float(here))))

    @property
    def index(self) -> tuple[int, ...] | None:
        """The entry of x_k that the line moves, or None for a dense direction."""
        if not isinstance(self.direction, int):
            return None
        shape = self.pair.inputs[self.k].shape
        return tuple(int(i) for i in np.unravel_index(self.direction, shape))


def promoted(value: Any) -> Any:
    """A floating input as a float64 array; integers, booleans and anything else untouched."""
    array = np.asarray(value) if not isinstance(value, (str, bytes)) else None
    if array is not None and array.dtype.kind == "c":
        raise GradcheckInputError(
            "an input holds complex numbers; gradients of real functions are checked at real "
            "inputs, so pass the real and the imaginary part as two inputs."
        )
    return np.array(array, dtype=np.float64) if is_floating(array) else value


def is_floating(value: Any) -> bool:
    """Does backward owe a gradient for this input? True for arrays of floating numbers."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def fresh(value: Any) -> Any:
    """A copy of an array; anything else is handed on as it is."""
    return value.copy() if isinstance(value, np.ndarray) else value


def watched(function: Callable[..., Any], arguments: Sequence[Any]) -> tuple[Any, list[int]]:
    """The result of function on copies of the arguments, and which of the copies it overwrote."""
    copies = [fresh(value) for value in arguments]
    with np.errstate(all="ignore"):
        result = function(*copies)
    kept = tuple(map(fresh, result)) if isinstance(result, (tuple, list)) else fresh(result)
    pairs = enumerate(zip(arguments, copies, strict=True))
    return kept, [
        i for i, (a, b) in pairs if isinstance(a, np.ndarray) and a.tobytes() != b.tobytes()
    ]


def output_of(result: Any) -> Array:
    """What forward returned, as a floating array; GradcheckInputError for anything else."""
    if isinstance(result, (tuple, list)):
        raise GradcheckInputError(
            f"forward returned a {type(result).__name__} of {len(result)} items; "
            "it must return one array or one number."
        )
    y = np.asarray(result)
    if y.dtype.kind != "f":
        raise GradcheckInputError(
            f"forward returned {y.dtype} for real inputs; it must return real floating numbers."
        )
    return y


def upstream(shape: tuple[int, ...], seed: int) -> Array:
    """dy: random signs times uniform numbers from [0.5, 1.5), so that no entry of y is ignored."""
    rng = np.random.default_rng(seed)
    sign = np.where(rng.random(shape) < 0.5, -1.0, 1.0)
    return np.asarray(sign * (0.5 + rng.random(shape)))
