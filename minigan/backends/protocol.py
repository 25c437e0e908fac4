"""A backend is the single interface between the maths and a device.

The maths is written once, for NumPy and CuPy arrays. Before a game is made, `Backend.adapt`
receives its parts and returns parts with the same methods and the same results, which the device
computes:

    networks     forward and backward passes, by kernels for blocks of layers
    objective    the loss and its gradient, by one kernel
    optimizers   the update of theta, by one kernel
    draws        minibatches, noise and masks, made on the device
    check        losses, checked many at a time, so that the host does not wait in every step

The NumPy backend returns the parts unchanged. So does a GPU backend for a part without a kernel,
for example a custom layer or optimizer: that part then runs on the device's array module.

Before that, `backends.ranks` gives each process of a run its rows of the minibatch.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from minigan.arrays import Array
from minigan.draws.minibatches import Draws
from minigan.finite import FiniteCheck
from minigan.network import Network
from minigan.objectives import Objective
from minigan.objectives.penalties import Penalty
from minigan.optimizers import Optimizer


@dataclass(frozen=True)
class GameParts:
    """The parts of a `Game` that a backend may replace, with the names of its fields."""

    G: Network
    D: Network
    player_g: Optimizer
    player_d: Optimizer
    draws: Draws
    objective: Objective
    check: FiniteCheck
    m: int
    penalty: Penalty | None = None


class Backend(Protocol):
    """A device: it holds the arrays and computes with them."""

    @property
    def name(self) -> str:
        """The name of the device, for logs and messages."""

    @property
    def xp(self) -> Any:
        """The array module: `numpy` or `cupy`."""

    @property
    def memory(self) -> int | None:
        """The memory of the device in bytes; None if it is not known."""

    def asarray(self, host: Array) -> Array:
        """An array on this device with the values of a NumPy array."""

    def to_host(self, x: Array) -> Array:
        """A NumPy array with the values of an array on this device."""

    def network(self, network: Network) -> Network:
        """A network that computes the same function on this device."""

    def adapt(self, parts: GameParts) -> GameParts:
        """The parts of a game for this device; `parts.draws` are draws of the host."""
