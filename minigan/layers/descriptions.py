"""Each layer as a frozen description: which shapes it has, and which pure functions it calls.

A description holds no arrays. A network asks it

    width(n)      how many outputs for n inputs?       (refuses an n that it cannot take)
    shapes(n)     which parameters, of which shapes?   (a linear layer alone has any)

and hands it, for each pass, its own parameters by their short names and its `Page` of the trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from minigan.arrays import Array
from minigan.layers import dropout, linear, maxout, relu, sigmoid

Theta: TypeAlias = Mapping[str, Array]  # of one layer: W and b, or nothing


@dataclass
class Page:
    """What one layer read and wrote in one forward pass, and where its backward pass writes.

    A layer's y is the next layer's x. Dropout without a mask writes nothing: it hands x on.
    """

    x: Array
    y: Array
    dx: Array
    mask: Array | None = None


@dataclass(frozen=True)
class Linear:
    """y = x W + b with `units` outputs; W starts uniform on [-spread, spread), b at 0."""

    units: int
    spread: float

    def __post_init__(self) -> None:
        _refuse(self.units < 1, f"a linear layer needs at least one unit, not {self.units}")

    def width(self, n: int) -> int:
        """Any number of inputs gives `units` outputs."""
        return self.units

    def shapes(self, n: int) -> dict[str, tuple[int, ...]]:
        """W (n, units) and b (units,)."""
        return {"W": (n, self.units), "b": (self.units,)}

    def forward(self, theta: Theta, page: Page) -> Array:
        """y = x W + b."""
        return linear.forward(page.x, theta["W"], theta["b"], out=page.y)

    def backward_input(self, theta: Theta, page: Page, dy: Array) -> Array:
        """dx = dy W^T."""
        return linear.backward_input(dy, theta["W"], out=page.dx)

    def backward_params(self, dtheta: Theta, page: Page, dy: Array) -> None:
        """dW = x^T dy and db = sum of dy over rows, written into dtheta."""
        linear.backward_params(dy, page.x, out=(dtheta["W"], dtheta["b"]))


@dataclass(frozen=True)
class _WithoutParameters:
    """What four layers share: nothing to learn; as many outputs as inputs, but for maxout."""

    def width(self, n: int) -> int:
        """n inputs give n outputs."""
        return n

    def shapes(self, n: int) -> dict[str, tuple[int, ...]]:
        """No parameters."""
        return {}

    def backward_params(self, dtheta: Theta, page: Page, dy: Array) -> None:
        """Nothing to write."""


@dataclass(frozen=True)
class ReLU(_WithoutParameters):
    """y = max(0, x)."""

    def forward(self, theta: Theta, page: Page) -> Array:
        """y = max(0, x)."""
        return relu.forward(page.x, out=page.y)

    def backward_input(self, theta: Theta, page: Page, dy: Array) -> Array:
        """dx = dy * [y > 0]."""
        return relu.backward_input(dy, page.y, out=page.dx)


@dataclass(frozen=True)
class Sigmoid(_WithoutParameters):
    """y = sigma(x)."""

    def forward(self, theta: Theta, page: Page) -> Array:
        """y = sigma(x)."""
        return sigmoid.forward(page.x, out=page.y)

    def backward_input(self, theta: Theta, page: Page, dy: Array) -> Array:
        """dx = dy * sigma(x) * sigma(-x)."""
        return sigmoid.backward_input(dy, page.x, out=page.dx)


@dataclass(frozen=True)
class Maxout(_WithoutParameters):
    """y_j = max over `pieces` of x, for `units` units; stands after Linear(units * pieces)."""

    units: int
    pieces: int

    def __post_init__(self) -> None:
        fault = f"maxout needs at least one unit and one piece, not {self.units} and {self.pieces}"
        _refuse(self.units < 1 or self.pieces < 1, fault)

    def width(self, n: int) -> int:
        """n = units * pieces inputs give `units` outputs; raises ValueError for another n."""
        if n != self.units * self.pieces:
            raise ValueError(
                f"Maxout of {self.units} units with {self.pieces} pieces needs "
                f"{self.units * self.pieces} inputs, not {n}"
            )
        return self.units

    def forward(self, theta: Theta, page: Page) -> Array:
        """y_j = max_p x_pj."""
        return maxout.forward(page.x, self.pieces, out=page.y)

    def backward_input(self, theta: Theta, page: Page, dy: Array) -> Array:
        """dx_pj = dy_j for the first piece that attains the maximum, else 0."""
        return maxout.backward_input(dy, page.x, page.y, self.pieces, out=page.dx)


@dataclass(frozen=True)
class Dropout(_WithoutParameters):
    """y = x * mask / keep; without a mask, y = x."""

    keep: float

    def __post_init__(self) -> None:
        _refuse(not 0 < self.keep <= 1, f"keep is a probability in (0, 1], not {self.keep}")

    def forward(self, theta: Theta, page: Page) -> Array:
        """y = x * mask / keep, or x itself where the pass has no masks."""
        if page.mask is None:
            return page.x
        return dropout.forward(page.x, page.mask, self.keep, out=page.y)

    def backward_input(self, theta: Theta, page: Page, dy: Array) -> Array:
        """dx = dy * mask / keep, or dy itself where the pass had no masks."""
        if page.mask is None:
            return dy
        return dropout.backward_input(dy, page.mask, self.keep, out=page.dx)


Layer: TypeAlias = Linear | ReLU | Sigmoid | Maxout | Dropout


def _refuse(wrong: bool, sentence: str) -> None:
    if wrong:
        raise ValueError(sentence)
