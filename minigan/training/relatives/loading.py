"""The model of a run folder, and its samples. The data set of the run is not needed."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from minigan.arrays import Array
from minigan.errors import UserError
from minigan.training.recipes import RelativeRecipe
from minigan.training.relatives.building import model_of, restore_model
from minigan.training.relatives.model import RelativeModel
from minigan.training.runs.directory import RunDirectory


def trains_a_relative(path: Path) -> bool:
    """Whether the run at `path` trains a relative of GANs instead of G and D."""
    return isinstance(RunDirectory.open(path).read_any_recipe(), RelativeRecipe)


def load_model(
    path: Path, which: str = "last", state: Mapping[str, Array] | None = None
) -> RelativeModel:
    """The model of a checkpoint: "last", "best", or the iteration of a kept one.

    state: the arrays of this checkpoint, if they have been read already.
    Raises UserError if the folder or the checkpoint cannot be used, or if the run is that of a GAN.
    """
    run = RunDirectory.open(path)
    recipe, facts = run.read_any_recipe(), run.read_environment()
    if not isinstance(recipe, RelativeRecipe):
        raise UserError(f"{path} is the run of a GAN: draw its samples with load_sampler")
    N = recipe.training.m  # the length of an epoch does not matter for samples
    model = model_of(recipe, facts["seed"], math.prod(facts["data"]["shape"]), N)
    restore_model(model, run.load_checkpoint(which) if state is None else state)
    return model
