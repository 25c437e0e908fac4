"""Data sets of points drawn from a toy density: p_data has a known formula.

    x_i ~ p_data = sum_j w_j N(mu_j, s^2 I)        independent

The training points of "ring" are the draw (0, "data/ring/train", 0); the other splits have their
own streams. They are the same in every run, for every seed. The splits have 50,000 training, 1,000
validation and 10,000 test points.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.data import toys
from minigan.data.toys import Mixture

SHAPES = {"ring": toys.ring, "grid": toys.grid}
SIZES = {"train": 50_000, "validation": 1_000, "test": 10_000}


@dataclass(frozen=True)
class Points:
    """x (N, d) float32, and the mixture from which they were drawn."""

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
        """x as it is stored, (N, d) float32."""
        return self.x

    @cached_property
    def modes(self) -> Array:
        """The number (N,) of the mode of each point: that with the nearest mean."""
        distance = np.linalg.norm(self.x[:, None] - self.mixture.means, axis=-1)
        nearest: Array = distance.argmin(axis=1)
        return nearest

    def gather(self, indices: Array, *, out: Array | None = None) -> Array:
        """x (m, d) float32: a copy of the points with these m indices, in `out` if given."""
        x: Array = np.take(self.x, indices, axis=0, out=out)
        return x

    def all(self) -> Array:
        """x (N, d) float32: a copy of every point."""
        return self.x.copy()


def load(name: str) -> tuple[Points, Points, Points]:
    """(train, validation, test) of the density "ring" (8 modes) or "grid" (25 modes).

    Raises KeyError for another name.
    """
    mixture = SHAPES[name]()
    train, validation, test = (
        Points(
            mixture.sample(draws.generator(0, f"data/{name}/{split}", 0), N).astype(np.float32),
            mixture,
        )
        for split, N in SIZES.items()
    )
    return train, validation, test
