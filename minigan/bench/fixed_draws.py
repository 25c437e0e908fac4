"""Precomputed draws, to time an iteration without its random numbers.

    fixed.data(step) = draws.data(step mod cycle)        and likewise for noise and masks

In the first `cycle` steps the fixed draws equal the original draws bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from minigan.arrays import Array
from minigan.draws.minibatches import Draws


@dataclass
class FixedDraws:
    """`Draws` that repeats the first `cycle` draws of each kind; each is computed once.

    The draws are copied, because a `Draws` may reuse its buffers.
    """

    draws: Draws
    cycle: int
    _arrays: dict[tuple[object, ...], list[Array]] = field(
        default_factory=dict, init=False, repr=False
    )

    def make(self, m: int) -> None:
        """Compute all draws of a game with minibatch size m, so that none is computed later."""
        for step in range(self.cycle):
            self.data(step)
            for player, rows in (("D", 2 * m), ("G", m)):
                self.noise(player, step)
                self.masks(player, step, rows)

    def data(self, step: int, *, out: Array | None = None) -> Array:
        """x (m, n)."""
        step %= self.cycle
        return self._kept(("data", step), lambda: [self.draws.data(step)])[0]

    def noise(self, player: str, step: int) -> Array:
        """z (m, z_size)."""
        step %= self.cycle
        return self._kept(("z", player, step), lambda: [self.draws.noise(player, step)])[0]

    def masks(self, player: str, step: int, rows: int) -> list[Array]:
        """One mask (rows, width) for each dropout layer of D."""
        step %= self.cycle
        name = ("mask", player, step, rows)
        return self._kept(name, lambda: self.draws.masks(player, step, rows))

    def _kept(self, name: tuple[object, ...], draw: Callable[[], list[Array]]) -> list[Array]:
        if name not in self._arrays:
            self._arrays[name] = [np.array(array) for array in draw()]
        return self._arrays[name]
