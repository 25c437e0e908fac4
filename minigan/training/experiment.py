"""Build a game from a recipe and a seed: data set, networks, optimizers and draws.

The initial parameters are drawn on the host and copied to the device, so they are the same on
every device. The state of an experiment is a few arrays, which `state` returns and `restore` sets.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from minigan import algorithm_1, objectives
from minigan.arrays import Array
from minigan.backends.numpy import NumPyBackend
from minigan.backends.protocol import Backend, GameParts
from minigan.backends.ranks import adapt_to_ranks
from minigan.data import sets
from minigan.draws import noise
from minigan.draws.minibatches import Draws, Examples, Minibatches
from minigan.errors import UserError
from minigan.finite import FiniteCheck
from minigan.game import Game
from minigan.network import Network
from minigan.objectives.penalties import PENALTIES, falling
from minigan.optimizers import Clipped, ColumnNorms
from minigan.parameters import Parameters
from minigan.system.ranks import ALONE, Ranks
from minigan.training.averaging import Average
from minigan.training.completion.rows import BesideMasks, PriorOfCompletions
from minigan.training.conditional.rows import (
    Classes,
    ExamplesWithClasses,
    PriorWithClasses,
    classes_of,
)
from minigan.training.initial import initial_theta_g
from minigan.training.instance_noise import Noisy, PriorWithNoise
from minigan.training.networks import (
    bytes_of,
    check_sizes,
    networks_of,
    require_second_order,
)
from minigan.training.optimizers import optimizer_of
from minigan.training.part_checks import check_optimizer, check_parts
from minigan.training.parts import NO_PARTS, Parts
from minigan.training.recipes import Recipe
from minigan.training.recipes.identity import identity_of
from minigan.training.runs import checkpoint
from minigan.training.sampler import Sampler, zeros_of
from minigan.training.workload import announcement

CPU = NumPyBackend()


def _check_memory(needed: int, backend: Backend) -> None:
    available = backend.memory
    if available is not None and needed > available:
        device = "this machine" if backend.name == "cpu" else backend.name
        raise UserError(
            f"these networks need {needed / 1e9:.3g} GB and {device} has {available / 1e9:.3g} GB: "
            "reduce generator.hidden, discriminator.units, discriminator.pieces, prior.size, "
            "training.m or the size of the images"
        )


def minibatches(
    recipe: Recipe,
    seed: int,
    examples: Examples,
    D: Network,
    parts: Parts = NO_PARTS,
    classes: Classes | None = None,
) -> Minibatches:
    """The draws of a recipe: minibatches of the examples, noise for G, and masks for D.

    With `classes`, examples and noise have the columns of c. In a run that completes pictures or
    has instance noise, they have those of `completion.rows` or of `instance_noise`.
    """
    prior = parts.prior or noise.PRIORS[recipe.prior.kind]
    shape, s = tuple(examples.shape), recipe.discriminator.instance_noise
    change: BesideMasks | Noisy | None = None
    more = 0
    if classes:
        more, prior = len(classes), PriorWithClasses(prior, classes)
        examples = ExamplesWithClasses(examples, classes)
    elif recipe.completes:
        more, change = zeros_of(recipe, shape), BesideMasks(shape, recipe.data.masks)
        prior = PriorOfCompletions(prior, examples, recipe.data.masks)
    elif s:
        more, change = zeros_of(recipe, shape), Noisy(s)
        prior = PriorWithNoise(prior, more, s)
    return Minibatches(
        seed=seed,
        examples=examples,
        m=recipe.training.m,
        order=recipe.data.order,
        prior=prior,
        z_size=parts.G.inputs if parts.G else recipe.prior.size + more,
        mask_sizes=D.mask_sizes,
        change=change,
    )


def game_of(
    recipe: Recipe,
    networks: tuple[Network, Network],
    theta: tuple[Parameters, Parameters],
    draws: Draws,
    N: int,
    backend: Backend = CPU,
    parts: Parts = NO_PARTS,
    seed: int = 0,
    ranks: Ranks = ALONE,
) -> Game:
    """The game of a recipe with networks (G, D), parameters (theta_g, theta_d) and N examples.

    theta must be on the device of the backend; draws must be those of the host. `seed` is that of
    the draws of a penalty.
    """
    k, g_steps, d = recipe.training.k, recipe.training.g_steps, recipe.discriminator
    make, of_recipe = parts.optimizer, partial(optimizer_of, recipe)
    weight = falling(d.penalty_weight, d.penalty_divisor, d.penalty_floor)
    objective = objectives.with_margins(
        objectives.OBJECTIVES[recipe.generator.objective], recipe.generator.margin, d.margin
    )
    adapted = adapt_to_ranks(
        GameParts(
            *networks,
            player_g=make(theta[0]) if make else of_recipe(theta[0], g_steps, N),
            player_d=make(theta[1]) if make else of_recipe(theta[1], k, N, d.rate_factor),
            draws=draws,
            objective=parts.objective or objective,
            check=FiniteCheck(),
            m=recipe.training.m,
            penalty=PENALTIES[d.penalty](weight, seed) if d.penalty else None,
        ),
        backend,
        ranks,
    )
    if d.clip:
        adapted = replace(adapted, player_d=Clipped(adapted.player_d, d.clip))
    if limit := recipe.optimizer.max_column_norm:
        player_g, player_d = (ColumnNorms(p, limit) for p in (adapted.player_g, adapted.player_d))
        adapted = replace(adapted, player_g=player_g, player_d=player_d)
    return Game(
        **vars(adapted),
        k=k,
        weight_of_V=d.weight_of_V,
        g_steps=g_steps,
    )


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

        `resumed`: `restore` is called next, so another run that theta_g begins with is not read.
        `data_dir` is the folder of a downloaded data set or of your images. Raises UserError
        if the data cannot be loaded, if sizes do not match, or if the memory of the device
        is too small.
        """
        check_parts(parts, parts.G.inputs if isinstance(parts.G, Network) else recipe.prior.size)
        custom = parts.G or parts.D or parts.prior
        if recipe.conditional and custom:
            raise UserError(
                "custom networks and priors are not conditional: leave out class_units, or the "
                "custom G, D and prior"
            )
        if custom and (recipe.completes or recipe.discriminator.instance_noise):
            raise UserError(
                "custom networks and priors have no further inputs: leave out data.masks and "
                "discriminator.instance_noise, or the custom G, D and prior"
            )
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
        _check_memory(needed, backend)
        theta_d = D.initial(seed, "theta_d")
        if parts.G:
            theta_g = G.initial(seed, "theta_g")
        else:
            theta_g = initial_theta_g(recipe.generator, G, seed, data, not resumed)
        draws = minibatches(recipe, seed, data.train, D, parts, classes)
        theta = _on(backend, theta_g), _on(backend, theta_d)
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


def _on(backend: Backend, theta: Parameters) -> Parameters:
    return Parameters(theta.shapes, backend.asarray(theta.vector))
