"""From a recipe and a seed to a game that can be played: data, networks, optimisers, draws.

The parameters are drawn on the host and moved to the backend, so every device starts alike. An
experiment's state is a few arrays, and `restore` puts them back.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from minigan import algorithm1, objectives
from minigan.arrays import Array
from minigan.backends.numpy import NumPyBackend
from minigan.backends.protocol import Backend, GameParts
from minigan.data import sets
from minigan.data.images import Images
from minigan.draws import noise
from minigan.draws.minibatches import Draws, Examples, Minibatches, per_epoch
from minigan.errors import UserError
from minigan.finite import FiniteCheck, first_not_finite
from minigan.game import Game
from minigan.layers import Dropout, Layer, Linear, Maxout, ReLU, Sigmoid
from minigan.network import Network
from minigan.optimizers import Momentum, Optimizer
from minigan.parameters import Parameters
from minigan.schedules import ExponentialDecay, LinearRamp
from minigan.training.averaging import Average
from minigan.training.parts import NO_PARTS, Parts
from minigan.training.recipes import Recipe
from minigan.training.recipes.tables import Discriminator, Generator
from minigan.training.sampler import Sampler

CPU = NumPyBackend()


def build_G(recipe: Generator, z_size: int, n: int) -> Network:
    """z -> ReLU layers -> n numbers, through a sigmoid where the output says so (section 5)."""
    layers: list[Layer] = []
    for units in recipe.hidden:
        layers += [Linear(units, recipe.spread), ReLU()]
    output: list[Layer] = [Sigmoid()] if recipe.output == "sigmoid" else []
    return Network(z_size, (*layers, Linear(n, recipe.spread), *output))


def build_D(recipe: Discriminator, n: int) -> Network:
    """n numbers -> maxout layers, each with dropout on its input -> one logit (section 5)."""
    layers: list[Layer] = []
    keep = recipe.keep_input
    for units in recipe.units:
        layers += _dropout(keep)
        layers += [Linear(units * recipe.pieces, recipe.spread), Maxout(units, recipe.pieces)]
        keep = recipe.keep_hidden
    return Network(n, (*layers, *_dropout(keep), Linear(1, recipe.spread)))


def _dropout(keep: float) -> list[Layer]:
    return [Dropout(keep)] if keep < 1 else []


def bytes_of(G: Network, D: Network, m: int) -> int:
    """What a game holds in float32: theta, gradient and velocity; the y and dx of each trace.

    G has two traces of m rows, D one of m and one of 2m.
    """
    parameters = sum(math.prod(shape) for net in (G, D) for shape in net.shapes.values())
    activations = 2 * m * (2 * sum(G.widths) + 3 * sum(D.widths))
    return 4 * (3 * parameters + activations)


def _refuse_beyond_memory(needed: int, backend: Backend) -> None:
    there = backend.memory
    if there is not None and needed > there:
        where = "this machine" if backend.name == "cpu" else backend.name
        raise UserError(
            f"these networks need {needed / 1e9:.3g} GB and {where} has {there / 1e9:.3g} GB: "
            "make generator.hidden, discriminator.units, discriminator.pieces, prior.size, "
            "training.m or the images smaller"
        )


def _refuse_misfits(G: Network, D: Network, n: int) -> None:
    if (G.outputs, D.inputs, D.outputs) != (n, n, 1):
        raise UserError(
            f"an example has {n} numbers, but G makes {G.outputs}, and D takes {D.inputs} and "
            f"gives {D.outputs}: G must make {n}, and D must take {n} and give 1, the logit"
        )


def logit_of_marginals(mean: Array, floor: float) -> Array:
    """log(p / (1 - p)) of each pixel's mean p (n,), p kept in [floor, 1 - floor]."""
    p = np.clip(mean, floor, 1 - floor)
    logit: Array = np.log(p / (1 - p))
    return logit


def minibatches(
    recipe: Recipe, seed: int, examples: Examples, D: Network, parts: Parts = NO_PARTS
) -> Minibatches:
    """The draws of a recipe: minibatches of the examples, noise, and masks for D."""
    return Minibatches(
        seed=seed,
        examples=examples,
        m=recipe.training.m,
        order=recipe.data.order,
        prior=parts.prior or noise.PRIORS[recipe.prior.kind],
        z_size=parts.G.inputs if parts.G else recipe.prior.size,
        mask_sizes=D.mask_sizes,
    )


def game_of(
    recipe: Recipe,
    networks: tuple[Network, Network],
    theta: tuple[Parameters, Parameters],
    draws: Draws,
    N: int,
    backend: Backend = CPU,
    parts: Parts = NO_PARTS,
) -> Game:
    """The game of G and D, with theta_g and theta_d, as a recipe describes it for N examples.

    theta is on the backend already; draws are those of the host.
    """
    k, g_steps = recipe.training.k, recipe.training.g_steps
    make = parts.optimizer
    adapted = backend.adapt(
        GameParts(
            *networks,
            player_g=make(theta[0]) if make else _momentum(recipe, theta[0], g_steps, N),
            player_d=make(theta[1]) if make else _momentum(recipe, theta[1], k, N),
            draws=draws,
            objective=parts.objective or objectives.OBJECTIVES[recipe.generator.objective],
            check=FiniteCheck(),
        )
    )
    return Game(
        **vars(adapted),
        m=recipe.training.m,
        k=k,
        weight_of_V=recipe.discriminator.weight_of_V,
        g_steps=g_steps,
    )


@dataclass(frozen=True)
class Experiment:
    """A game with its recipe, its data and its backend; G's average where the recipe has one.

    `parts` are those of your own that replace what the recipe describes.
    """

    recipe: Recipe
    seed: int
    backend: Backend
    data: sets.DataSet
    game: Game
    average: Average | None = None
    parts: Parts = NO_PARTS

    @classmethod
    def begin(
        cls,
        recipe: Recipe,
        seed: int,
        backend: Backend,
        data_dir: Path | None = None,
        parts: Parts = NO_PARTS,
    ) -> Experiment:
        """The game before its first iteration.

        `data_dir` is where a published data set, or a folder of pictures, is. Raises UserError
        where the data cannot be used or the sizes do not fit.
        """
        wanted = recipe.data
        data = parts.data or sets.load(
            wanted.set, data_dir, wanted.height, wanted.width, wanted.channels
        )
        if recipe.training.m > len(data.train):
            raise UserError(
                f"training.m = {recipe.training.m} is more than the {len(data.train)} training "
                "examples: make it smaller, as in --set training.m=10"
            )
        n = math.prod(data.shape)
        G = parts.G or build_G(recipe.generator, recipe.prior.size, n)
        D = parts.D or build_D(recipe.discriminator, n)
        _refuse_misfits(G, D, n)
        needed = bytes_of(G, D, recipe.training.m)
        if backend.name != "cpu":
            needed += data.train.numbers.nbytes  # which the device holds too
        _refuse_beyond_memory(needed, backend)
        theta_g, theta_d = G.initial(seed, "theta_g"), D.initial(seed, "theta_d")
        sigmoid = parts.G is None and recipe.generator.output == "sigmoid"
        if sigmoid and isinstance(data.train, Images):
            # As published: samples start out with about the mean brightness of each pixel.
            theta_g[f"{G.names[-2]}.b"][...] = logit_of_marginals(
                data.train.mean(), recipe.generator.marginal_floor
            )
        draws = minibatches(recipe, seed, data.train, D, parts)
        theta = _on(backend, theta_g), _on(backend, theta_d)
        game = game_of(recipe, (G, D), theta, draws, len(data.train), backend, parts)
        keep, every = recipe.generator.average_keep, recipe.generator.average_every
        average = Average(game.player_g.theta, keep, every) if every else None
        return cls(recipe, seed, backend, data, game, average, parts)

    def iterate(self, t: int) -> algorithm1.Logits:
        """Iteration t in the recipe's update order. Raises NotFiniteError, before an update."""
        iteration = algorithm1.UPDATE_ORDERS[self.recipe.training.schedule]
        logits = iteration(self.game, t)
        if self.average:
            self.average.after(t + 1)
        return logits

    @property
    def sampler(self) -> Sampler:
        """G as it stands, or its average where the recipe has one, with its prior."""
        theta_g = self.average.bar if self.average else self.game.player_g.theta
        prior = self.parts.prior or noise.PRIORS[self.recipe.prior.kind]
        return Sampler(self.game.G, theta_g, prior, self.backend)

    def samples(self, count: int) -> Array:
        """G(z) (count, n) of the G of this moment, from the same z whenever they are asked for."""
        return self.sampler.samples(self.sampler.noise(count, self.seed))

    @property
    def identity(self) -> Array:
        """16 bytes that tell this game from all others: recipe, seed and data.

        How long it is played, and how it is told, makes no other game.
        """
        recipe = asdict(self.recipe)
        for how in ("name", "log"):
            del recipe[how]
        for how in ("iterations", "blas_threads"):
            del recipe["training"][how]
        if not self.average:  # the same game as before there were averages
            del recipe["generator"]["average_keep"], recipe["generator"]["average_every"]
        if self.game.g_steps == 1:  # and before G could take more than one step
            del recipe["training"]["g_steps"]
        own = [self.parts.description] if self.parts.description else []
        text = json.dumps([recipe, self.seed, self.data.digest, *own], sort_keys=True)
        digest = hashlib.blake2b(text.encode(), digest_size=16).digest()
        return np.frombuffer(digest, dtype=np.uint8)

    def state(self) -> dict[str, Array]:
        """A copy of what learning has changed: theta, velocity, count of updates, per player."""
        to_host = self.backend.to_host
        state = {name: np.array(to_host(array)) for name, array in self._learnt().items()}
        game = self.game
        return state | {"updates": np.array([game.player_g.updates, game.player_d.updates])}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Put a `state` back, all of it or nothing. Raises UserError for that of other networks."""
        game, learnt = self.game, self._learnt()
        kinds = {name: (array.shape, array.dtype) for name, array in learnt.items()}
        for name, kind in {**kinds, "updates": ((2,), np.dtype(np.int64))}.items():
            given = state.get(name)
            if given is None or (given.shape, given.dtype) != kind:
                raise UserError("the checkpoint does not fit the networks of this recipe")
        if (state["updates"] < 0).any() or first_not_finite((n, state[n]) for n in learnt):
            raise UserError("the checkpoint holds numbers that no training leaves")
        for name, array in learnt.items():
            array[...] = self.backend.asarray(state[name])
        if self.average:
            self.average.bar.changed()
        game.player_g.theta.changed()
        game.player_d.theta.changed()
        game.player_g.updates, game.player_d.updates = (int(count) for count in state["updates"])

    def _learnt(self) -> dict[str, Array]:
        """The vectors themselves, on the device."""
        g, d = self.game.player_g, self.game.player_d
        learnt = {"theta_g": g.theta.vector, "theta_d": d.theta.vector}
        for player, optimizer in (("g", g), ("d", d)):
            learnt |= {f"{name}_{player}": vector for name, vector in optimizer.state().items()}
        return learnt | ({"average_g": self.average.bar.vector} if self.average else {})


def _on(backend: Backend, theta: Parameters) -> Parameters:
    return Parameters(theta.shapes, backend.asarray(theta.vector))


def _momentum(recipe: Recipe, theta: Parameters, updates_per_iteration: int, N: int) -> Optimizer:
    """Momentum with the recipe's schedules; there an epoch is N // m iterations, whatever k."""
    o = recipe.optimizer
    eta = ExponentialDecay(o.rate, o.rate_divisor, o.rate_floor)
    mu = LinearRamp(
        o.momentum,
        o.momentum_final,
        o.momentum_first_epoch,
        o.momentum_last_epoch,
        updates_per_epoch=per_epoch(N, recipe.training.m) * updates_per_iteration,
    )
    return Momentum(theta, eta, mu)
