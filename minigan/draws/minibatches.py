"""The draws of each training step: the indices of its images, its noise and its masks.

    stream            contents of one draw                                      step counts
    data              m indices, uniform on 0..N-1, with replacement            D steps
    data/epoch        a permutation of 0..N-1, split into N // m minibatches    epochs
    data/change       what is added to a minibatch, in some runs                D steps
    noise/D, noise/G  z (m, z_size) from the prior p_z                          steps of that player
    mask/D/0, ...     the mask of D's first, second, ... dropout layer          D steps
    mask/G/0, ...     the same, for the pass through D in the G step            G steps

The order `independent` is "sample a minibatch of m examples from p_data" (Algorithm 1). The order
`epochs` is that of the authors' published configurations: all images in a new random order each
epoch.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from minigan import draws
from minigan.arrays import Array

ORDERS = ("independent", "epochs")


def per_epoch(N: int, m: int) -> int:
    """The number of minibatches of m in an epoch of N examples: N // m, at least 1."""
    return max(1, N // m)


class Examples(Protocol):
    """The protocol for examples from p_data: Images, Points, or a user-defined class."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(height, width, channels) of an image, (d,) of other examples. n is the product."""

    @property
    def numbers(self) -> Array:
        """All examples as one array, as they are stored. `DataSet.digest` hashes its bytes."""

    def __len__(self) -> int:
        """The number of examples N."""

    def gather(self, indices: Array, *, out: Array | None = None) -> Array:
        """x (m, n) float32: the examples with these m indices, in `out` if given."""

    def all(self) -> Array:
        """x (N, n) float32: all examples."""


class Draws(Protocol):
    """The protocol for the samples in Algorithm 1: "sample minibatch of m ..."."""

    def data(self, step: int, *, out: Array | None = None) -> Array:
        """x (m, n): m examples from p_data, in `out` if the implementation supports it."""

    def noise(self, player: str, step: int) -> Array:
        """z (m, z_size): m noise samples from p_z for a step of `player`, "D" or "G"."""

    def masks(self, player: str, step: int, rows: int) -> list[Array]:
        """One mask (rows, width) for each dropout layer of D."""


@dataclass
class Minibatches:
    """The `Draws` of a run with this seed.

    `mask_sizes` are (width, keep) of each dropout layer of D. `change`, if given, maps a generator
    and the rows x to the rows that D gets. Raises ValueError if m > N, or if `order` is not one of
    ORDERS.
    """

    seed: int
    examples: Examples
    m: int
    order: str
    prior: Callable[[np.random.Generator, int, int], Array]
    z_size: int
    mask_sizes: list[tuple[int, float]]
    change: Callable[[np.random.Generator, Array], Array] | None = None
    _permutation: tuple[int, Array] = field(init=False, repr=False, default=(-1, np.empty(0)))

    def __post_init__(self) -> None:
        if self.m > len(self.examples):
            raise ValueError(
                f"a minibatch of {self.m} examples needs a data set of at least {self.m}, "
                f"not {len(self.examples)}"
            )
        if self.order not in ORDERS:
            raise ValueError(f"the order must be one of {', '.join(ORDERS)}, not {self.order!r}")

    def data(self, step: int, *, out: Array | None = None) -> Array:
        """x (m, n), in `out` if given."""
        if self.change is None:
            return self.examples.gather(self.indices(step), out=out)
        x = self.examples.gather(self.indices(step))
        rows = self.change(draws.generator(self.seed, "data/change", step), x)
        if out is None:
            return rows
        out[...] = rows
        return out

    def indices(self, step: int) -> Array:
        """The indices (m,) of the examples for the D step number `step`."""
        N = len(self.examples)
        if self.order == "independent":
            return draws.generator(self.seed, "data", step).integers(N, size=self.m)
        epoch, batch = divmod(step, N // self.m)
        if self._permutation[0] != epoch:
            rng = draws.generator(self.seed, "data/epoch", epoch)
            self._permutation = (epoch, rng.permutation(N))
        return self._permutation[1][batch * self.m : (batch + 1) * self.m]

    def noise(self, player: str, step: int) -> Array:
        """z (m, z_size) for a step of `player`, "D" or "G"."""
        rng = draws.generator(self.seed, f"noise/{player}", step)
        return self.prior(rng, self.m, self.z_size)

    def masks(self, player: str, step: int, rows: int) -> list[Array]:
        """A mask (rows, width) for each dropout layer of D."""
        return [
            draws.mask(self.seed, f"mask/{player}/{layer}", step, (rows, width), keep)
            for layer, (width, keep) in enumerate(self.mask_sizes)
        ]
