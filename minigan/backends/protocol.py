"""What the program asks of a backend: four names, so that a new one is a short file."""

from __future__ import annotations

from typing import Any, Protocol

from minigan.arrays import Array


class Backend(Protocol):
    """Where arrays live."""

    @property
    def name(self) -> str:
        """The device in words, for the log."""

    @property
    def xp(self) -> Any:
        """The array module: `numpy` or `cupy`."""

    def asarray(self, host: Array) -> Array:
        """The numbers of a NumPy array, on this device."""

    def to_host(self, x: Array) -> Array:
        """The numbers of an array of this device, as a NumPy array."""
