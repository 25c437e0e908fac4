"""A forward function and the backward function that should return its gradient.

    L(x_1, ..., x_n) = sum(dy * forward(x_1, ..., x_n))
    backward(dy, x_1, ..., x_n) = (dL/dx_1, ..., dL/dx_n)

Every call receives copies of the inputs, and every result is copied before the next call. A
function that overwrites its inputs or reuses its buffers therefore does not change later results.

A `Line` is L along one direction v of one input, t -> L(x_k + t v). The numeric derivatives are
computed from lines only.
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

NEARBY = 2.0**-6  # largest relative shift of an input in `Pair.nearby`


class GradcheckInputError(UserError):
    """The input cannot be checked. The message is one sentence that says what to change."""


@dataclass(frozen=True)
class Pair:
    """forward and backward at one point: the inputs, their names, y at this point, and dy."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    inputs: tuple[Any, ...]
    names: tuple[str, ...]
    y: Array
    dy: Array

    @property
    def magnitude(self) -> float:
        """sum |dy * y|: the rounding error of a finite difference is proportional to it."""
        return float(np.sum(np.abs(self.dy * self.y)))

    def run(self, k: int, x: Array) -> Array:
        """y = forward(..., x_k = x, ...) with the other inputs unchanged.

        Raises GradcheckInputError if the shape of y differs from its shape at `inputs`.
        """
        arguments = [x if i == k else copy_of(value) for i, value in enumerate(self.inputs)]
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
        """The pair at a slightly shifted point, away from kinks; y is NaN if forward raises."""
        rng = np.random.default_rng(0)
        shifted = tuple(
            value + NEARBY * np.maximum(1.0, np.abs(value)) * rng.uniform(-1.0, 1.0, value.shape)
            if is_floating(value)
            else value
            for value in self.inputs
        )
        pair = replace(self, inputs=shifted, y=np.full_like(self.y, np.nan))
        try:
            return replace(pair, y=pair.run(0, copy_of(shifted[0])))
        except Exception:
            return pair


@dataclass(frozen=True)
class Line:
    """t -> L(x_k + t v), where v is one entry of x_k (a flat index) or a dense array like x_k."""

    pair: Pair
    k: int
    direction: int | Array

    def y(self, t: complex) -> Array:
        """y at x_k + t v. A complex t = ih makes x_k complex and leaves its real part unchanged."""
        x = np.array(self.pair.inputs[self.k], dtype=type(t), order="C")
        if isinstance(self.direction, int):
            x.reshape(-1)[self.direction] += t
        else:
            x += t * self.direction
        return self.pair.run(self.k, x)

    def directional_derivative(self, gradient: Array) -> float:
        """<gradient, v>: the derivative along v if dL/dx_k were `gradient`."""
        if isinstance(self.direction, int):
            return float(gradient.reshape(-1)[self.direction])
        return float(np.sum(gradient * self.direction))

    @property
    def length(self) -> float:
        """The Euclidean norm of v. Errors along v are divided by it."""
        return 1.0 if isinstance(self.direction, int) else float(np.linalg.norm(self.direction))

    @property
    def scale(self) -> float:
        """The smallest power of two >= max(1, |x|). Step sizes along the line are fractions of it.

        |x| is that of the entry moved, or the largest of x_k for a dense direction.
        """
        x = np.abs(self.pair.inputs[self.k])
        size = x.reshape(-1)[self.direction] if isinstance(self.direction, int) else np.max(x)
        return 2.0 ** math.ceil(math.log2(max(1.0, float(size))))

    @property
    def index(self) -> tuple[int, ...] | None:
        """The index of the entry of x_k that the line moves, or None for a dense direction."""
        if not isinstance(self.direction, int):
            return None
        shape = self.pair.inputs[self.k].shape
        return tuple(int(i) for i in np.unravel_index(self.direction, shape))


def promoted(value: Any) -> Any:
    """A floating input as a new float64 array; any other input unchanged.

    Raises GradcheckInputError for complex numbers.
    """
    array = np.asarray(value) if not isinstance(value, (str, bytes)) else None
    if array is not None and array.dtype.kind == "c":
        raise GradcheckInputError(
            "an input contains complex numbers; gradients of real functions are checked at real "
            "inputs, so pass the real and the imaginary part as two inputs."
        )
    return np.array(array, dtype=np.float64) if is_floating(array) else value


def is_floating(value: Any) -> bool:
    """True for an array of floating-point numbers: backward must return its gradient."""
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


def copy_of(value: Any) -> Any:
    """A copy of an array; any other value unchanged."""
    return value.copy() if isinstance(value, np.ndarray) else value


def call_on_copies(function: Callable[..., Any], arguments: Sequence[Any]) -> tuple[Any, list[int]]:
    """Call function on copies of the arguments.

    Returns a copy of the result and the positions of the arguments that function overwrote.
    """
    copies = [copy_of(value) for value in arguments]
    with np.errstate(all="ignore"):
        result = function(*copies)
    kept = tuple(map(copy_of, result)) if isinstance(result, (tuple, list)) else copy_of(result)
    pairs = enumerate(zip(arguments, copies, strict=True))
    return kept, [
        i for i, (a, b) in pairs if isinstance(a, np.ndarray) and a.tobytes() != b.tobytes()
    ]


def output_of(result: Any) -> Array:
    """The result of forward as a floating array. Raises GradcheckInputError if it is not one."""
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


def random_dy(shape: tuple[int, ...], seed: int) -> Array:
    """dy with |dy_i| uniform on [0.5, 1.5) and random signs: no entry of y has a weight near 0."""
    rng = np.random.default_rng(seed)
    sign = np.where(rng.random(shape) < 0.5, -1.0, 1.0)
    return np.asarray(sign * (0.5 + rng.random(shape)))
