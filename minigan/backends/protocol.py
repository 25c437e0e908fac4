"""What the program asks of a backend: where arrays live, and who does the passes over them.

Every function here has a generic body, code for arrays of any module (minigan.backends.generic);
a device may replace it by one that gives the same numbers.
"""

from __future__ import annotations

from typing import Any, Protocol

from minigan.arrays import Array
from minigan.backends.blocks import Blocks
from minigan.draws.minibatches import Draws, Minibatches
from minigan.finite import Guard
from minigan.objectives import GeneratorObjective
from minigan.parameters import Parameters


class Backend(Protocol):
    """Where arrays live."""

    @property
    def name(self) -> str:
        """The device in words, for the log."""

    @property
    def xp(self) -> Any:
        """The array module: `numpy` or `cupy`."""

    @property
    def blocks(self) -> Blocks:
        """Forward and backward passes through blocks of layers."""

    @property
    def guard(self) -> Guard:
        """Who looks for numbers that are not finite."""

    @property
    def memory(self) -> int | None:
        """Bytes of memory that the device has, where that is known."""

    def asarray(self, host: Array) -> Array:
        """The numbers of a NumPy array, on this device."""

    def to_host(self, x: Array) -> Array:
        """The numbers of an array of this device, as a NumPy array."""

    def draws(self, host: Minibatches) -> Draws:
        """The same draws, as arrays of this device."""

    def value_with_gradient(self, a: Array, weight: float, *, out: Array) -> Any:
        """V of the logits a (2m, 1), data above samples; weight dV/da into out (2m, 1)."""

    def loss_with_gradient(self, objective: GeneratorObjective, a: Array, *, out: Array) -> Any:
        """G's loss of the logits a (m, 1); its gradient into out (m, 1)."""

    def descend(self, theta: Parameters, g: Parameters, v: Array, *, eta: float, mu: float) -> None:
        """v <- mu v - eta g; theta <- theta + v."""
