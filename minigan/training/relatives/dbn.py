"""A DBN in a run: one update of CD-k or PCD-k of the layer that is being trained.

    v      binary rows of this layer: pixels, drawn anew in each update, then layer by layer upwards
    v'     the end of k Gibbs steps, from v (CD) or from where the update before ended (PCD)
    theta  ascends the mean of -dF(v)/dtheta + dF(v')/dtheta

The first layer has visible biases with the mean brightness of each pixel, and the others with the
mean of each unit below. The update is that of `minigan.theory.relatives.dbn.train_dbn`, in bits.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.data.images import Images
from minigan.layers import linear
from minigan.objectives import softplus
from minigan.parameters import Parameters
from minigan.theory.relatives.dbn import DBN
from minigan.theory.relatives.rbm import RBM, cd_gradient, gibbs, hidden_means
from minigan.theory.relatives.vae import binarised
from minigan.training.recipes import RelativeRecipe
from minigan.training.relatives.model import Check, OptimizerOf
from minigan.training.relatives.stacked import layer_of_update, sizes_of_layers, trained_thetas


class TrainedDBN:
    """A `RelativeModel`. With PCD, `arrays` has the states of the chains of each layer."""

    def __init__(self, recipe: RelativeRecipe, seed: int, n: int, optimizer: OptimizerOf) -> None:
        self.settings, self.m, self.seed = recipe.model, recipe.training.m, seed
        self.rbms = [RBM(*sizes) for sizes in sizes_of_layers(n, recipe.model)]
        self.players = tuple(optimizer(Parameters.zeros(rbm.shapes)) for rbm in self.rbms)
        self.arrays: dict[str, Array] = {}
        if recipe.model.persistent:
            shapes = {f"chains_{i}": (self.m, rbm.n) for i, rbm in enumerate(self.rbms)}
            self.arrays = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}

    @property
    def layer(self) -> int:
        """The number of layers that have been updated."""
        return sum(player.updates > 0 for player in self.players)

    def update(self, images: Images, t: int, check: Check) -> Callable[[], float]:
        """CD-k or PCD-k on a minibatch.

        Returns the cross-entropy of v and its reconstruction in nats per row.
        """
        i = layer_of_update(self.settings, t)
        player, stream = self.players[i], f"dbn/{i}"
        theta, first = player.theta, not player.updates
        below = DBN(tuple(one.theta for one in self.players[:i]))
        if first:
            marginals = self._marginals(images, i, below)
            theta.assign(self.rbms[i].initial(self.seed, stream, marginals).vector)
        rng = draws.generator(self.seed, stream, player.updates)
        x = images.gather(rng.integers(len(images), size=self.m))
        v = below.up(binarised(x, rng), rng)
        persistent = self.settings.persistent
        start = self.arrays[f"chains_{i}"] if persistent and not first else v
        chains = gibbs(theta, start, self.settings.gibbs_steps, rng)
        if persistent:
            self.arrays[f"chains_{i}"][...] = chains
        player.ascend(check(f"layer {i + 1}", cd_gradient(theta, v, chains)))
        return lambda: reconstruction_cross_entropy(theta, v)

    def prepare_chains(self, images: Images) -> None:
        """Do nothing: the chains start at random bits of the top RBM."""

    def samples(self, count: int, seed: int) -> Array:
        """x (count, n): means of pixels, below the end of a Gibbs chain of the top RBM."""
        return DBN(trained_thetas(self.players)).samples(count, self.settings.chain_steps, seed)

    def _marginals(self, images: Images, i: int, below: DBN) -> Array:
        """The mean of each visible unit of layer i over the images."""
        if i == 0:
            return images.mean()
        rng = draws.generator(self.seed, f"dbn/{i - 1}/marginals", 0)
        means: Array = below.up(binarised(images.all(), rng), rng).mean(axis=0)
        return means


def reconstruction_cross_entropy(theta: Parameters, v: Array) -> float:
    """Mean cross-entropy of the rows of v (m, n) and E[v | E[h | v]], in nats per row."""
    r = linear.forward(hidden_means(theta, v), theta["W"].T, theta["b"])
    return float((softplus(r) - v * r).sum() / len(v))
