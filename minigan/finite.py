"""A loss or gradient that is not finite stops the game before it can reach theta.

    g is finite  <=  g . g < infinity

One product checks a whole gradient: a NaN or an infinity anywhere in g makes g . g the same. Where
g . g itself overflows (|g| beyond 1e19 in float32), each tensor is examined.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minigan.arrays import Array, array_module
from minigan.parameters import Parameters


class NotFiniteError(ArithmeticError):
    """A loss or a gradient is NaN or infinite; the message names it. No update was made with it."""


class FiniteCheck:
    """Checks the losses and gradients of one game, before they are used.

    A loss is examined when `slots` of them are there: at once. (On a GPU, one at a time would make
    each step wait for the host.)
    """

    slots = 1

    def __init__(self) -> None:
        self._losses: list[tuple[str, Any]] = []

    def loss(self, name: str, value: Any) -> None:
        """Take a loss (nats); `flush` where there are `slots` of them."""
        self._losses.append((name, value))
        if len(self._losses) == self.slots:
            self.flush()

    def flush(self) -> None:
        """Examine every loss taken since the last time.

        Raises NotFiniteError for the first that is NaN or infinite.
        """
        losses, self._losses = self._losses, []
        for name, value in losses:
            if not array_module(value).isfinite(value):
                raise NotFiniteError(f"{name} is {value}")

    def gradient(self, player: str, g: Parameters) -> Parameters:
        """g itself. Raises NotFiniteError where a number in it is NaN or infinite."""
        xp = array_module(g.vector)
        if not xp.isfinite(xp.vdot(g.vector, g.vector)):
            name = first_not_finite(g.items())
            if name is not None:
                raise NotFiniteError(f"the gradient of {player}'s {name} is not finite")
        return g


def first_not_finite(tensors: Iterable[tuple[str, Array]]) -> str | None:
    """The name of the first tensor that holds a NaN or an infinity; None where there is none."""
    for name, tensor in tensors:
        if not array_module(tensor).isfinite(tensor).all():
            return name
    return None
