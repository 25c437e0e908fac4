"""Each layer as a frozen description: which shapes it has, and which pure functions it calls.

A description holds no arrays. A network asks it

    width(n)      how many outputs for n inputs?       (refuses an n that it cannot take)
    shapes(n)     which parameters, of which shapes?   (a linear layer alone has any)
    dropout       does it need a mask?

and hands it, for each pass, its named parameters and a `Step`: the layer's page in a trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from minigan.arrays import Array
from minigan.layers import dropout, linear, maxout, relu, sigmoid

Theta: TypeAlias = Mapping[str, Array]


@dataclass
class Step:
    """What one layer read and wrote in one forward pass, and where its backward pass writes."""

    x: Array
    y: Array
    dx: Array
    mask: Array | None = None


@dataclass(frozen=True)
class Linear:
    """y = x W + b with `units` outputs; W starts uniform on (-spread, spread), b at 0."""

    units: int
    spread: float

    def width(self, n: int) -> int:
        """Any number of inputs gives `units` outputs."""
        return self.units

    def shapes(self, n: int) -> dict[str, tuple[int, ...]]:
        """W (n, units) and b (units,)."""
        return {"W": (n, self.units), "b": (self.units,)}

    def forward(self, theta: Theta, step: Step) -> Array:
        """y = x W + b."""
        return linear.forward(step.x, theta["W"], theta["b"], out=step.y)

    def backward_input(self, theta: Theta, step: Step, dy: Array) -> Array:
        """dx = dy W^T."""
        return linear.backward_input(dy, theta["W"], out=step.dx)

    def backward_params(self, dtheta: Theta, step: Step, dy: Array) -> None:
        """dW = x^T dy and db = sum of dy over rows, written into dtheta."""
        linear.backward_params(dy, step.x, out=(dtheta["W"], dtheta["b"]))


@dataclass(frozen=True)
class _Elementwise:
    """What layers without parameters share: as many outputs as inputs, nothing to learn."""

    def width(self, n: int) -> int:
        """n inputs give n outputs."""
        return n

    def shapes(self, n: int) -> dict[str, tuple[int, ...]]:
        """No parameters."""
        return {}

    def backward_params(self, dtheta: Theta, step: Step, dy: Array) -> None:
        """Nothing to write."""


@dataclass(frozen=True)
class ReLU(_Elementwise):
    """y = max(0, x)."""

    def forward(self, theta: Theta, step: Step) -> Array:
        """y = max(0, x)."""
        return relu.forward(step.x, out=step.y)

    def backward_input(self, theta: Theta, step: Step, dy: Array) -> Array:
        """dx = dy * [y > 0]."""
        return relu.backward_input(dy, step.y, out=step.dx)


@dataclass(frozen=True)
class Sigmoid(_Elementwise):
    """y = sigma(x)."""

    def forward(self, theta: Theta, step: Step) -> Array:
        """y = sigma(x)."""
        return sigmoid.forward(step.x, out=step.y)

    def backward_input(self, theta: Theta, step: Step, dy: Array) -> Array:
        """dx = dy * sigma(x) * sigma(-x)."""
        return sigmoid.backward_input(dy, step.x, out=step.dx)


@dataclass(frozen=True)
class Maxout(_Elementwise):
    """y_j = max over `pieces` of x, for `units` units; stands after Linear(units * pieces)."""

    units: int
    pieces: int

    def width(self, n: int) -> int:
        """n = units * pieces inputs give `units` outputs; raises ValueError for another n."""
        if n != self.units * self.pieces:
            raise ValueError(
                f"Maxout of {self.units} units with {self.pieces} pieces needs "
                f"{self.units * self.pieces} inputs, not {n}"
            )
        return self.units

    def forward(self, theta: Theta, step: Step) -> Array:
        """y_j = max_p x_pj."""
        return maxout.forward(step.x, self.pieces, out=step.y)

    def backward_input(self, theta: Theta, step: Step, dy: Array) -> Array:
        """dx_pj = dy_j for the first piece that attains the maximum, else 0."""
        return maxout.backward_input(dy, step.x, step.y, self.pieces, out=step.dx)


@dataclass(frozen=True)
class Dropout(_Elementwise):
    """y = x * mask / keep; without a mask, y = x."""

    keep: float

    def forward(self, theta: Theta, step: Step) -> Array:
        """y = x * mask / keep, or x itself where the pass has no masks."""
        if step.mask is None:
            return step.x
        return dropout.forward(step.x, step.mask, self.keep, out=step.y)

    def backward_input(self, theta: Theta, step: Step, dy: Array) -> Array:
        """dx = dy * mask / keep, or dy itself where the pass had no masks."""
        if step.mask is None:
            return dy
        return dropout.backward_input(dy, step.mask, self.keep, out=step.dx)


Layer: TypeAlias = Linear | ReLU | Sigmoid | Maxout | Dropout
