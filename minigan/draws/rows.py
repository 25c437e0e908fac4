"""Some rows of the draws of a run: the share of one process, if several share a minibatch.

    rows start <= i < stop of x (m, n), of z (m, z_size), and of the masks

A draw is a function of (seed, stream, step), so each process computes its rows of the draws that
one process would make. A mask (2m, width) of the D step has the rows i of the data and the rows
m + i of the samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.draws.minibatches import Minibatches


@dataclass(frozen=True)
class RowsOfMinibatches:
    """The `Draws` of these `rows` of `whole`."""

    whole: Minibatches
    rows: range

    @property
    def _cut(self) -> slice:
        return slice(self.rows.start, self.rows.stop)

    def data(self, step: int, *, out: Array | None = None) -> Array:
        """x (len(rows), n), in `out` if given. A `change` is made to all m rows: it may draw."""
        if self.whole.change is None:
            return self.whole.examples.gather(self.whole.indices(step)[self._cut], out=out)
        x = self.whole.data(step)[self._cut]
        if out is None:
            return x
        out[...] = x
        return out

    def noise(self, player: str, step: int) -> Array:
        """z (len(rows), z_size). All m rows are drawn: a prior may use any number of bits per row.

        `player` is "D" or "G".
        """
        return self.whole.noise(player, step)[self._cut]

    def masks(self, player: str, step: int, rows: int) -> list[Array]:
        """A mask (rows, width) for each dropout layer of D; only its own bits are drawn.

        `rows` is len(self.rows) in the G step, and twice as many in the D step.
        """
        own, m, seed = len(self.rows), self.whole.m, self.whole.seed
        starts = [self.rows.start + i * m for i in range(rows // own)]
        return [
            np.concatenate(
                [
                    draws.mask(seed, f"mask/{player}/{i}", step, (own, n), keep, start * n)
                    for start in starts
                ]
            )
            for i, (n, keep) in enumerate(self.whole.mask_sizes)
        ]
