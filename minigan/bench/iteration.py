"""One iteration of Algorithm 1 and of the simultaneous schedule, beside its limit.

drawn    minibatch, noise and masks drawn in the iteration, as in a run
given    the same, drawn beforehand

Both are verified against `reference`, then timed in turn with the bare products and the limit.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence

from minigan.algorithm1 import UPDATE_ORDERS
from minigan.bench import checks
from minigan.bench.fixed_draws import FixedDraws
from minigan.bench.limit import Limit
from minigan.bench.reference import Reference, vectors
from minigan.bench.setting import (
    game,
    game_to_check,
    mnist_2014,
    networks,
    own_draws,
    random_images,
)
from minigan.bench.tables import TIMES, Column, Table, TableRow
from minigan.bench.timing import measure, repeated
from minigan.data.images import Images
from minigan.game import Game
from minigan.training.recipes import Recipe

CYCLE = 4
IMAGES = 50_000  # as in MNIST's training part
COLUMNS = (
    Column("schedule", key=True),
    Column("m", key=True),
    Column("what", key=True),
    *TIMES,
    Column("/ products"),
    Column("/ limit"),
    Column("speed", "GFLOP/s"),
    Column("images", "1/s"),
    Column("check"),
    Column("max difference"),
)
CHECK = f"theta after {checks.ITERATIONS} iterations, float64 reference"


def iteration(
    schedules: Sequence[str],
    batches: Sequence[int],
    *,
    rounds: int,
    at_least: float,
    width: float = 1.0,
) -> Table:
    """The table: for each schedule and minibatch size, minigan drawn and given, and the limit."""
    data = random_images(IMAGES)
    rows: list[TableRow] = []
    for schedule in schedules:
        for m in batches:
            rows += _rows(mnist_2014(schedule, m, width), data, rounds, at_least)
    size = "" if width == 1 else f", {width:g} times as wide"
    title = f"One iteration, on the networks of mnist-2014{size}"
    return Table("iteration", title, COLUMNS, tuple(rows))


def verified(recipe: Recipe, images: Images) -> float:
    """How far minigan is from the reference after a few iterations. Raises WrongResult.

    One of three sets of draws must agree: each has near ties of its own, and none hides a mistake.
    """
    for seed in (1, 2):
        with contextlib.suppress(checks.WrongResult):
            return _verified(recipe, images, seed)
    return _verified(recipe, images, 3)


def _verified(recipe: Recipe, images: Images, seed: int) -> float:
    draws = FixedDraws(own_draws(recipe, images, seed), checks.ITERATIONS)
    played = game_to_check(recipe, images, draws)
    before, reference = vectors(played), Reference(played)
    for t in range(checks.ITERATIONS):
        reference.iterate(recipe.training.schedule, t)
        UPDATE_ORDERS[recipe.training.schedule](played, t)
    what = f"{recipe.training.schedule} with m = {recipe.training.m}"
    return checks.agreed(what, vectors(played), reference.vectors(), before)


def player(recipe: Recipe, played: Game) -> Callable[[], object]:
    """A function that plays the next iteration whenever it is called."""
    iterate, t = UPDATE_ORDERS[recipe.training.schedule], 0

    def next_iteration() -> None:
        nonlocal t
        iterate(played, t)
        t += 1

    return next_iteration


def _rows(recipe: Recipe, images: Images, rounds: int, at_least: float) -> list[TableRow]:
    schedule, m, k = recipe.training.schedule, recipe.training.m, recipe.training.k
    difference = verified(recipe, images)
    given = FixedDraws(own_draws(recipe, images), CYCLE)
    given.make(m)
    limit = Limit(schedule, *networks(recipe), m, k)
    timed = measure(
        {
            "minigan, drawn": repeated(player(recipe, game(recipe, images))),
            "minigan, given": repeated(player(recipe, game(recipe, images, given))),
            "products": repeated(limit.products),
            "limit": repeated(limit.both),
        },
        rounds=rounds,
        at_least=at_least,
    )
    products, both = timed["products"].median, timed["limit"].median
    return [
        (
            schedule,
            m,
            name,
            *one.milliseconds(),
            one.median / products,
            one.median / both,
            limit.flop / one.median / 1e9,
            m / one.median,
            CHECK if name.startswith("minigan") else "its products are those of the schedule",
            difference if name.startswith("minigan") else None,
        )
        for name, one in timed.items()
    ]
