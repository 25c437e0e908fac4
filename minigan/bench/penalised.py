"""A D step with each penalty on D's input gradient, compared with a D step without one.

    step      G's pass, D's pass over 2m rows, the gradient of weight V - P, the update of theta_d
    check     the slope of weight V - P along its own gradient g, by differences in float64:
              (f(theta + h e) - f(theta - h e)) / 2 h = g . e     with e = g / |g|

The differences use the values of V and P only, so they share no backward pass with g. Draws are
made before the measurement, and the learning rate is 0, so that every step is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from minigan.algorithm_1 import gradient_of_D, pass_of_data_and_samples
from minigan.bench import checks
from minigan.bench.fixed_draws import FixedDraws
from minigan.bench.setting import amplified_game, random_images, recipe_draws
from minigan.bench.tables import TIMES, Column, Table
from minigan.bench.timing import measure, timer
from minigan.data.images import Images
from minigan.game import Game
from minigan.objectives.penalties import PENALTIES
from minigan.parameters import Parameters
from minigan.trace import Trace
from minigan.training.recipes import Recipe

# row: (penalty, objective of the game); "" leaves it out, or keeps that of the recipe
CASES = {
    "none": ("", ""),
    **{name: (name, "") for name in PENALTIES},
    "R1R2, pairs": ("R1R2", "relativistic"),
}
IMAGES = 10_000
H = 1e-8  # so small that few rows cross a kink; float64 leaves six digits of the slope
COLUMNS = (
    Column("penalty", key=True, narrow=True),
    Column("m", key=True, narrow=True),
    *TIMES,
    Column("/ no penalty", narrow=True),
    Column("check"),
    Column("max difference"),
)


def penalty_table(recipe: Recipe, *, rounds: int, at_least: float) -> Table:
    """The times of a D step without and with each penalty. Raises WrongResult for a wrong one."""
    images, steps, differences = random_images(IMAGES), {}, {}
    for name in CASES:
        steps[name], differences[name] = _checked_step(recipe, name, images)
    timed = measure(
        {name: timer(step) for name, step in steps.items()}, rounds=rounds, at_least=at_least
    )
    without, m = timed["none"].median, recipe.training.m
    rows = tuple(
        (
            *(name, m, *one.milliseconds(), one.median / without),
            *("slope in float64, by differences", differences[name]),
        )
        for name, one in timed.items()
    )
    return Table("penalties", f"A D step with a penalty, for a minibatch of {m}", COLUMNS, rows)


def _checked_step(recipe: Recipe, case: str, images: Images) -> tuple[Callable[[], object], float]:
    """A function that makes the D step, and the relative difference of its slope."""
    penalty, objective = CASES[case]
    weight = 1.0 if penalty else 0.0
    g_settings = replace(recipe.generator, objective=objective or recipe.generator.objective)
    d = replace(recipe.discriminator, penalty=penalty, penalty_weight=weight)
    still = replace(recipe.optimizer, rate=0.0, rate_floor=0.0)
    recipe = replace(recipe, generator=g_settings, discriminator=d, optimizer=still)
    draws = FixedDraws(recipe_draws(recipe, images), 1)
    game = amplified_game(recipe, images, draws)
    # Biases of 0 make ties of the pieces in rows without an input, where there is no slope.
    noise = np.random.default_rng(0).standard_normal(game.player_d.theta.vector.size)
    game.player_d.theta.assign(game.player_d.theta.vector + 0.01 * noise.astype(np.float32))

    def passes() -> Trace:
        z, x = draws.noise("D", 0), draws.data(0, out=game.x)
        return pass_of_data_and_samples(game, x, z, draws.masks("D", 0, 2 * game.m))[1]

    def step() -> None:
        game.player_d.ascend(gradient_of_D(game, passes()))

    g = gradient_of_D(game, passes()).vector.astype(np.float64)
    norm = float(np.linalg.norm(g))
    slope = _slope(game, g / norm, draws)
    return step, checks.require(f"a D step with penalty {case}", abs(slope / norm - 1))


def _slope(game: Game, e: np.ndarray, draws: FixedDraws) -> float:
    """The slope of weight V - P along e, by central differences in float64."""
    D, batch = game.D, game.batch.astype(np.float64)
    masks, start = draws.masks("D", 0, 2 * game.m), game.player_d.theta.vector.astype(np.float64)

    def f(h: float) -> float:
        both = D.forward(Parameters(D.shapes, start + h * e), batch, masks)
        V = game.weight_of_V * game.objective.value(both.y[: game.m], both.y[game.m :])
        if game.penalty is None:
            return float(V)
        no_V, out = np.zeros_like(both.y), D.zeros(np.float64)
        return float(V - game.penalty.backward(D, both, no_V, game.player_d.updates, out=out))

    return (f(H) - f(-H)) / (2 * H)
