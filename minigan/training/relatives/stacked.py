"""What DBN and stacked CAE share: layers that are trained one after the other, from the bottom.

    layer of update t = min(t // layer_iterations, L - 1)           0, ..., L - 1

A layer is initialised by its first update, because that may need the layers below.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import partial

from minigan.arrays import Array
from minigan.data.images import Images
from minigan.parameters import Parameters
from minigan.training.recipes import RelativeRecipe
from minigan.training.recipes.relative import ModelSettings
from minigan.training.relatives.model import Check, LayerCheck, OptimizerOf


def layer_of_update(settings: ModelSettings, t: int) -> int:
    """The layer that update t = 0, 1, ... of the run trains."""
    highest = len(settings.hidden) - 1
    return min(t // settings.layer_iterations, highest) if highest else 0


def sizes_of_layers(n: int, settings: ModelSettings) -> list[tuple[int, int]]:
    """(inputs, units) of each layer, for images of n pixels."""
    return list(zip((n, *settings.hidden), settings.hidden, strict=False))


class StackedModel(ABC):
    """The part of a `RelativeModel` that is the same for each stack of layers."""

    def __init__(self, recipe: RelativeRecipe, seed: int, n: int, optimizer: OptimizerOf) -> None:
        self.settings, self.m, self.seed = recipe.model, recipe.training.m, seed
        sizes = sizes_of_layers(n, recipe.model)
        self.players = tuple(optimizer(Parameters.zeros(self.shapes(*one))) for one in sizes)
        self.arrays: dict[str, Array] = {}

    @property
    def layer(self) -> int:
        """The number of layers that have been updated."""
        return sum(player.updates > 0 for player in self.players)

    @property
    def trained(self) -> tuple[Parameters, ...]:
        """theta of the layers that have been updated; before the first update the lowest one."""
        return tuple(player.theta for player in self.players[: max(self.layer, 1)])

    def update(self, images: Images, t: int, check: Check) -> Callable[[], float]:
        """One update of a layer on a minibatch; returns a function that computes its loss."""
        i = layer_of_update(self.settings, t)
        below = tuple(player.theta for player in self.players[:i])
        if not self.players[i].updates:
            self.players[i].theta.assign(self.initial(images, i, below).vector)
        return self.update_layer(images, i, below, partial(check, f"layer {i + 1}"))

    @abstractmethod
    def shapes(self, n: int, hidden: int) -> dict[str, tuple[int, ...]]:
        """The shapes of a layer's tensors."""

    @abstractmethod
    def initial(self, images: Images, i: int, below: tuple[Parameters, ...]) -> Parameters:
        """theta of layer i before its first update, on top of the layers `below`."""

    @abstractmethod
    def update_layer(
        self, images: Images, i: int, below: tuple[Parameters, ...], check: LayerCheck
    ) -> Callable[[], float]:
        """Update layer i on top of the layers `below`; returns a function of its loss."""
