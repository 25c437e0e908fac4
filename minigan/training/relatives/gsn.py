"""A GSN in a run: one update on the walks from a minibatch.

    theta  descends L, the mean cross-entropy of a pixel summed over the steps of a walk

`arrays` has the mean brightness of each pixel, from which the chains of samples start.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minigan.arrays import Array
from minigan.data.images import Images
from minigan.parameters import Parameters
from minigan.theory.relatives.gsn import GSN, gsn_update, noise_of_means, walk_samples
from minigan.training.recipes import RelativeRecipe
from minigan.training.relatives.model import Check, OptimizerOf


class TrainedGSN:
    """A `RelativeModel`."""

    def __init__(self, recipe: RelativeRecipe, seed: int, n: int, optimizer: OptimizerOf) -> None:
        self.settings, self.m, self.seed = recipe.model, recipe.training.m, seed
        first, second = recipe.model.hidden
        self.gsn = GSN(n, (first, second), recipe.model.noise, recipe.model.salt)
        self.players = (optimizer(Parameters.zeros(self.gsn.shapes)),)
        self.arrays = {"means": np.zeros(n)}

    @property
    def layer(self) -> int:
        """1: all parts of a GSN are trained together."""
        return 1

    def update(self, images: Images, t: int, check: Check) -> Callable[[], float]:
        """One step down L on the walks of a minibatch; returns L in nats."""
        (player,) = self.players
        theta, gsn = player.theta, self.gsn
        if not player.updates:
            theta.assign(gsn.initial(self.seed).vector)
        steps = self.settings.walk_steps
        gradient, loss = gsn_update(gsn, theta, images, self.m, steps, self.seed, player.updates)
        player.descend(check("the GSN", gradient))
        return loss

    def prepare_chains(self, images: Images) -> None:
        """Set the mean brightness of each pixel."""
        self.arrays["means"][...] = images.mean()

    def samples(self, count: int, seed: int) -> Array:
        """x (count, n): means of pixels at the end of a walk from noise."""
        start, theta = noise_of_means(self.arrays["means"], count, seed), self.players[0].theta
        return walk_samples(self.gsn, theta, start, self.settings.chain_steps, seed)
