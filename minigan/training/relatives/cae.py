"""A stacked CAE in a run: one update of the layer that is being trained, on the codes below it.

    theta  descends L = mean of [cross-entropy of x and its reconstruction + lambda |J|^2]

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
from minigan.theory.relatives.cae import StackedCAE, cae_shapes, cae_update, initial_cae
from minigan.training.recipes import RelativeRecipe
from minigan.training.relatives.model import LayerCheck, OptimizerOf
from minigan.training.relatives.stacked import StackedModel

CODES = 10_000  # training images whose codes give mean and covariance
JITTER = 1e-6  # added to the variances, so that the covariance of few images has an L


class TrainedCAE(StackedModel):
    """A `RelativeModel`."""

    def __init__(self, recipe: RelativeRecipe, seed: int, n: int, optimizer: OptimizerOf) -> None:
        super().__init__(recipe, seed, n, optimizer)
        for i, hidden in enumerate(recipe.model.hidden):
            self.arrays[f"mean_{i}"] = np.zeros(hidden, np.float32)
            self.arrays[f"L_{i}"] = np.zeros((hidden, hidden), np.float32)

    def shapes(self, n: int, hidden: int) -> dict[str, tuple[int, ...]]:
        """The shapes of a CAE's tensors."""
        return cae_shapes(n, hidden)

    def initial(self, images: Images, i: int, below: tuple[Parameters, ...]) -> Parameters:
        """theta of CAE i before its first update."""
        n, hidden = self.players[i].theta["W"].shape
        return initial_cae(n, hidden, self.seed, f"cae/{i}")

    def update_layer(
        self, images: Images, i: int, below: tuple[Parameters, ...], check: LayerCheck
    ) -> Callable[[], float]:
        """One step down L on a minibatch; returns L in nats."""
        player, stack, weight = self.players[i], StackedCAE(below), self.settings.contraction
        gradient, loss = cae_update(
            stack, player.theta, images, self.m, weight, self.seed, player.updates
        )
        player.descend(check(gradient))
        return loss

    def prepare_chains(self, images: Images) -> None:
        """Set mean and L of the highest code that is trained, and 0 for the others."""
        for array in self.arrays.values():
            array[...] = 0
        h = StackedCAE(self.trained).codes(images[:CODES].all())
        i = max(self.layer - 1, 0)
        covariance = np.cov(h.T, dtype=np.float64).reshape(h.shape[1], -1)
        self.arrays[f"mean_{i}"][...] = h.mean(axis=0)
        self.arrays[f"L_{i}"][...] = np.linalg.cholesky(
            covariance + JITTER * np.eye(len(covariance))
        )

    def samples(self, count: int, seed: int) -> Array:
        """x (count, n), from chains with noise along the singular vectors of J."""
        stack, settings, i = StackedCAE(self.trained), self.settings, self.layer
        mean, L = (self.arrays[f"{name}_{max(i - 1, 0)}"] for name in ("mean", "L"))
        rng = draws.generator(seed, "cae/start", 0)
        z = rng.standard_normal((count, len(mean)), dtype=np.float32)
        start = stack.decoded(np.clip(mean + z @ L.T, 0, 1))
        return stack.samples(count, settings.chain_steps, settings.chain_sigma, seed, start)
