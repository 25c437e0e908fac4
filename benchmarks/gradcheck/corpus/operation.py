"""An operation: a forward function, its right backward function, and the bugs planted in copies.

    y = forward(x_1, ..., x_n)        backward(dy, x_1, ..., x_n) = (dx_1, ..., dx_n)

backward returns one gradient per floating input, in order; a bare array if there is only one.

    @operation                                    the forward function gives the name
    def linear(x, W, b): ...
    @linear.inputs                                draws a point; the keyword arguments are lengths,
    def _(rng, m=5, n=4, u=3, scale=1.0): ...     scales and options, each with a usual value
    @linear.gradient                              the right backward function
    def _(dy, x, W, b): ...
    @linear.bug(TRANSPOSED)                       a wrong one, and what a helpful diagnosis says
    def weights_transposed(dy, x, W, b): ...
    linear.spoil("bias_sign", SIGN, b=lambda db: -db)         the same for one right gradient, g(db)
    linear.right("any_shape", m=(1, 6), scale=(1e-6, 1e6))    right gradients at random points
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from corpus.claims import CLAIMS

Function = Callable[..., Any]
POINTS = 3  # points at which a bug is looked for; the example of a bug draws each of them
OPERATIONS: list[Operation] = []


@dataclass(frozen=True)
class Case:
    """forward and backward, and the function that draws a point. A right gradient has one point."""

    name: str
    forward: Function
    backward: Function
    example: Callable[[np.random.Generator], tuple[Any, ...]]
    seed: int = 0
    points: int = 1

    def inputs(self) -> list[tuple[Any, ...]]:
        """The inputs at every point, the same in each call."""
        return [
            self.example(np.random.default_rng([2014, self.seed, point]))
            for point in range(self.points)
        ]

    def names(self, inputs: tuple[Any, ...]) -> list[str]:
        """The names of the floating inputs."""
        parameters = inspect.signature(self.forward).parameters
        return [name for name, x in zip(parameters, inputs, strict=True) if is_floating(x)]


@dataclass(frozen=True)
class Bug(Case):
    """A wrong backward function at POINTS points.

    `explains` are the statements that a helpful diagnosis makes (any one of them), and `false`
    those that are not true. `right` is the case with the right backward function.
    """

    explains: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
    right: Case | None = None


@dataclass(frozen=True)
class Family:
    """Right gradients at random points: one case per seed."""

    operation: Operation
    name: str
    example: Callable[[np.random.Generator], tuple[Any, ...]]

    def case(self, seed: int) -> Case:
        """The case of this seed."""
        return Case(
            f"{self.name}/{seed}",
            self.operation.forward,
            self.operation.backward,
            self.example,
            seed,
        )


class Operation:
    """A forward function with its right backward function, its bugs and its families of points."""

    def __init__(self, forward: Function, name: str) -> None:
        self.forward, self.name = forward, name
        self.backward: Function = forward
        self.draw: Function = forward
        self.bugs: list[Bug] = []
        self.families: list[Family] = []
        OPERATIONS.append(self)

    def inputs(self, draw: Function) -> Function:
        """Decorate the function that draws a point: draw(rng, **lengths and scales)."""
        self.draw = draw
        self.families.append(Family(self, f"{self.name}/usual", draw))
        return draw

    def gradient(self, backward: Function) -> Function:
        """Decorate the right backward function."""
        self.backward = backward
        return backward

    def bug(self, *explains: str, also: tuple[str, ...] = (), at: Function | None = None) -> Any:
        """Decorate a wrong backward function, which gives the bug its name.

        `also` are other statements that are true but do not explain the bug. `at` draws its points,
        if it is not visible at the usual ones.
        """

        def plant(backward: Function) -> Function:
            false = tuple(claim for claim in CLAIMS if claim not in (*explains, *also))
            name, example = f"{self.name}/{backward.__name__}", at or self.draw
            right = Case(name, self.forward, self.backward, example, 0, POINTS)
            planted = Bug(name, self.forward, backward, example, 0, POINTS, explains, false, right)
            self.bugs.append(planted)
            return backward

        return plant

    def spoil(
        self,
        name: str,
        *explains: str,
        also: tuple[str, ...] = (),
        at: Function | None = None,
        **changed: Function,
    ) -> None:
        """Plant a bug: the right gradients of the named inputs, each changed by a function."""

        of = Case(self.name, self.forward, self.backward, self.draw)

        def backward(dy: Any, *inputs: Any) -> Any:
            found = self.backward(dy, *inputs)
            found = found if isinstance(found, tuple) else (found,)
            gradients = [
                changed[name](g) if name in changed else g
                for name, g in zip(of.names(inputs), found, strict=True)
            ]
            return tuple(gradients) if len(gradients) > 1 else gradients[0]

        backward.__name__ = name
        self.bug(*explains, also=also, at=at)(backward)

    def right(self, family: str, **ranges: Any) -> None:
        """Add right gradients at random points.

        A range (low, high) of integers is drawn uniformly, both included; one of floating numbers
        uniformly in its logarithm. Anything else is passed on unchanged.
        """

        def example(rng: np.random.Generator) -> tuple[Any, ...]:
            values = {name: drawn(rng, choice) for name, choice in ranges.items()}
            point: tuple[Any, ...] = self.draw(rng, **values)
            return point

        self.families.append(Family(self, f"{self.name}/{family}", example))

    def point(self, example: Function) -> Function:
        """Decorate a function example(rng) that draws points of right gradients."""
        self.families.append(Family(self, f"{self.name}/{example.__name__}", example))
        return example

    def form(self, name: str, forward: Function) -> Operation:
        """Another implementation of the same function, with the same gradient and points."""
        other = Operation(forward, f"{self.name}_{name}")
        other.inputs(self.draw)
        other.backward = self.backward
        return other


def operation(forward: Function) -> Operation:
    """Decorate a forward function: it becomes an `Operation` of the same name."""
    return Operation(forward, forward.__name__)


def drawn(rng: np.random.Generator, choice: Any) -> Any:
    """A number in the range `choice`, as described in `Operation.right`."""
    if not isinstance(choice, tuple):
        return choice
    low, high = choice
    if isinstance(low, int):
        return int(rng.integers(low, high + 1))
    return math.exp(rng.uniform(math.log(low), math.log(high)))


def is_floating(x: Any) -> bool:
    """Is x an array of floating-point numbers? Of these, backward returns the gradient."""
    return isinstance(x, np.ndarray) and x.dtype.kind == "f"
