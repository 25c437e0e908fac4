"""A number that is not finite stops the game before it can reach theta.

    g is finite  <=  g . g < infinity

One product tells it for a whole gradient: a NaN or an infinity anywhere in g makes g . g the
same. Where g . g itself overflows (|g| beyond 1e19 in float32), the tensors are looked through.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

from minigan.arrays import Array, array_module
from minigan.parameters import Parameters


class NotFiniteError(ArithmeticError):
    """A loss or a gradient is NaN or infinite; the message names it. No update was made with it."""


class SeenLateError(NotFiniteError):
    """The same, noticed only after updates were made with it."""


class Guard(Protocol):
    """Who looks at each loss and gradient: this module at once, or a device now and then."""

    def begin(self) -> None:
        """A game begins: what was put off of another one is forgotten."""

    def loss(self, name: str, value: Any) -> None:
        """Refuse a loss (nats) that is NaN or infinite, now or when `settle` is called."""

    def gradient(self, player: str, g: Parameters) -> Parameters:
        """g itself. Refuses numbers that are NaN or infinite, now or by the losses they lead to."""

    def settle(self) -> None:
        """Raise NotFiniteError for what was put off until now."""


def loss(name: str, value: Any) -> None:
    """Refuse a loss (nats) that is NaN or infinite. Raises NotFiniteError."""
    if not array_module(value).isfinite(value):
        raise NotFiniteError(f"{name} is {value}")


def gradient(player: str, g: Parameters) -> Parameters:
    """g itself. Raises NotFiniteError where a number in it is NaN or infinite."""
    xp = array_module(g.vector)
    if not xp.isfinite(xp.vdot(g.vector, g.vector)):
        name = first_not_finite(g.items())
        if name is not None:
            raise NotFiniteError(f"the gradient of {player}'s {name} is not finite")
    return g


def begin() -> None:
    """Nothing is kept here."""


def settle() -> None:
    """Nothing is put off here."""


def first_not_finite(tensors: Iterable[tuple[str, Array]]) -> str | None:
    """The name of the first tensor that holds a NaN or an infinity."""
    for name, tensor in tensors:
        if not array_module(tensor).isfinite(tensor).all():
            return name
    return None
