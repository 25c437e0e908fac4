"""A DBN in a run: one update of CD-k or PCD-k of the layer that is being trained.

    v      binary rows of this layer: pixels, drawn anew in each update, then layer by layer upwards
    v'     the end of k Gibbs steps, from v (CD) or from where the update before ended (PCD)
    theta  ascends the mean of -dF(v)/dtheta + dF(v')/dtheta

The first layer has visible biases with the mean brightness of each pixel, and the others with the
mean of each unit below.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from minigan.arrays import Array
from minigan.data.images import Images
from minigan.parameters import Parameters
from minigan.theory.relatives.dbn import DBN, dbn_update, initial_layer
from minigan.theory.relatives.rbm import RBM
from minigan.training.recipes import RelativeRecipe
from minigan.training.relatives.model import LayerCheck, OptimizerOf
from minigan.training.relatives.stacked import StackedModel


class TrainedDBN(StackedModel):
    """A `RelativeModel`. With PCD, `arrays` has the states of the chains of each layer."""

    def __init__(self, recipe: RelativeRecipe, seed: int, n: int, optimizer: OptimizerOf) -> None:
        super().__init__(recipe, seed, n, optimizer)
        if recipe.model.persistent:
            shapes = {
                f"chains_{i}": (self.m, len(player.theta["b"]))
                for i, player in enumerate(self.players)
            }
            self.arrays = {name: np.zeros(shape, np.float32) for name, shape in shapes.items()}

    def shapes(self, n: int, hidden: int) -> dict[str, tuple[int, ...]]:
        """The shapes of an RBM's tensors."""
        return RBM(n, hidden).shapes

    def initial(self, images: Images, i: int, below: tuple[Parameters, ...]) -> Parameters:
        """theta of RBM i before its first update."""
        return initial_layer(DBN(below), images, self.settings.hidden[i], self.seed)

    def update_layer(
        self, images: Images, i: int, below: tuple[Parameters, ...], check: LayerCheck
    ) -> Callable[[], float]:
        """CD-k or PCD-k on a minibatch.

        Returns the cross-entropy of v and its reconstruction in nats per row.
        """
        player, kept = self.players[i], self.arrays.get(f"chains_{i}")
        gradient, ends, loss = dbn_update(
            DBN(below),
            player.theta,
            images,
            self.m,
            self.settings.gibbs_steps,
            self.seed,
            player.updates,
            kept if player.updates else None,
        )
        if kept is not None:
            kept[...] = ends
        player.ascend(check(gradient))
        return loss

    def prepare_chains(self, images: Images) -> None:
        """Do nothing: the chains start at random bits of the top RBM."""

    def samples(self, count: int, seed: int) -> Array:
        """x (count, n): means of pixels, below the end of a Gibbs chain of the top RBM."""
        return DBN(self.trained).samples(count, self.settings.chain_steps, seed)
