"""Noise on all that D sees: on the examples and on the samples, with the same standard deviation.

    x_i + s e_i          D sees this instead of x_i
    G(z_i) + s e'_i      and this instead of G(z_i)          e, e' ~ N(0, I)

`noise_both` of the authors' code; other names are instance noise and (for s that falls) annealed
noise. p_data and p_g are both blurred by N(0, s^2 I), so their supports overlap.

It is the game of the paper on longer rows: the inputs of G are [z, s e'], and the last layer of G
adds s e' to its outputs. Outside of training e' = 0, so samples have no noise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array
from minigan.layers import Addition
from minigan.network import Network
from minigan.training.passing_on import passing_on


@dataclass(frozen=True)
class Noisy:
    """x + s e: a `change` of `Minibatches`."""

    s: float

    def __call__(self, rng: np.random.Generator, x: Array) -> Array:
        """x + s e (m, n), float32."""
        noisy: Array = x + _noise(rng, x.shape, self.s)
        return noisy


@dataclass(frozen=True)
class PriorWithNoise:
    """A prior of rows [z, s e'] for samples of n values."""

    prior: Callable[[np.random.Generator, int, int], Array]
    n: int
    s: float

    def __call__(self, rng: np.random.Generator, m: int, size: int) -> Array:
        """[z, s e'] (m, size), float32."""
        z = self.prior(rng, m, size - self.n)
        return np.hstack([z, _noise(rng, (m, self.n), self.s)])


def noisy_G(G: Network, n: int) -> Network:
    """G(z) + s e' for rows [z, s e'], from the network G(z) with n outputs."""
    return Network(G.inputs + n, (*passing_on(G.layers, G.inputs, n), Addition()))


def _noise(rng: np.random.Generator, shape: tuple[int, ...], s: float) -> Array:
    noise: Array = np.float32(s) * rng.standard_normal(shape, dtype=np.float32)
    return noise
