"""A comparison of minigan with PyTorch and JAX: the same iteration, verified, then timed.

Each peer runs in a separate process. Each library has its own thread pool, and the idle threads of
one pool spin and slow down the other pool in the same process. Only one process works at a time.
They take turns in every round, so that a slow period of the machine affects all alike. Before a
timed call, each process waits until the threads of the others sleep and makes one untimed call.
"""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from peers import task
from remote import Remote
from worker import PEERS

from minigan.arrays import Array
from minigan.bench import checks
from minigan.bench.fixed_draws import FixedDraws
from minigan.bench.iteration import CHECK, CYCLE, PRODUCTS_CHECK
from minigan.bench.limit import Limit
from minigan.bench.reference import Reference, theta_vectors
from minigan.bench.setting import amplified_game, networks, random_images, recipe_draws
from minigan.bench.tables import TIMES, Column, Table, TableRow
from minigan.bench.timing import Timed, measure
from minigan.data.images import Images
from minigan.training.recipes import Recipe

COLUMNS = (
    Column("schedule", key=True),
    Column("m", key=True),
    Column("random numbers", key=True),
    Column("who", key=True),
    *TIMES,
    Column("minigan / this", ratio=True),
    Column("/ products"),
    Column("/ limit"),
    Column("speed", "GFLOP/s"),
    Column("check"),
    Column("max difference"),
)


def peer_tables(
    schedules: Sequence[str],
    batches: Sequence[int],
    *,
    names: Sequence[str] = PEERS,
    rounds: int,
    at_least: float,
    width: float,
    threads: int,
) -> Iterator[tuple[Table, dict[str, str]]]:
    """After each minibatch size, the table so far, and facts: versions, and peers not timed.

    Raises WrongResult if minigan itself differs from the reference.
    """
    rows: list[TableRow] = []
    versions: dict[str, None] = {}
    wrong: list[str] = []
    size = "" if width == 1 else f", {width:g} times as wide"
    title = f"One iteration, minigan and PyTorch and JAX, on the networks of mnist-2014{size}"
    for schedule in schedules:
        for m in batches:
            recipe = task.recipe(schedule, m, width)
            images = random_images(max(50_000, m))
            with tempfile.TemporaryDirectory(prefix="minigan-bench-") as folder:
                file = Path(folder) / "task.npz"
                task.write(file, recipe, images, CYCLE)
                with contextlib.ExitStack() as stack:
                    arguments = (file, schedule, m, width, threads)
                    started = [Remote(name, *arguments) for name in names]
                    workers = [stack.enter_context(worker) for worker in started]
                    file = Path(folder) / "theta.npy"
                    found, errors = differences(recipe, images, workers, file)
                    wrong += errors
                    correct = [worker for worker in workers if worker.name in found]
                    timed = _measured(correct, rounds, at_least)
                    versions |= {worker.version: None for worker in workers}
            flop = Limit(schedule, *networks(recipe), m).flop
            rows += _rows(schedule, m, timed, found, flop)
            print(f"measured: {schedule}, m = {m}", file=sys.stderr, flush=True)
            facts = {"peers": ", ".join(versions)}
            facts |= {"not timed": "; ".join(wrong)} if wrong else {}
            yield Table("peers", title, COLUMNS, tuple(rows)), facts


def differences(
    recipe: Recipe, images: Images, workers: Sequence[Remote], file: Path
) -> tuple[dict[str, float], list[str]]:
    """({peer: difference from the float64 reference}, messages about the peers that are wrong).

    All peers start from the same theta and use the same draws. Raises WrongResult if minigan
    itself is wrong.
    """
    game = amplified_game(recipe, images, FixedDraws(recipe_draws(recipe, images), CYCLE))
    before, reference = theta_vectors(game), Reference(game)
    for t in range(checks.ITERATIONS):
        reference.iterate(recipe.training.schedule, t)
    found, wrong = dict[str, float](), list[str]()
    for worker in workers:
        worker.send(do="check", iterations=checks.ITERATIONS, file=str(file))
        theta: Array = np.load(file)
        players = np.split(theta, [len(before[0])])
        what = f"{worker.name}, {recipe.training.schedule}, m = {recipe.training.m}"
        try:
            found[worker.name] = checks.require_agreement(
                what, players, reference.vectors(), before
            )
        except checks.WrongResult as error:
            if worker.name == "minigan":
                raise
            wrong.append(str(error))
            print(error, file=sys.stderr, flush=True)
    return found, wrong


def _measured(
    workers: Sequence[Remote], rounds: int, at_least: float
) -> dict[tuple[str, str], Timed]:
    """(random numbers, peer) -> times, measured in turn."""
    candidates = {
        (what, worker.name): worker for what in ("drawn", "given") for worker in workers
    } | {("", what): workers[0] for what in ("products", "limit")}
    named = {
        f"{what}|{who}": worker.timer(what or who) for (what, who), worker in candidates.items()
    }
    timed = measure(named, rounds=rounds, at_least=at_least)
    return {
        key: replace(timed["|".join(key)], first=worker.first[key[0] or key[1]])
        for key, worker in candidates.items()
    }


def _rows(
    schedule: str, m: int, timed: dict[tuple[str, str], Timed], found: dict[str, float], flop: int
) -> list[TableRow]:
    products, limit = timed["", "products"].median, timed["", "limit"].median
    return [
        (
            schedule,
            m,
            what,
            who,
            *one.milliseconds(),
            timed[what, "minigan"].median / one.median if what else None,
            one.median / products,
            one.median / limit,
            flop / one.median / 1e9,
            CHECK if what else PRODUCTS_CHECK,
            found.get(who),
        )
        for (what, who), one in timed.items()
    ]
