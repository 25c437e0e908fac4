"""From a recipe and a seed to a game that can be played: networks, parameters, optimisers, draws.

The parameters are drawn on the host and moved to the backend, so every device starts alike. An
experiment's state is five arrays, and `restore` puts them back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from minigan import algorithm1, draws, objectives
from minigan.arrays import Array
from minigan.backends.protocol import Backend
from minigan.data import digits, noise
from minigan.data.images import Images
from minigan.descriptions import Dropout, Layer, Linear, Maxout, ReLU, Sigmoid
from minigan.errors import UserError
from minigan.game import Game
from minigan.minibatches import Minibatches
from minigan.network import Network
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.recipe import Discriminator, Generator, Recipe
from minigan.schedules import ExponentialDecay, LinearRamp

ROWS_AT_A_TIME = 1000


def build_G(recipe: Generator, z_size: int, n: int) -> Network:
    """z -> ReLU layers -> n sigmoid pixels (section 5)."""
    layers: list[Layer] = []
    for units in recipe.hidden:
        layers += [Linear(units, recipe.spread), ReLU()]
    return Network(z_size, (*layers, Linear(n, recipe.spread), Sigmoid()))


def build_D(recipe: Discriminator, n: int) -> Network:
    """n pixels -> maxout layers, each with dropout on its input -> one logit (section 5)."""
    layers: list[Layer] = []
    keep = recipe.keep_input
    for units in recipe.units:
        layers += _dropout(keep)
        layers += [Linear(units * recipe.pieces, recipe.spread), Maxout(units, recipe.pieces)]
        keep = recipe.keep_hidden
    return Network(n, (*layers, *_dropout(keep), Linear(1, recipe.spread)))


def _dropout(keep: float) -> list[Layer]:
    return [Dropout(keep)] if keep < 1 else []


def logit_of_marginals(x: Array, floor: float) -> Array:
    """log(p / (1 - p)) of each pixel's mean p over x (N, n), p kept in [floor, 1 - floor]."""
    p = np.clip(x.mean(axis=0, dtype=np.float64), floor, 1 - floor)
    logit: Array = np.log(p / (1 - p))
    return logit


@dataclass(frozen=True)
class Experiment:
    """A game with its recipe, its data and its backend."""

    recipe: Recipe
    seed: int
    backend: Backend
    train: Images
    held_out: Images
    game: Game

    @classmethod
    def begin(cls, recipe: Recipe, seed: int, backend: Backend) -> Experiment:
        """The game before its first iteration. Raises UserError where the sizes do not fit."""
        train, held_out = digits.load("train"), digits.load("test")
        n = train.height * train.width
        G = build_G(recipe.generator, recipe.prior.size, n)
        D = build_D(recipe.discriminator, n)
        theta_g, theta_d = G.initial(seed, "theta_g"), D.initial(seed, "theta_d")
        # As published: samples start out with about the mean brightness of each pixel.
        theta_g[f"{G.names[-2]}.b"][...] = logit_of_marginals(
            train.all(), recipe.generator.marginal_floor
        )
        if recipe.training.m > len(train):
            raise UserError(
                f"training.m = {recipe.training.m} is more than the {len(train)} training images"
            )
        game = Game(
            G=G,
            D=D,
            player_g=_optimizer(
                recipe, _on(backend, theta_g), updates_per_iteration=1, N=len(train)
            ),
            player_d=_optimizer(recipe, _on(backend, theta_d), recipe.training.k, N=len(train)),
            draws=Minibatches(
                seed=seed,
                images=train,
                m=recipe.training.m,
                order=recipe.data.order,
                prior=noise.PRIORS[recipe.prior.kind],
                z_size=recipe.prior.size,
                mask_sizes=D.mask_sizes,
                backend=backend,
            ),
            objective=objectives.OBJECTIVES[recipe.generator.objective],
            m=recipe.training.m,
            k=recipe.training.k,
            weight_of_V=recipe.discriminator.weight_of_V,
        )
        return cls(recipe, seed, backend, train, held_out, game)

    def iterate(self, t: int) -> algorithm1.Logits:
        """Iteration t of the recipe's schedule."""
        if self.recipe.training.schedule == "simultaneous":
            return algorithm1.simultaneous(self.game, t)
        return algorithm1.algorithm1(self.game, t)

    def noise(self, count: int, stream: str = "noise/samples", seed: int | None = None) -> Array:
        """z (count, z_size) for looking at samples: never a draw that training uses."""
        rng = draws.generator(self.seed if seed is None else seed, stream, 0)
        return noise.PRIORS[self.recipe.prior.kind](rng, count, self.recipe.prior.size)

    def samples(self, z: Array) -> Array:
        """G(z) (len(z), n), on the host; passes of 1000 rows bound the memory."""
        G, theta_g, backend = self.game.G, self.game.player_g.theta, self.backend
        rows = min(len(z), ROWS_AT_A_TIME)
        trace = G.trace(rows, theta_g.vector.dtype, backend.xp)
        samples = np.empty((len(z), G.outputs), dtype=theta_g.vector.dtype)
        for start in range(0, len(z), ROWS_AT_A_TIME):
            block = backend.asarray(z[start : start + rows])
            y = G.forward(theta_g, block, trace=trace if len(block) == rows else None).y
            samples[start : start + rows] = backend.to_host(y)
        return samples

    def state(self) -> dict[str, Array]:
        """A copy of what learning has changed: theta, velocity, count of updates, per player."""
        game, host = self.game, self.backend.to_host
        return {
            "theta_g": np.array(host(game.player_g.theta.vector)),
            "theta_d": np.array(host(game.player_d.theta.vector)),
            "v_g": np.array(host(game.player_g.v)),
            "v_d": np.array(host(game.player_d.v)),
            "updates": np.array([game.player_g.updates, game.player_d.updates]),
        }

    def restore(self, state: Mapping[str, Array]) -> None:
        """Put a `state` back, all of it or nothing. Raises UserError for that of other networks."""
        game, device = self.game, self.backend.asarray
        for name, own in self.state().items():
            given = state.get(name)
            if given is None or given.shape != own.shape or given.dtype != own.dtype:
                raise UserError("the checkpoint does not fit the networks of this recipe")
        for name, player in (("g", game.player_g), ("d", game.player_d)):
            player.theta.assign(device(state[f"theta_{name}"]))
            player.v[...] = device(state[f"v_{name}"])
        game.player_g.updates, game.player_d.updates = (int(count) for count in state["updates"])


def _on(backend: Backend, theta: Parameters) -> Parameters:
    return Parameters(theta.shapes, backend.asarray(theta.vector))


def _optimizer(recipe: Recipe, theta: Parameters, updates_per_iteration: int, N: int) -> Momentum:
    """Momentum with the recipe's schedules; there an epoch is N // m iterations, whatever k."""
    o = recipe.optimizer
    eta = ExponentialDecay(o.rate, o.rate_divisor, o.rate_floor)
    mu = LinearRamp(
        o.momentum,
        o.momentum_final,
        o.momentum_first_epoch,
        o.momentum_last_epoch,
        updates_per_epoch=max(1, N // recipe.training.m) * updates_per_iteration,
    )
    return Momentum(theta, eta, mu)
