"""What each lever gives: an iteration as it stands and with one thing changed, in turn.

    python benchmarks/levers                               both schedules of mnist-2014, m = 100
    python benchmarks/levers --threads 1
    OPENBLAS_THREAD_TIMEOUT=14 python benchmarks/levers    idle BLAS threads sleep at once

Every lever is verified like the iteration itself: theta after three iterations against the plain
float64 reference. What is no whole iteration has no difference to tell: its rows come last.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from buffers import in_one_block, written_over
from draws import Ahead, without_entropy
from sigmoids import with_where
from threadpoolctl import threadpool_limits
from updates import by_two_threads, in_blocks_of, without_the_guard

from minigan import bench
from minigan.algorithm1 import UPDATE_ORDERS
from minigan.arrays import Array
from minigan.bench import checks
from minigan.bench.fixed_draws import FixedDraws
from minigan.bench.iteration import player
from minigan.bench.limit import products_of
from minigan.bench.reference import Reference, vectors
from minigan.bench.setting import (
    game,
    game_to_check,
    mnist_2014,
    networks,
    own_draws,
    random_images,
)
from minigan.bench.tables import TIMES, Column, Measurements, Table, TableRow
from minigan.bench.timing import Timed, measure, repeated
from minigan.data.images import Images
from minigan.training.recipes import Recipe

COLUMNS = (
    Column("schedule", key=True),
    Column("lever", key=True),
    *TIMES,
    Column("/ as it stands"),
    Column("max difference"),
)
AS_IT_STANDS = "as it stands"
OF_BUFFERS = (written_over, in_one_block)  # pulled while the game is made, and not any more


def levers(helper: ThreadPoolExecutor) -> dict[str, Callable[[], AbstractContextManager[object]]]:
    """The name of each lever, and what it changes while it is pulled."""
    return {
        AS_IT_STANDS: nullcontext,
        "update: the whole vectors, no blocks": lambda: in_blocks_of(1 << 40),
        "update: blocks of 4,096": lambda: in_blocks_of(1 << 12),
        "update: blocks of 16,384": lambda: in_blocks_of(1 << 14),
        "update: blocks of 65,536": lambda: in_blocks_of(1 << 16),
        "update: blocks of 262,144": lambda: in_blocks_of(1 << 18),
        "update: shared by two threads": lambda: by_two_threads(helper),
        "no guard against NaN": without_the_guard,
        "layers write over what they read": written_over,
        "all buffers in one block of huge pages": in_one_block,
        "draws ahead of need in a second thread": nullcontext,
        "draws without the system's entropy": without_entropy,
        "sigmoid with `where`": with_where,
    }


def main() -> None:
    """Read the command line, measure, and print Markdown."""
    parser = argparse.ArgumentParser(
        prog="python benchmarks/levers", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--m", type=int, default=100, help="minibatch size")
    parser.add_argument("--width", type=float, default=1.0, help="so many times the hidden units")
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--json", type=Path, help="keep the report in this file")
    options = parser.parse_args()
    images, rows = random_images(max(10_000, options.m)), list[TableRow]()
    with threadpool_limits(options.threads, user_api="blas"), ThreadPoolExecutor(1) as helper:
        facts = bench.benchmark_environment()
        for schedule in UPDATE_ORDERS:
            recipe = mnist_2014(schedule, options.m, options.width)
            rows += _rows(recipe, images, options.rounds, helper)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    title = f"Levers of one iteration, m = {options.m}"
    report = Measurements(now, facts, (Table("levers", title, COLUMNS, tuple(rows)),))
    print(report.to_markdown())
    if options.json:
        options.json.write_text(report.to_json(), "utf-8")


def _rows(
    recipe: Recipe, images: Images, rounds: int, helper: ThreadPoolExecutor
) -> list[TableRow]:
    schedule, candidates, apart = recipe.training.schedule, {}, dict[str, float]()
    for name, lever in levers(helper).items():
        ahead = helper if name.startswith("draws ahead") else None
        apart[name] = _verified(recipe, images, lever, ahead)
        candidates[name] = repeated(_played(recipe, images, lever, ahead))
    found = _table(schedule, measure(candidates, rounds=rounds, at_least=0.0), apart)
    found += _table(schedule, _timed(_passes_of_G(recipe), rounds))
    with threadpool_limits(1, user_api="blas"):
        found += _table(schedule, _timed(_halves(recipe, images, helper), rounds))
    return found


def _timed(candidates: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Timed]:
    named = {name: repeated(one) for name, one in candidates.items()}
    return measure(named, rounds=rounds, at_least=0.0)


def _table(
    schedule: str, timed: Mapping[str, Timed], apart: Mapping[str, float] | None = None
) -> list[TableRow]:
    """A row for each candidate; the first is what the others are divided by."""
    base = next(iter(timed.values())).median
    return [
        (schedule, name, *one.milliseconds(), one.median / base, (apart or {}).get(name))
        for name, one in timed.items()
    ]


def _verified(
    recipe: Recipe,
    images: Images,
    lever: Callable[[], AbstractContextManager[object]],
    ahead: ThreadPoolExecutor | None,
) -> float:
    """How far a game with the lever pulled is from the float64 reference."""
    draws = FixedDraws(own_draws(recipe, images), checks.ITERATIONS)
    with lever():
        played = game_to_check(recipe, images, Ahead(draws, ahead) if ahead else draws)
        before, reference = vectors(played), Reference(game_to_check(recipe, images, draws))
        for t in range(checks.ITERATIONS):
            reference.iterate(recipe.training.schedule, t)
            UPDATE_ORDERS[recipe.training.schedule](played, t)
    what = f"{recipe.training.schedule} with a lever"
    return checks.agreed(what, vectors(played), reference.vectors(), before)


def _played(
    recipe: Recipe,
    images: Images,
    lever: Callable[[], AbstractContextManager[object]],
    ahead: ThreadPoolExecutor | None,
) -> Callable[[], object]:
    draws = own_draws(recipe, images)
    with lever():
        play = player(recipe, game(recipe, images, Ahead(draws, ahead) if ahead else draws))
    if lever in OF_BUFFERS:
        return play

    def next_iteration() -> None:
        with lever():
            play()

    return next_iteration


def _halves(
    recipe: Recipe, images: Images, helper: ThreadPoolExecutor
) -> dict[str, Callable[[], object]]:
    """A whole iteration, and two games of m / 2 in a thread each; one BLAS thread for all.

    The halves are no iteration: their gradients are not added, and both make their updates.
    """
    training = replace(recipe.training, m=max(1, recipe.training.m // 2))
    half = replace(recipe, training=training)
    play = [player(half, game(half, images)) for _ in range(2)]

    def both() -> None:
        beside = helper.submit(play[0])
        play[1]()
        beside.result()

    return {
        "as it stands, one BLAS thread": player(recipe, game(recipe, images)),
        "two halves of the minibatch in two threads, one BLAS thread each": both,
    }


def _passes_of_G(recipe: Recipe) -> dict[str, Callable[[], object]]:
    """The products of G's passes in Algorithm 1: for D's step and its own, or one for both."""
    m, (G, D) = recipe.training.m, networks(recipe)
    rng = np.random.default_rng(0)

    def operands(rows: int) -> list[tuple[Array, Array, Array]]:
        of_G = [p for p in products_of("algorithm1", G, D, rows) if p.layer.startswith("G")][:3]
        shapes = [((rows, p.n), (p.n, p.u), (rows, p.u)) for p in of_G]
        return [tuple(rng.random(shape, np.float32) for shape in three) for three in shapes]

    once, twice = operands(2 * m), operands(m)

    def run(products: list[tuple[Array, Array, Array]]) -> None:
        for x, W, y in products:
            np.matmul(x, W, out=y)

    return {
        "products of two passes of G, m rows each": lambda: run(twice + twice),
        "products of one pass of G, 2m rows": lambda: run(once),
    }


if __name__ == "__main__":
    main()
