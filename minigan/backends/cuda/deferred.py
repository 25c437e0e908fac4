"""A check that keeps the losses on the GPU and checks many at a time, so the host does not wait.

A NaN in a gradient makes theta NaN in the update, and then every later loss is NaN. So it is enough
to check the losses at intervals, and before anything is logged or saved; the updates since the
last save are lost. An infinity can escape this check, because sigma(infinity) = 1 is finite.
Therefore the trainer checks every state, on every device, before it saves the state.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.finite import FiniteCheck, NotFiniteError
from minigan.parameters import Parameters


class DeferredNotFiniteError(NotFiniteError):
    """A loss was NaN or infinite, and was found only after updates had used it."""


class DeferredCheck(FiniteCheck):
    """A `FiniteCheck` with a buffer of 256 losses on the device."""

    slots = 256  # 128 iterations of one step on each player

    def __init__(self, xp: Any) -> None:
        super().__init__()
        self._xp = xp
        self._buffer = xp.zeros(self.slots, dtype=np.float32)
        self._views = [self._buffer[i : i + 1] for i in range(self.slots)]

    @property
    def slot(self) -> Array:
        """The element (1,) of the buffer to which the next loss is written."""
        view: Array = self._views[len(self._losses)]
        return view

    def loss(self, name: str, value: Any) -> None:
        """Record a loss by name. A loss that is not in `slot` yet is copied to it."""
        if value is not self.slot:
            self.slot[...] = value
        super().loss(name, self.slot)

    def gradient(self, player: str, g: Parameters) -> Parameters:
        """Return g unchecked: a NaN in it makes the next losses NaN."""
        return g

    def flush(self) -> None:
        """Check the recorded losses.

        Raises DeferredNotFiniteError for the first loss that is NaN or infinite.
        """
        names, self._losses = [name for name, _ in self._losses], []
        values = self._xp.asnumpy(self._buffer)[: len(names)]
        for i in np.flatnonzero(~np.isfinite(values))[:1]:
            raise DeferredNotFiniteError(
                f"{names[i]} was {values[i]}, {len(names) - i - 1} losses ago"
            )
