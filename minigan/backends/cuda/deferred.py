"""Losses stay on the device and are looked at many at a time, so that no step waits for the host.

A NaN in a gradient is a NaN in theta after the update, and in every loss from then on. So it is
enough to look at the losses now and then, and before anything is kept: what happened since is
lost. (An infinity may hide where a sigmoid makes it 1: each state is looked through before it is
saved, on every device, so none that is not finite ever is.)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.finite import SeenLateError
from minigan.parameters import Parameters

SLOTS = 256  # losses between two looks: 128 iterations of one step on each player


class LateGuard:
    """`minigan.finite.Guard` that keeps the losses in a buffer of the device."""

    def __init__(self, xp: Any) -> None:
        self._xp = xp
        self._losses = xp.zeros(SLOTS, dtype=np.float32)
        self._slots = [self._losses[i : i + 1] for i in range(SLOTS)]
        self._names: list[str] = []

    def begin(self) -> None:
        """Forget the losses of another game."""
        self._names = []

    @property
    def slot(self) -> Array:
        """Where the next loss is to be written, (1,)."""
        slot: Array = self._slots[len(self._names)]
        return slot

    def loss(self, name: str, value: Any) -> None:
        """Keep the loss that stands in `slot`, or another one; look at all where it is full."""
        if value is not self.slot:
            self.slot[...] = value
        self._names.append(name)
        if len(self._names) == SLOTS:
            self.settle()

    def gradient(self, player: str, g: Parameters) -> Parameters:
        """g itself: what is wrong with it shows in the next losses."""
        return g

    def settle(self) -> None:
        """Raise SeenLateError, naming the first kept loss that is NaN or infinite."""
        names, self._names = self._names, []
        losses = self._xp.asnumpy(self._losses)[: len(names)]
        for i in np.flatnonzero(~np.isfinite(losses))[:1]:
            raise SeenLateError(f"{names[i]} was {losses[i]}, {len(names) - i - 1} losses ago")
