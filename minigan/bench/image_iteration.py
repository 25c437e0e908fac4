"""One iteration of each recipe for CIFAR-10, compared with its limit.

    limit    the products, one write and one read of every patch matrix, one pass over theta, v, g
    check    the slopes of V and of G's loss along their own gradients g, by differences in float64:
             (f(theta + h e) - f(theta - h e)) / 2 h = g . e     with e = g / |g|

The recipes are measured without a penalty, as the published configurations have none. The
differences use only the values of V and of the loss, so they share no backward pass with g.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from minigan.algorithm_1 import gradient_of_D, gradient_of_G, pass_of_data_and_samples
from minigan.arrays import Array
from minigan.bench import checks
from minigan.bench.fixed_draws import FixedDraws
from minigan.bench.iteration import timed_rows
from minigan.bench.setting import cifar, new_game, random_colour_images, recipe_draws
from minigan.bench.tables import TIMES, Column, Table, TableRow
from minigan.data.images import Images
from minigan.game import Game
from minigan.parameters import Parameters
from minigan.training import recipes
from minigan.training.recipes import Recipe

SMALL = ("cifar10-small", "cifar10-conv-small")
PUBLISHED = ("cifar10-fc-2014", "cifar10-conv-2014")
IMAGES = 2_000
CYCLE = 2
CHANGE = 1e-8  # of V or of the loss, by a step of the differences: few units cross a kink
COLUMNS = (
    Column("recipe", key=True, narrow=True),
    Column("m", key=True, narrow=True),
    Column("what", key=True, narrow=True),
    *TIMES,
    Column("/ products"),
    Column("/ limit", narrow=True),
    Column("speed", "GFLOP/s"),
    Column("images", "1/s"),
    Column("check"),
    Column("max difference"),
)
CHECK = "slopes in float64, by differences"


def image_iteration_table(
    names: Sequence[str],
    batches: Sequence[int] = (0,),
    *,
    rounds: int,
    at_least: float,
    width: float = 1.0,
) -> Table:
    """The times of one iteration of each recipe. Raises WrongResult if a gradient is wrong.

    `batches` are the minibatch sizes of each recipe; 0: its own.
    """
    rows: list[TableRow] = []
    for name in names:
        own = recipes.load(name).training.m
        for m in dict.fromkeys(m or own for m in batches):
            recipe = cifar(name, width, m)
            images = random_colour_images(recipe, IMAGES)
            fixed = FixedDraws(recipe_draws(recipe, images), CYCLE)
            checked = (CHECK, verify_slopes(recipe, images, fixed))
            rows += timed_rows(
                (name,), recipe, images, fixed, checked, rounds=rounds, at_least=at_least
            )
    size = "" if width == 1 else f", {width:g} times as wide"
    title = f"One iteration, on the networks for CIFAR-10{size}"
    return Table("iteration for images", title, COLUMNS, tuple(rows))


def verify_slopes(recipe: Recipe, images: Images, draws: FixedDraws) -> float:
    """The larger relative difference of the two slopes. Raises WrongResult if it is too large."""
    game = new_game(recipe, images, draws)
    # Biases of 0 make ties of the pieces where there is no slope.
    for player, seed in ((game.player_g, 0), (game.player_d, 1)):
        noise = np.random.default_rng(seed).standard_normal(player.theta.vector.size)
        player.theta.assign(player.theta.vector + 1e-3 * noise.astype(np.float32))
    z, x, masks = draws.noise("D", 0), draws.data(0, out=game.x), draws.masks("D", 0, 2 * game.m)
    g, both = pass_of_data_and_samples(game, x, z, masks)
    of_d = gradient_of_D(game, both).vector.astype(np.float64)
    of_g = gradient_of_G(game, g, both.rows(game.m, 2 * game.m)).vector.astype(np.float64)
    return max(
        _difference(f"{recipe.name}, the gradient of {player}", gradient, theta, f)
        for player, gradient, theta, f in (
            ("D", of_d, game.player_d.theta.vector, _value_of_D(game, masks)),
            ("G", of_g, game.player_g.theta.vector, _loss_of_G(game, z, masks)),
        )
    )


def _difference(what: str, g: Array, theta: Array, f: Callable[[Array], float]) -> float:
    norm, start = float(np.linalg.norm(g)), theta.astype(np.float64)
    h = CHANGE / norm
    e = g / norm
    slope = (f(start + h * e) - f(start - h * e)) / (2 * h)
    return checks.require(what, abs(slope / norm - 1))


def _value_of_D(game: Game, masks: Sequence[Array]) -> Callable[[Array], float]:
    """weight V as a function of theta_d, on the batch of the game."""
    batch, m = game.batch.astype(np.float64), game.m

    def value(theta: Array) -> float:
        a = game.D.forward(Parameters(game.D.shapes, theta), batch, masks).y
        return float(game.weight_of_V * game.objective.value(a[:m], a[m:]))

    return value


def _loss_of_G(game: Game, z: Array, masks: Sequence[Array]) -> Callable[[Array], float]:
    """G's loss as a function of theta_g, with the masks of the samples."""
    z, of_samples = z.astype(np.float64), [mask[game.m :] for mask in masks]
    theta_d = Parameters(game.D.shapes, game.player_d.theta.vector.astype(np.float64))

    def loss(theta: Array) -> float:
        samples = game.G.forward(Parameters(game.G.shapes, theta), z).y
        return float(game.objective.loss(game.D.forward(theta_d, samples, of_samples).y))

    return loss
