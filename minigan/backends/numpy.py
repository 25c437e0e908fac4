"""The CPU backend: NumPy arrays, and every part of a game unchanged."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.backends.protocol import GameParts
from minigan.network import Network
from minigan.system import memory


class NumPyBackend:
    """`minigan.backends.protocol.Backend` for NumPy: each method returns its argument."""

    name = "cpu"
    xp: Any = np

    @property
    def memory(self) -> int | None:
        """The memory of the machine in bytes; None if it is not known."""
        return memory.memory()

    def asarray(self, host: Array) -> Array:
        """Return the array itself."""
        return host

    def to_host(self, x: Array) -> Array:
        """Return the array itself."""
        return x

    def network(self, network: Network) -> Network:
        """Return the network itself."""
        return network

    def adapt(self, parts: GameParts) -> GameParts:
        """Return the parts themselves."""
        return parts
