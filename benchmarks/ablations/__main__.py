"""The effect of each ablation: the unchanged iteration and one changed iteration, timed in turn.

    python benchmarks/ablations                               both update orders, m = 100
    python benchmarks/ablations --threads 1
    OPENBLAS_THREAD_TIMEOUT=14 python benchmarks/ablations    idle BLAS threads sleep at once

Each ablation is verified like the iteration itself: theta after three iterations is compared with
the float64 reference. The last rows are not whole iterations and have no difference.
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
from buffers import in_one_block, overwriting_layers
from draws import PrefetchedDraws, without_entropy
from sigmoids import with_where
from threadpoolctl import threadpool_limits
from updates import blocks_of, two_threads, without_finite_check

from minigan import bench
from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.arrays import Array
from minigan.bench import checks
from minigan.bench.fixed_draws import FixedDraws
from minigan.bench.iteration import iteration_runner
from minigan.bench.limit import products_of
from minigan.bench.reference import Reference, theta_vectors
from minigan.bench.setting import (
    amplified_game,
    mnist_2014,
    networks,
    new_game,
    random_images,
    recipe_draws,
)
from minigan.bench.tables import TIMES, Column, Measurements, Table, TableRow
from minigan.bench.timing import Timed, measure, timer
from minigan.data.images import Images
from minigan.training.recipes import Recipe

COLUMNS = (
    Column("schedule", key=True),
    Column("ablation", key=True),
    *TIMES,
    Column("/ unchanged"),
    Column("max difference"),
)
UNCHANGED = "unchanged"
OF_BUFFERS = (overwriting_layers, in_one_block)  # active only while the game is created


def ablations(
    helper: ThreadPoolExecutor,
) -> dict[str, Callable[[], AbstractContextManager[object]]]:
    """{name: a function that returns the context in which the ablation is active}."""
    return {
        UNCHANGED: nullcontext,
        "update: the whole vectors, no blocks": lambda: blocks_of(1 << 40),
        "update: blocks of 4,096": lambda: blocks_of(1 << 12),
        "update: blocks of 16,384": lambda: blocks_of(1 << 14),
        "update: blocks of 65,536": lambda: blocks_of(1 << 16),
        "update: blocks of 262,144": lambda: blocks_of(1 << 18),
        "update: shared by two threads": lambda: two_threads(helper),
        "no check for NaN": without_finite_check,
        "layers overwrite their inputs": overwriting_layers,
        "all buffers in one block of huge pages": in_one_block,
        "draws prefetched in a second thread": nullcontext,
        "draws without the system's entropy": without_entropy,
        "sigmoid with `where`": with_where,
    }


def main() -> None:
    """Read the command line, measure, and print Markdown."""
    parser = argparse.ArgumentParser(
        prog="python benchmarks/ablations", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--m", type=int, default=100, help="minibatch size")
    parser.add_argument("--width", type=float, default=1.0, help="factor of the hidden units")
    parser.add_argument("--rounds", type=int, default=31)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--json", type=Path, help="write the report to this file")
    options = parser.parse_args()
    images, rows = random_images(max(10_000, options.m)), list[TableRow]()
    with threadpool_limits(options.threads, user_api="blas"), ThreadPoolExecutor(1) as helper:
        facts = bench.benchmark_environment()
        for schedule in UPDATE_ORDERS:
            recipe = mnist_2014(schedule, options.m, options.width)
            rows += _rows(recipe, images, options.rounds, helper)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    title = f"Ablations of one iteration, m = {options.m}"
    report = Measurements(now, facts, (Table("ablations", title, COLUMNS, tuple(rows)),))
    print(report.to_markdown())
    if options.json:
        options.json.write_text(report.to_json(), "utf-8")


def _rows(
    recipe: Recipe, images: Images, rounds: int, helper: ThreadPoolExecutor
) -> list[TableRow]:
    schedule, candidates, differences = recipe.training.schedule, {}, dict[str, float]()
    for name, ablation in ablations(helper).items():
        prefetcher = helper if name.startswith("draws prefetched") else None
        differences[name] = _difference(recipe, images, ablation, prefetcher)
        candidates[name] = timer(_runner(recipe, images, ablation, prefetcher))
    rows = _table(schedule, measure(candidates, rounds=rounds, at_least=0.0), differences)
    rows += _table(schedule, _timed(_passes_of_G(recipe), rounds))
    with threadpool_limits(1, user_api="blas"):
        rows += _table(schedule, _timed(_halves(recipe, images, helper), rounds))
    return rows


def _timed(candidates: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Timed]:
    named = {name: timer(one) for name, one in candidates.items()}
    return measure(named, rounds=rounds, at_least=0.0)


def _table(
    schedule: str, timed: Mapping[str, Timed], differences: Mapping[str, float] | None = None
) -> list[TableRow]:
    """A row for each candidate; the ratios are relative to the first candidate."""
    base = next(iter(timed.values())).median
    return [
        (schedule, name, *one.milliseconds(), one.median / base, (differences or {}).get(name))
        for name, one in timed.items()
    ]


def _difference(
    recipe: Recipe,
    images: Images,
    ablation: Callable[[], AbstractContextManager[object]],
    prefetcher: ThreadPoolExecutor | None,
) -> float:
    """The difference of a game with the ablation from the float64 reference."""
    fixed = FixedDraws(recipe_draws(recipe, images), checks.ITERATIONS)
    with ablation():
        draws = PrefetchedDraws(fixed, prefetcher) if prefetcher else fixed
        game = amplified_game(recipe, images, draws)
        before, reference = theta_vectors(game), Reference(amplified_game(recipe, images, fixed))
        for t in range(checks.ITERATIONS):
            reference.iterate(recipe.training.schedule, t)
            UPDATE_ORDERS[recipe.training.schedule](game, t)
    what = f"{recipe.training.schedule} with an ablation"
    return checks.require_agreement(what, theta_vectors(game), reference.vectors(), before)


def _runner(
    recipe: Recipe,
    images: Images,
    ablation: Callable[[], AbstractContextManager[object]],
    prefetcher: ThreadPoolExecutor | None,
) -> Callable[[], object]:
    draws = recipe_draws(recipe, images)
    with ablation():
        game = new_game(recipe, images, PrefetchedDraws(draws, prefetcher) if prefetcher else draws)
        next_iteration = iteration_runner(recipe, game)
    if ablation in OF_BUFFERS:
        return next_iteration

    def next_iteration_with_ablation() -> None:
        with ablation():
            next_iteration()

    return next_iteration_with_ablation


def _halves(
    recipe: Recipe, images: Images, helper: ThreadPoolExecutor
) -> dict[str, Callable[[], object]]:
    """A whole iteration, and two games with m / 2 in two threads; one BLAS thread for each.

    The two halves are not an iteration: their gradients are not added, and both update theta.
    """
    training = replace(recipe.training, m=max(1, recipe.training.m // 2))
    half = replace(recipe, training=training)
    runners = [iteration_runner(half, new_game(half, images)) for _ in range(2)]

    def both() -> None:
        first_half = helper.submit(runners[0])
        runners[1]()
        first_half.result()

    return {
        "unchanged, one BLAS thread": iteration_runner(recipe, new_game(recipe, images)),
        "two halves of the minibatch in two threads, one BLAS thread each": both,
    }


def _passes_of_G(recipe: Recipe) -> dict[str, Callable[[], object]]:
    """The products of G's forward passes in Algorithm 1: one pass per step, or one for both."""
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
