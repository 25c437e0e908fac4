"""A stacked CAE in a run: one update of the layer that is being trained, on the codes below it.

    theta  descends L = mean of [cross-entropy of x and its reconstruction + lambda |J|^2]

The update is that of `minigan.theory.relatives.cae.train_stacked_cae`, in bits.

A chain starts at noise in the highest code, with the mean and the covariance of the codes of up to
10,000 training images; `arrays` has both. The contraction holds near the data only: from uniform
noise, the chain does not reach them (docs/relatives/cae.md).

    h = clip(mean + N(0, I) L^T, 0, 1),  L L^T = covariance
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.data.images import Images
from minigan.parameters import Parameters
from minigan.theory.relatives.cae import (
    StackedCAE,
    cae_gradient,
    cae_loss,
    cae_shapes,
    initial_cae,
)
from minigan.training.recipes import RelativeRecipe
from minigan.training.relatives.model import Check, OptimizerOf
from minigan.training.relatives.stacked import layer_of_update, sizes_of_layers, trained_thetas

CODES = 10_000  # training images whose codes give mean and covariance
JITTER = 1e-6  # added to the variances, so that the covariance of few images has an L


class TrainedCAE:
    """A `RelativeModel`."""

    def __init__(self, recipe: RelativeRecipe, seed: int, n: int, optimizer: OptimizerOf) -> None:
        self.settings, self.m, self.seed = recipe.model, recipe.training.m, seed
        self.sizes = sizes_of_layers(n, recipe.model)
        thetas = (Parameters.zeros(cae_shapes(*sizes)) for sizes in self.sizes)
        self.players = tuple(optimizer(theta) for theta in thetas)
        self.arrays: dict[str, Array] = {}
        for i, hidden in enumerate(recipe.model.hidden):
            self.arrays[f"mean_{i}"] = np.zeros(hidden, np.float32)
            self.arrays[f"L_{i}"] = np.zeros((hidden, hidden), np.float32)

    @property
    def layer(self) -> int:
        """The number of layers that have been updated."""
        return sum(player.updates > 0 for player in self.players)

    def update(self, images: Images, t: int, check: Check) -> Callable[[], float]:
        """One step down L on a minibatch; returns L in nats."""
        i = layer_of_update(self.settings, t)
        player, stream, weight = self.players[i], f"cae/{i}", self.settings.contraction
        theta = player.theta
        if not player.updates:
            theta.assign(initial_cae(*self.sizes[i], self.seed, stream).vector)
        below = StackedCAE(tuple(one.theta for one in self.players[:i]))
        rng = draws.generator(self.seed, stream, player.updates)
        x = below.codes(images.gather(rng.integers(len(images), size=self.m)))
        player.descend(check(f"layer {i + 1}", cae_gradient(theta, x, weight)))
        return lambda: float(cae_loss(theta, x, weight))

    def prepare_chains(self, images: Images) -> None:
        """Set mean and L of the highest code that is trained, and 0 for the others."""
        for array in self.arrays.values():
            array[...] = 0
        h = StackedCAE(trained_thetas(self.players)).codes(images[:CODES].all())
        i = max(self.layer - 1, 0)
        covariance = np.cov(h.T, dtype=np.float64).reshape(h.shape[1], -1)
        self.arrays[f"mean_{i}"][...] = h.mean(axis=0)
        self.arrays[f"L_{i}"][...] = np.linalg.cholesky(
            covariance + JITTER * np.eye(len(covariance))
        )

    def samples(self, count: int, seed: int) -> Array:
        """x (count, n), from chains with noise along the singular vectors of J."""
        stack, settings, i = StackedCAE(trained_thetas(self.players)), self.settings, self.layer
        mean, L = (self.arrays[f"{name}_{max(i - 1, 0)}"] for name in ("mean", "L"))
        rng = draws.generator(seed, "cae/start", 0)
        z = rng.standard_normal((count, len(mean)), dtype=np.float32)
        start = stack.decoded(np.clip(mean + z @ L.T, 0, 1))
        return stack.samples(count, settings.chain_steps, settings.chain_sigma, seed, start)
