"""The model of a recipe, and its arrays: what a checkpoint has of it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from minigan.arrays import Array
from minigan.errors import UserError
from minigan.system.memory import memory
from minigan.training.optimizers import optimizer_of
from minigan.training.recipes import RelativeRecipe
from minigan.training.relatives.cae import TrainedCAE
from minigan.training.relatives.dbn import TrainedDBN
from minigan.training.relatives.gsn import TrainedGSN
from minigan.training.relatives.model import RelativeModel
from minigan.training.relatives.size import model_bytes
from minigan.training.runs import checkpoint

MODELS: dict[str, type[TrainedDBN] | type[TrainedCAE] | type[TrainedGSN]] = {
    "dbn": TrainedDBN,
    "cae": TrainedCAE,
    "gsn": TrainedGSN,
}


def model_of(recipe: RelativeRecipe, seed: int, n: int, N: int) -> RelativeModel:
    """The model of a recipe before its first update, for N images of n pixels.

    Raises UserError if it is larger than the memory.
    """
    needed = model_bytes(recipe, n)
    available = memory()
    if available is not None and needed > available:
        raise UserError(
            f"this model needs {needed / 1e9:.3g} GB and this machine has {available / 1e9:.3g} "
            "GB: reduce model.hidden or the size of the images"
        )
    optimizer = partial(optimizer_of, recipe, updates_per_iteration=1, N=N)
    return MODELS[recipe.model.kind](recipe, seed, n, optimizer)


def model_arrays(model: RelativeModel) -> dict[str, Array]:
    """theta and the optimizer's arrays of each layer, and the arrays of the model, not copies."""
    arrays: dict[str, Array] = {}
    for i, player in enumerate(model.players):
        arrays[f"theta_{i}"] = player.theta.vector
        arrays |= {f"{name}_{i}": array for name, array in player.state().items()}
    return arrays | model.arrays


def restore_model(model: RelativeModel, state: Mapping[str, Array]) -> None:
    """Set a model to saved arrays.

    Raises UserError, without any change, if one does not match or is not finite.
    """
    arrays, players = model_arrays(model), model.players
    updates = checkpoint.matching(state, "updates", (len(players),), [np.int64], least=0)
    saved = {
        name: checkpoint.matching(state, name, array.shape, [array.dtype])
        for name, array in arrays.items()
    }
    for name, array in arrays.items():
        array[...] = saved[name]
    for player, count in zip(players, updates, strict=True):
        player.theta.changed()
        player.updates = int(count)
