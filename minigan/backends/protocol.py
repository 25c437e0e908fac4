"""A backend is the one seam between the maths and a device: where arrays live, who computes.

The maths is written once, for arrays of any module. Before a game is made, `adapt` receives its
parts, and returns parts with the same methods and the same numbers, computed by the device:

    network      forward and backward passes through blocks of layers
    objective    the loss and its gradient in one step
    optimizer    one update of theta
    draws        minibatches, noise and masks made on the device
    check        losses examined later, so that no step waits for the host

The NumPy backend returns the parts as they are. A part that a device has nothing for, such as a
layer or an optimizer of your own, stays as it is too: it computes with the device's array module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from minigan.arrays import Array
from minigan.draws.minibatches import Draws
from minigan.finite import FiniteCheck
from minigan.network import Network
from minigan.objectives import Objective
from minigan.optimizers import Optimizer


@dataclass(frozen=True)
class GameParts:
    """What a device may replace in a `Game`, under the names of its fields."""

    G: Network
    D: Network
    player_g: Optimizer
    player_d: Optimizer
    draws: Draws
    objective: Objective
    check: FiniteCheck


class Backend(Protocol):
    """Where arrays live, and who computes."""

    @property
    def name(self) -> str:
        """The device in words, for the log."""

    @property
    def xp(self) -> Any:
        """The array module: `numpy` or `cupy`."""

    @property
    def memory(self) -> int | None:
        """Bytes of memory that the device has, where that is known."""

    def asarray(self, host: Array) -> Array:
        """The numbers of a NumPy array, on this device."""

    def to_host(self, x: Array) -> Array:
        """The numbers of an array of this device, as a NumPy array."""

    def network(self, network: Network) -> Network:
        """A network that computes the same function on this device."""

    def adapt(self, parts: GameParts) -> GameParts:
        """The parts of a game, with draws of the host, as this device computes them."""
