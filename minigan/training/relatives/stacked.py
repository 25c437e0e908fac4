"""What DBN and stacked CAE share: layers that are trained one after the other, from the bottom.

    layer of update t = min(t // layer_iterations, L - 1)           0, ..., L - 1

A layer is initialised by its first update, because that may need the layers below.
"""

from __future__ import annotations

from minigan.optimizers import Optimizer
from minigan.parameters import Parameters
from minigan.training.recipes.relative import ModelSettings


def layer_of_update(settings: ModelSettings, t: int) -> int:
    """The layer that update t = 0, 1, ... of the run trains."""
    highest = len(settings.hidden) - 1
    return min(t // settings.layer_iterations, highest) if highest else 0


def sizes_of_layers(n: int, settings: ModelSettings) -> list[tuple[int, int]]:
    """(inputs, units) of each layer, for images of n pixels."""
    return list(zip((n, *settings.hidden), settings.hidden, strict=False))


def trained_thetas(players: tuple[Optimizer, ...]) -> tuple[Parameters, ...]:
    """theta of the layers that have been updated; before the first update that of the lowest."""
    return tuple(player.theta for player in players if player.updates) or (players[0].theta,)
