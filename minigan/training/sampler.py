"""Draw samples from G: z from the prior, then x = G(z), in blocks of 1,000 rows.

In a conditional run, the rows z have columns for c. By default they hold all classes equally often,
in order. The samples x have no such columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.backends.protocol import Backend
from minigan.data.one_hot import one_hot
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.training.conditional.rows import equal_classes

ROWS_AT_A_TIME = 1000


@dataclass(frozen=True)
class Sampler:
    """G(z; theta_g) with z ~ p_z. theta_g is not a copy: training may change it between calls.

    `classes` is the number of classes of a conditional run, else 0.
    """

    G: Network
    theta_g: Parameters
    prior: Callable[[np.random.Generator, int, int], Array]
    backend: Backend
    classes: int = 0

    @property
    def z_size(self) -> int:
        """The number of coordinates of z, with those of c."""
        return self.G.inputs

    @property
    def n(self) -> int:
        """The number of values of a sample, without those of c."""
        return self.G.outputs - self.classes

    def noise(
        self, count: int, seed: int, stream: str = "noise/samples", only: int | None = None
    ) -> Array:
        """z (count, z_size), a function of seed and stream. Training uses other streams.

        In a conditional run, c is the class number `only`, or all classes equally often, in order.
        """
        rng = draws.generator(seed, stream, 0)
        z = self.prior(rng, count, self.z_size - self.classes)
        if not self.classes:
            return z
        c = equal_classes(count, self.classes) if only is None else np.full(count, only)
        return np.hstack([z, one_hot(c, self.classes)])

    def samples(self, z: Array) -> Array:
        """G(z) (len(z), n) as a NumPy array."""
        rows = outputs(self.G, self.theta_g, z, self.backend)
        return np.ascontiguousarray(rows[:, : self.n])


def outputs(network: Network, theta: Parameters, x: Array, backend: Backend) -> Array:
    """y (len(x), outputs) of a network for NumPy rows x, as a NumPy array.

    Passes of at most 1,000 rows limit the memory.
    """
    dtype = theta.vector.dtype
    rows = min(len(x), ROWS_AT_A_TIME)
    trace = network.trace(rows, dtype, backend.xp)
    y = np.empty((len(x), network.outputs), dtype=dtype)
    for start in range(0, len(x), ROWS_AT_A_TIME):
        block = backend.asarray(x[start : start + rows])
        if len(block) < rows:  # the last block
            trace = network.trace(len(block), dtype, backend.xp)
        y[start : start + rows] = backend.to_host(network.forward(theta, block, trace=trace).y)
    return y
