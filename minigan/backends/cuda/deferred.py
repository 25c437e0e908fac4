"""Losses stay on the device and are examined many at a time, so that no step waits for the host.

A NaN in a gradient is a NaN in theta after the update, and in every loss from then on. So it is
enough to examine the losses now and then, and before anything is kept: the updates since then are
lost. (An infinity may be hidden where a sigmoid makes it 1: every state is examined before it is
saved, on every device, so that no state that is not finite is ever saved.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.finite import FiniteCheck, NotFiniteError
from minigan.parameters import Parameters


class DeferredNotFiniteError(NotFiniteError):
    """A loss is NaN or infinite, noticed only after updates were made with it."""


class DeferredCheck(FiniteCheck):
    """A `FiniteCheck` that keeps the losses in a buffer of the device, 256 of them."""

    slots = 256  # 128 iterations of one step on each player

    def __init__(self, xp: Any) -> None:
        super().__init__()
        self._xp = xp
        self._buffer = xp.zeros(self.slots, dtype=np.float32)
        self._views = [self._buffer[i : i + 1] for i in range(self.slots)]

    @property
    def slot(self) -> Array:
        """Where the next loss is to be written, (1,)."""
        view: Array = self._views[len(self._losses)]
        return view

    def loss(self, name: str, value: Any) -> None:
        """Take the loss that is in `slot`, or another one, which is copied there."""
        if value is not self.slot:
            self.slot[...] = value
        super().loss(name, self.slot)

    def gradient(self, player: str, g: Parameters) -> Parameters:
        """g itself: a NaN in it shows in the next losses."""
        return g

    def flush(self) -> None:
        """Raise DeferredNotFiniteError, naming the first loss that is NaN or infinite."""
        names, self._losses = [name for name, _ in self._losses], []
        values = self._xp.asnumpy(self._buffer)[: len(names)]
        for i in np.flatnonzero(~np.isfinite(values))[:1]:
            raise DeferredNotFiniteError(
                f"{names[i]} was {values[i]}, {len(names) - i - 1} losses ago"
            )
