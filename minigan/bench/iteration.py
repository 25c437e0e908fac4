"""One iteration of Algorithm 1 and of the simultaneous update order, compared with its limit.

    drawn    minibatch, noise and masks are drawn in the iteration, as in a run
    given    they are drawn before the measurement (`FixedDraws`)

Both variants are verified against `reference`. Then they are timed in turn with the matrix
products alone and with the limit.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.bench import checks
from minigan.bench.fixed_draws import FixedDraws
from minigan.bench.limit import Limit
from minigan.bench.reference import Reference, theta_vectors
from minigan.bench.setting import (
    amplified_game,
    mnist_2014,
    networks,
    new_game,
    random_images,
    recipe_draws,
)
from minigan.bench.tables import TIMES, Column, Table, TableRow
from minigan.bench.timing import measure, timer
from minigan.data.images import Images
from minigan.game import Game
from minigan.training.recipes import Recipe

DRAWN, GIVEN = "minigan, drawn", "minigan, given"  # labels of the rows
PRODUCTS, LIMIT = "products", "limit"
CYCLE = 4
IMAGES = 50_000  # the size of MNIST's training part
COLUMNS = (
    Column("schedule", key=True, narrow=True),
    Column("m", key=True, narrow=True),
    Column("what", key=True, narrow=True),
    *TIMES,
    Column("/ products", narrow=True),
    Column("/ limit", narrow=True),
    Column("speed", "GFLOP/s"),
    Column("images", "1/s"),
    Column("check"),
    Column("max difference"),
)
CHECK = f"theta after {checks.ITERATIONS} iterations, float64 reference"
PRODUCTS_CHECK = "the same products as the update order"


def iteration_table(
    schedules: Sequence[str],
    batches: Sequence[int],
    *,
    rounds: int,
    at_least: float,
    width: float = 1.0,
) -> Table:
    """The times of one iteration for each update order and minibatch size.

    Four rows each: minigan with draws, minigan with fixed draws, the products, the limit. Raises
    WrongResult if minigan differs from the reference.
    """
    data = random_images(IMAGES)
    rows: list[TableRow] = []
    for schedule in schedules:
        for m in batches:
            recipe = mnist_2014(schedule, m, width)
            checked = (CHECK, verify_iteration(recipe, data))
            fixed = FixedDraws(recipe_draws(recipe, data), CYCLE)
            rows += timed_rows(
                (schedule,), recipe, data, fixed, checked, rounds=rounds, at_least=at_least
            )
    size = "" if width == 1 else f", {width:g} times as wide"
    title = f"One iteration, on the networks of mnist-2014{size}"
    return Table("iteration", title, COLUMNS, tuple(rows))


def verify_iteration(recipe: Recipe, images: Images) -> float:
    """The difference from the reference after a few iterations: `checks.difference`.

    Raises WrongResult if the difference is too large for three sets of draws. One set must agree:
    each set has its own near ties, and a mistake makes all three differ.
    """
    for seed in (1, 2):
        with contextlib.suppress(checks.WrongResult):
            return _verify_with_draws(recipe, images, seed)
    return _verify_with_draws(recipe, images, 3)


def _verify_with_draws(recipe: Recipe, images: Images, seed: int) -> float:
    draws = FixedDraws(recipe_draws(recipe, images, seed), checks.ITERATIONS)
    game = amplified_game(recipe, images, draws)
    before, reference = theta_vectors(game), Reference(game)
    for t in range(checks.ITERATIONS):
        reference.iterate(recipe.training.schedule, t)
        UPDATE_ORDERS[recipe.training.schedule](game, t)
    what = f"{recipe.training.schedule} with m = {recipe.training.m}"
    return checks.require_agreement(what, theta_vectors(game), reference.vectors(), before)


def iteration_runner(recipe: Recipe, game: Game) -> Callable[[], object]:
    """A function that runs the next iteration of the game each time it is called."""
    iterate, t = UPDATE_ORDERS[recipe.training.schedule], 0

    def next_iteration() -> None:
        nonlocal t
        iterate(game, t)
        t += 1

    return next_iteration


def timed_rows(
    key: TableRow,
    recipe: Recipe,
    images: Images,
    fixed: FixedDraws,
    checked: tuple[str, float],
    *,
    rounds: int,
    at_least: float,
) -> list[TableRow]:
    """Four rows that begin with `key`: minigan with draws and with `fixed`, products, limit.

    `checked` is the check of minigan's gradients and the difference that it found.
    """
    schedule, m, k = recipe.training.schedule, recipe.training.m, recipe.training.k
    fixed.make(m)
    limit = Limit(schedule, *networks(recipe), m, k)
    timed = measure(
        {
            DRAWN: timer(iteration_runner(recipe, new_game(recipe, images))),
            GIVEN: timer(iteration_runner(recipe, new_game(recipe, images, fixed))),
            PRODUCTS: timer(limit.products),
            LIMIT: timer(limit.whole),
        },
        rounds=rounds,
        at_least=at_least,
    )
    products, both = timed[PRODUCTS].median, timed[LIMIT].median
    return [
        (
            *(*key, m, what, *one.milliseconds(), one.median / products, one.median / both),
            *(limit.flop / one.median / 1e9, m / one.median),
            *(checked if what in (DRAWN, GIVEN) else (PRODUCTS_CHECK, None)),
        )
        for what, one in timed.items()
    ]
