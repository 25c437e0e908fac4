"""The CPU: arrays are NumPy's, and every part of a game is used as it is."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.backends.protocol import GameParts
from minigan.network import Network
from minigan.system import memory


class NumPyBackend:
    """`minigan.backends.protocol.Backend` for NumPy: each method returns what it is given."""

    name = "cpu"
    xp: Any = np

    @property
    def memory(self) -> int | None:
        """The memory of the machine, in bytes."""
        return memory.memory()

    def asarray(self, host: Array) -> Array:
        """The array itself."""
        return host

    def to_host(self, x: Array) -> Array:
        """The array itself."""
        return x

    def network(self, network: Network) -> Network:
        """The network itself."""
        return network

    def adapt(self, parts: GameParts) -> GameParts:
        """The parts themselves."""
        return parts
