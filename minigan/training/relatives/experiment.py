"""A relative of GANs in a run, with the same methods as the experiment of a GAN.

    state      theta and the optimizer's arrays of each layer, theta_0, v_0, theta_1, ...; their
               numbers of updates; and the model's own arrays
    log line   of a stack, the layer that is being trained; its loss and its hyperparameters

Everything runs on the CPU, in one process.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np

from minigan.arrays import Array
from minigan.backends.numpy import NumPyBackend
from minigan.data import sets
from minigan.data.images import Images
from minigan.errors import UserError
from minigan.finite import FiniteCheck
from minigan.system.ranks import ALONE, Ranks
from minigan.training.building import CPU
from minigan.training.experiment import Experiment
from minigan.training.parts import NO_PARTS, Parts
from minigan.training.recipes import RelativeRecipe
from minigan.training.recipes.identity import identity_of
from minigan.training.relatives.building import model_arrays, model_of, restore_model
from minigan.training.relatives.model import RelativeModel
from minigan.training.relatives.size import flop_of_model, model_bytes
from minigan.training.workload import sentence_of


@dataclass(frozen=True)
class RelativeExperiment:
    """The model of a recipe, with its seed and data set."""

    recipe: RelativeRecipe
    seed: int
    data: sets.DataSet
    images: Images
    model: RelativeModel
    check: FiniteCheck = field(default_factory=FiniteCheck)
    backend: NumPyBackend = CPU
    ranks: Ranks = ALONE
    classes: None = None
    parts: Parts = NO_PARTS

    @classmethod
    def begin(
        cls,
        recipe: RelativeRecipe,
        seed: int,
        data_dir: Path | None = None,
        device: str = "cpu",
        parts: Parts = NO_PARTS,
        ranks: Ranks = ALONE,
    ) -> RelativeExperiment:
        """The experiment before its first iteration.

        Raises UserError if the data cannot be loaded or do not fit, or for a device, parts or
        ranks that only the run of a GAN can have.
        """
        what = f"the {recipe.model_name} of {recipe.name}"
        if device != "cpu":
            raise UserError(f"{what} is trained on the CPU only: use --device cpu, not {device}")
        if ranks.size > 1:
            raise UserError(f"{what} is trained in one process: start it without mpiexec")
        if parts.description:
            raise UserError(f"{what} has no parts to replace: leave out the custom parts")
        source = recipe.data
        data = sets.load(source.set, data_dir, source.height, source.width, source.channels)
        if not isinstance(data.train, Images):
            raise UserError(f"{what} needs images with pixels in [0, 1]")
        if recipe.training.m > len(data.train):
            raise UserError(
                f"training.m = {recipe.training.m} is more than the {len(data.train)} training "
                "examples: use a smaller minibatch, for example --set training.m=10"
            )
        model = model_of(recipe, seed, math.prod(data.shape), len(data.train))
        return cls(recipe, seed, data, data.train, model)

    def iterate(self, t: int) -> Callable[[], float]:
        """Run update t = 0, 1, ...; returns a function that computes the loss.

        Raises NotFiniteError if the gradient is not finite.
        """
        return self.model.update(self.images, t, self.check.gradient)

    def line(self, loss: Callable[[], float]) -> dict[str, float]:
        """The fields of the log line after an update."""
        layer = self.model.layer
        player = self.model.players[layer - 1]
        line = {"layer": layer, "loss": loss(), **player.hyperparameters(player.updates - 1)}
        return {name: line[name] for name in self.columns}

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the fields of a log line. A model of one layer does not number it."""
        players = self.model.players
        numbered = ("layer",) if len(players) > 1 else ()
        return (*numbered, "loss", *players[0].hyperparameters(0))

    def samples(self, count: int) -> Array:
        """x (count, n). Every call draws the same numbers for the same count."""
        self.model.prepare_chains(self.images)
        return self.model.samples(count, self.seed)

    @property
    def complete(self) -> bool:
        """Whether the top layer has been trained, so that samples are those of the whole model."""
        return self.model.layer == len(self.model.players)

    @property
    def identity(self) -> Array:
        """A hash (16 bytes) of recipe, seed and data, saved in every checkpoint."""
        return identity_of(self.recipe, self.seed, self.data.digest)

    def announcement(self) -> str | None:
        """A sentence about a run that takes minutes or more; None for a shorter one."""
        parameters = sum(len(player.theta.vector) for player in self.model.players)
        n, iterations = math.prod(self.data.shape), self.recipe.training.iterations
        flop = flop_of_model(self.recipe, n) / iterations
        return sentence_of(parameters, model_bytes(self.recipe, n), flop, iterations, on_cpu=True)

    def tensors(self) -> Iterator[tuple[str, Array]]:
        """The arrays of the model by name."""
        yield from model_arrays(self.model).items()

    def state(self, copy: bool = True) -> dict[str, Array]:
        """Everything that training changes, as NumPy arrays by name; see `Experiment.state`."""
        self.model.prepare_chains(self.images)
        arrays = model_arrays(self.model).items()
        state = {name: np.array(array, copy=copy or None) for name, array in arrays}
        return state | {"updates": np.array([player.updates for player in self.model.players])}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Set the experiment to a `state`; see `Experiment.restore`."""
        restore_model(self.model, state)


AnyExperiment: TypeAlias = Experiment | RelativeExperiment
