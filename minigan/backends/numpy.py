"""The CPU: arrays are NumPy's, and nothing needs to move."""

from __future__ import annotations

from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.backends.generic import Generic
from minigan.draws.minibatches import Draws, Minibatches
from minigan.system import memory


class NumPyBackend(Generic):
    """`minigan.backends.protocol.Backend` for NumPy."""

    name = "cpu"
    xp: Any = np

    @property
    def memory(self) -> int | None:
        """That of the machine, in bytes."""
        return memory.memory()

    def asarray(self, host: Array) -> Array:
        """The array itself."""
        return host

    def to_host(self, x: Array) -> Array:
        """The array itself."""
        return x

    def draws(self, host: Minibatches) -> Draws:
        """The draws themselves."""
        return host
