"""A forward function and its backward function at one point.

    L(x_1, ..., x_n) = sum(dy * forward(x_1, ..., x_n))
    backward(dy, x_1, ..., x_n) = (dL/dx_1, ..., dL/dx_n)

Inputs, outputs and gradients may be nested; a `Pair` has the leaves of the inputs, one flat vector
y of all outputs, and one gradient for each leaf. Every call receives new copies of the inputs. A
function that overwrites its inputs or reuses its buffers therefore does not change later results.

A `Line` is L along one direction v of one leaf, t -> L(x_k + t v). The numeric derivatives are
computed from lines only.
"""

from __future__ import annotations

import math
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.leaf import GradcheckInputError, Leaf
from minigan.gradcheck.vector import epsilon_of, in_structure, vector_of


class TimeOverError(BaseException):
    """The time of the check is over. No `except Exception` around a call of forward catches it."""


class Functions(Protocol):
    """How forward and backward are called: see `calls.py` and `objects.py`."""

    def forward(self, inputs: Sequence[Any]) -> Any:
        """y, from the leaves of the inputs."""

    def backward(self, dy: Any, inputs: Sequence[Any]) -> list[Any]:
        """The gradient of each leaf; None where there is none. dy is built like y."""


@dataclass(frozen=True)
class Pair:
    """forward and backward at one point: the leaves of the inputs, y and dy.

    `outputs` is what forward returned there; `y` and `dy` are flat float64 vectors of all its
    numbers. `epsilon` is the rounding unit of the least precise output. `noise` keeps the rounding
    noise of y for each leaf, once it is measured. No function is called after `deadline`, a time
    of `time.perf_counter`.

    An `extended` pair has the same numbers in long double, with the same functions.
    """

    functions: Functions
    leaves: tuple[Leaf, ...]
    outputs: Any
    y: Array
    dy: Array
    epsilon: float
    noise: dict[int, Array] = field(default_factory=dict, compare=False, repr=False)
    deadline: float = math.inf

    @property
    def floating(self) -> list[int]:
        """The positions of the leaves that have a gradient."""
        return [k for k, leaf in enumerate(self.leaves) if leaf.floating]

    def inputs(self, k: int = -1, x: Array | None = None) -> list[Any]:
        """New copies of all leaves; leaf k with the numbers x."""
        return [leaf.given(x if i == k else None) for i, leaf in enumerate(self.leaves)]

    def run(self, k: int, x: Array) -> Array:
        """y where leaf k has the numbers x and the other inputs are unchanged.

        Raises GradcheckInputError if the shape of y differs from its shape at the point.
        """
        self.require_time()
        y = vector_of(self.functions.forward(self.inputs(k, x)), x.dtype.kind)
        if y.shape != self.dy.shape:
            raise GradcheckInputError(
                f"forward returned {y.size} numbers after a small change of {self.leaves[k].name}, "
                f"and {self.dy.size} before; its shape must not depend on the values of the inputs."
            )
        return y

    def require_time(self) -> None:
        """Raises TimeOverError after the deadline."""
        if time.perf_counter() > self.deadline:
            raise TimeOverError

    def run_or_nan(self, k: int, x: Array) -> Array:
        """The same, but NaN where forward raises: x may be outside its domain."""
        try:
            return self.run(k, x)
        except GradcheckInputError:
            raise
        except Exception:  # the call at the point itself succeeded
            return np.full_like(self.dy, np.nan)

    def gradients(self, dy: Array, inputs: Sequence[Any] | None = None) -> list[Any]:
        """The gradient of each leaf, as backward returns it for this dy."""
        self.require_time()
        inputs = self.inputs() if inputs is None else inputs
        return self.functions.backward(self.as_outputs(dy), inputs)

    def as_outputs(self, dy: Array) -> Any:
        """A flat dy in the structure and the shapes of the outputs."""
        return in_structure(self.outputs, dy)

    def at(self, moved: Callable[[Array], Array]) -> Pair:
        """The pair where each floating leaf has the numbers moved(x); y is NaN if forward raises
        there."""
        leaves = tuple(
            replace(leaf, numbers=moved(leaf.x)) if leaf.floating else leaf for leaf in self.leaves
        )
        pair, k = replace(self, leaves=leaves, noise={}), self.floating[0]
        return replace(pair, y=pair.run_or_nan(k, leaves[k].x))

    @cached_property
    def extended(self) -> Pair:
        """The pair in long double, with 11 more bits on most x86 machines, for differences; the
        pair itself where forward does not return long double, or where there is no such type."""
        precise = np.finfo(np.longdouble)
        if self.epsilon > np.finfo(np.float64).eps or precise.eps >= np.finfo(np.float64).eps:
            return self
        pair = self.at(lambda x: x.astype(np.longdouble))
        same = np.allclose(pair.y.astype(float), self.y, rtol=1e-6, atol=0.0)
        if pair.y.dtype != np.longdouble or not same:
            return self
        return replace(pair, epsilon=float(precise.eps))


@dataclass(frozen=True)
class Line:
    """t -> L(x_k + t v), where v is one entry of x_k (a flat index) or a dense array like x_k."""

    pair: Pair
    k: int
    direction: int | Array

    def y(self, t: complex) -> Array:
        """y at x_k + t v. A complex t = ih leaves the real part of x_k unchanged."""
        return self.pair.run(self.k, self.point(t))

    def y_or_nan(self, t: float) -> Array:
        """y at a real point of the line; NaN where forward raises."""
        return self.pair.run_or_nan(self.k, self.point(t))

    def point(self, t: complex) -> Array:
        """x_k + t v."""
        x = self.pair.leaves[self.k].x
        moved = np.array(x, dtype=complex if isinstance(t, complex) else x.dtype, order="C")
        if isinstance(self.direction, int):
            moved.reshape(-1)[self.direction] += t
        else:
            moved += t * self.direction
        return moved

    def along(self, gradient: Array) -> float:
        """<gradient, v> / |v|: the derivative along v if dL/dx_k were `gradient`."""
        if isinstance(self.direction, int):
            return float(gradient.reshape(-1)[self.direction])
        return float(np.sum(gradient * (self.direction / self.length)))

    @cached_property
    def length(self) -> float:
        """The Euclidean norm of v, which derivatives along v are divided by; 1 if x_k is empty."""
        if isinstance(self.direction, int):
            return 1.0
        unit = float(np.max(np.abs(self.direction), initial=0.0)) or 1.0
        return unit * float(np.linalg.norm(self.direction / unit)) or 1.0  # no square overflows

    @property
    def index(self) -> tuple[int, ...] | None:
        """The index of the entry of x_k that the line moves, or None for a dense direction."""
        if not isinstance(self.direction, int):
            return None
        shape = self.pair.leaves[self.k].x.shape
        return tuple(int(i) for i in np.unravel_index(self.direction, shape))


def pair_at(
    functions: Functions, leaves: Sequence[Leaf], seed: int, deadline: float = math.inf
) -> Pair:
    """Call forward once and draw dy. Raises GradcheckInputError if y is not floating."""
    try:
        outputs = functions.forward([leaf.given() for leaf in leaves])
    except Exception as error:
        leaves = [replace(leaf, promoted=False) for leaf in leaves]
        try:  # forward may accept nothing but float32
            outputs = functions.forward([leaf.given() for leaf in leaves])
        except Exception:
            raise error from None
    y = vector_of(outputs, "f")
    dy = random_dy(y.size, seed)
    epsilon = epsilon_of(outputs)
    return Pair(functions, tuple(leaves), outputs, y, dy, epsilon, deadline=deadline)


@contextmanager
def quiet() -> Iterator[None]:
    """A block without NumPy's floating-point warnings, and without ComplexWarning."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", np.exceptions.ComplexWarning)
        yield


def random_dy(size: int, seed: int) -> Array:
    """dy with |dy_i| uniform on [0.5, 1.5) and random signs: no entry of y has a weight near 0."""
    rng = np.random.default_rng(seed)
    sign = np.where(rng.random(size) < 0.5, -1.0, 1.0)
    return np.asarray(sign * (0.5 + rng.random(size)))
