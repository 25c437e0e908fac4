"""Points drawn from a toy density: the data of a game whose p_data is known exactly.

    x_i ~ p_data = sum_j w_j N(mu_j, s^2 I)        independent, fixed for ever

The points of a split are the draw (0, "data/ring/train", 0): the same in every run, whatever its
seed. 50,000 train a network, 1,000 are for choosing and 10,000 for judging, as in the split of
MNIST that the paper's numbers rest on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.data import toys
from minigan.data.toys import Mixture

SHAPES = {"ring": toys.ring, "grid": toys.grid}
SIZES = {"train": 50_000, "validation": 1_000, "test": 10_000}


@dataclass(frozen=True)
class Points:
    """x (N, d) float32, and the mixture that they were drawn from."""

    x: Array
    mixture: Mixture

    def __len__(self) -> int:
        """The number of points N."""
        return len(self.x)

    @property
    def shape(self) -> tuple[int, ...]:
        """(d,)."""
        return tuple(self.x.shape[1:])

    @property
    def numbers(self) -> Array:
        """x as it is kept."""
        return self.x

    def gather(self, indices: Array, *, out: Array | None = None) -> Array:
        """x (m, d) float32: a copy of the points with these m indices."""
        x: Array = np.take(self.x, indices, axis=0, out=out)
        return x

    def all(self) -> Array:
        """x (N, d) float32: a copy of every point."""
        return self.x.copy()


def load(name: str) -> tuple[Points, Points, Points]:
    """(train, validation, test) of the density "ring" (8 modes) or "grid" (25); else KeyError."""
    mixture = SHAPES[name]()
    train, validation, test = (
        Points(
            mixture.sample(draws.generator(0, f"data/{name}/{split}", 0), N).astype(np.float32),
            mixture,
        )
        for split, N in SIZES.items()
    )
    return train, validation, test
