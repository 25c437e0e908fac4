"""An experiment: a game made from a recipe and a seed, with its data set and its state.

The initial parameters are drawn on the host and copied to the device, so they are the same on
every device. The state of an experiment is a few arrays, which `state` returns and `restore` sets.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from minigan import algorithm_1
from minigan.arrays import Array
from minigan.backends.protocol import Backend
from minigan.data import sets
from minigan.draws import noise
from minigan.errors import UserError
from minigan.finite import FiniteCheck
from minigan.game import Game
from minigan.network import Network
from minigan.system.ranks import ALONE, Ranks
from minigan.training.averaging import Average
from minigan.training.building import game_of, minibatches, moved_to, require_memory
from minigan.training.conditional.rows import (
    Classes,
    classes_of,
)
from minigan.training.initial import initial_theta_g
from minigan.training.networks import (
    bytes_of,
    check_sizes,
    networks_of,
    require_second_order,
)
from minigan.training.part_checks import check_optimizer, check_parts
from minigan.training.parts import NO_PARTS, Parts
from minigan.training.recipes import Recipe
from minigan.training.recipes.identity import identity_of
from minigan.training.runs import checkpoint
from minigan.training.sampler import Sampler, zeros_of
from minigan.training.workload import announcement


@dataclass(frozen=True)
class Experiment:
    """A game with its recipe, seed, data set and backend, and the average of G if there is one.

    `parts` replace what the recipe describes. `classes` are those of a conditional run. With
    several `ranks`, the game has the rows of this one; everything else is the same on all of them.
    """

    recipe: Recipe
    seed: int
    backend: Backend
    data: sets.DataSet
    game: Game
    average: Average | None = None
    parts: Parts = NO_PARTS
    classes: Classes | None = None
    ranks: Ranks = ALONE

    @classmethod
    def begin(
        cls,
        recipe: Recipe,
        seed: int,
        backend: Backend,
        data_dir: Path | None = None,
        parts: Parts = NO_PARTS,
        ranks: Ranks = ALONE,
        resumed: bool = False,
    ) -> Experiment:
        """The experiment before its first iteration.

        `data_dir` is the folder of a downloaded data set or of your images. `resumed`: the caller
        restores a checkpoint next, so the run in `generator.upper` is not read. Raises UserError if
        the data cannot be loaded, if sizes do not match, or if the memory of the device is too
        small.
        """
        check_parts(parts, parts.G.inputs if isinstance(parts.G, Network) else recipe.prior.size)
        _check_inputs(recipe, parts)
        source = recipe.data
        data = parts.data or sets.load(
            source.set, data_dir, source.height, source.width, source.channels, source.contrast
        )
        if recipe.training.m > len(data.train):
            raise UserError(
                f"training.m = {recipe.training.m} is more than the {len(data.train)} training "
                "examples: use a smaller minibatch, for example --set training.m=10"
            )
        classes = classes_of(data) if recipe.conditional else None
        n, count = math.prod(data.shape), len(classes or ())
        networks = networks_of(recipe, n, data.shape, count)
        G, D = parts.G or networks[0], parts.D or networks[1]
        check_sizes(G, D, 2 * n if recipe.completes else n + count)
        if recipe.discriminator.penalty:
            require_second_order(D)
        own = replace(recipe.training, m=len(ranks.rows(recipe.training.m)))
        needed = bytes_of(replace(recipe, training=own), G, D)
        if backend.name != "cpu":
            needed += data.train.numbers.nbytes  # the device also holds the training examples
        require_memory(needed, backend)
        theta_d = D.initial(seed, "theta_d")
        if parts.G:
            theta_g = G.initial(seed, "theta_g")
        else:
            theta_g = initial_theta_g(recipe.generator, G, seed, data, not resumed)
        draws = minibatches(recipe, seed, data.train, D, parts, classes)
        theta = moved_to(backend, theta_g), moved_to(backend, theta_d)
        N = len(data.train)
        game = game_of(recipe, (G, D), theta, draws, N, backend, parts, seed, ranks)
        if parts.optimizer:
            for player in (game.player_g, game.player_d):
                check_optimizer(player)
        keep, every = recipe.generator.average_keep, recipe.generator.average_every
        average = Average(game.player_g.theta, keep, every) if every else None
        return cls(recipe, seed, backend, data, game, average, parts, classes, ranks)

    def iterate(self, t: int) -> algorithm_1.Logits:
        """Run iteration t = 0, 1, ... in the update order of the recipe; returns D's logits.

        Raises NotFiniteError if a loss or a gradient is not finite.
        """
        iteration = algorithm_1.UPDATE_ORDERS[self.recipe.training.schedule]
        logits = iteration(self.game, t)
        if self.average:
            self.average.after(t + 1)
        return logits

    @property
    def sampler(self) -> Sampler:
        """A sampler with the current G, or with its average if the recipe has one."""
        theta_g = self.average.bar if self.average else self.game.player_g.theta
        prior = self.parts.prior or noise.PRIORS[self.recipe.prior.kind]
        return Sampler(
            self.game.G,
            theta_g,
            prior,
            self.backend,
            len(self.classes or ()),
            zeros_of(self.recipe, self.data.shape),
            self.recipe.completes,
        )

    def samples(self, count: int) -> Array:
        """G(z) (count, n) with the current G. Every call uses the same z for the same count."""
        return self.sampler.samples(self.sampler.noise(count, self.seed))

    @property
    def identity(self) -> Array:
        """A hash (16 bytes) of recipe, seed, data and custom parts, saved in every checkpoint.

        The settings are those of `minigan.training.recipes.identity`.
        """
        parts: list[Any] = [self.parts.description] if self.parts.description else []
        if self.classes is not None:
            parts.append(self.classes.digest)
        return identity_of(self.recipe, self.seed, self.data.digest, *parts)

    @property
    def check(self) -> FiniteCheck:
        """The check of losses and gradients, which may be deferred."""
        return self.game.check

    @property
    def complete(self) -> bool:
        """True: every update trains the whole G."""
        return True

    def announcement(self) -> str | None:
        """A sentence about a run that takes minutes or more; None for a shorter one."""
        return announcement(self.recipe, self.game.G, self.game.D, self.backend.name == "cpu")

    def tensors(self) -> Iterator[tuple[str, Array]]:
        """The arrays of the game by name."""
        yield from self.game.tensors()

    def state(self, copy: bool = True) -> dict[str, Array]:
        """Everything that training changes, as NumPy arrays by name.

        For each player: theta, the arrays of its optimizer and the number of its updates. Without
        `copy` they may be the arrays that the next iteration changes, and need no memory.
        """
        to_host = self.backend.to_host
        state = {
            name: np.array(to_host(array), copy=copy or None)
            for name, array in self._trained_arrays().items()
        }
        game = self.game
        return state | {"updates": np.array([game.player_g.updates, game.player_d.updates])}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Set the experiment to a `state`.

        Raises UserError, without any change, if a name, shape or dtype does not match or if a
        number is not finite.
        """
        game, trained = self.game, self._trained_arrays()
        updates = checkpoint.matching(state, "updates", (2,), [np.int64], least=0)
        saved = {
            name: checkpoint.matching(state, name, array.shape, [array.dtype])
            for name, array in trained.items()
        }
        for name, array in trained.items():
            array[...] = self.backend.asarray(saved[name])
        if self.average:
            self.average.bar.changed()
        game.player_g.theta.changed()
        game.player_d.theta.changed()
        game.player_g.updates, game.player_d.updates = map(int, updates)

    def _trained_arrays(self) -> dict[str, Array]:
        """The arrays that training changes, on the device, without copies."""
        g, d = self.game.player_g, self.game.player_d
        trained = {"theta_g": g.theta.vector, "theta_d": d.theta.vector}
        for player, optimizer in (("g", g), ("d", d)):
            trained |= {f"{name}_{player}": vector for name, vector in optimizer.state().items()}
        return trained | ({"average_g": self.average.bar.vector} if self.average else {})


def _check_inputs(recipe: Recipe, parts: Parts) -> None:
    """Refuse custom networks and priors if the recipe gives G or D more than z and x."""
    if not (parts.G or parts.D or parts.prior):
        return
    if recipe.conditional:
        raise UserError(
            "custom networks and priors are not conditional: leave out class_units, or the "
            "custom G, D and prior"
        )
    if recipe.completes or recipe.discriminator.instance_noise:
        raise UserError(
            "custom networks and priors have no further inputs: leave out data.masks and "
            "discriminator.instance_noise, or the custom G, D and prior"
        )
