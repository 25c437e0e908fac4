"""Checks that raise an error if a loss or a gradient is NaN or infinite.

    g . g < infinity  =>  every number of g is finite

One dot product checks a whole gradient, because a NaN or an infinity in g makes g . g NaN or
infinite. g . g also overflows for a finite g with entries above 1e19 (float32). So if g . g is not
finite, each tensor of g is checked element by element.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from minigan.arrays import Array, array_module
from minigan.parameters import Parameters


class NotFiniteError(ArithmeticError):
    """A loss or a gradient is NaN or infinite; the message names it. No update has used it."""


class FiniteCheck:
    """Checks the losses and gradients of one game before an update uses them.

    Losses are collected, and checked together as soon as there are `slots` of them. Here `slots`
    is 1, so each loss is checked at once. `DeferredCheck`, for GPUs, has more slots, because each
    check makes the host wait for the device.
    """

    slots = 1

    def __init__(self) -> None:
        self._losses: list[tuple[str, Any]] = []

    def loss(self, name: str, value: Any) -> None:
        """Record a loss (a scalar) by name, and `flush` if there are now `slots` of them."""
        self._losses.append((name, value))
        if len(self._losses) == self.slots:
            self.flush()

    def flush(self) -> None:
        """Check every loss recorded since the last call.

        Raises NotFiniteError for the first one that is NaN or infinite.
        """
        losses, self._losses = self._losses, []
        for name, value in losses:
            if not array_module(value).isfinite(value):
                raise NotFiniteError(f"{name} is {value}")

    def gradient(self, player: str, g: Parameters) -> Parameters:
        """Return g. Raises NotFiniteError if a number of it is NaN or infinite."""
        xp = array_module(g.vector)
        if not xp.isfinite(xp.vdot(g.vector, g.vector)):
            name = first_not_finite(g.items())
            if name is not None:
                raise NotFiniteError(f"the gradient of {player}'s {name} is not finite")
        return g


def first_not_finite(tensors: Iterable[tuple[str, Array]]) -> str | None:
    """The name of the first tensor with a NaN or an infinity; None if all tensors are finite."""
    for name, tensor in tensors:
        if not array_module(tensor).isfinite(tensor).all():
            return name
    return None
