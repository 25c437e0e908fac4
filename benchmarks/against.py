"""minigan beside PyTorch and JAX: the same iteration, verified, then timed round by round.

Every peer has a process of its own: each library brings its own pool of threads, and two pools in
one process get in each other's way for as long as idle threads spin. Only one process works at a
time, and they take turns in every round, so that a slow minute meets all alike; before its turn
is timed, each waits until the others' threads sleep and makes one call that is not timed.
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
from minigan.bench.limit import Limit
from minigan.bench.reference import Reference, vectors
from minigan.bench.setting import game_to_check, networks, own_draws, random_images
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
CYCLE = 4
CHECK = f"theta after {checks.ITERATIONS} iterations, float64 reference"


def against(
    schedules: Sequence[str],
    batches: Sequence[int],
    *,
    names: Sequence[str] = PEERS,
    rounds: int,
    at_least: float,
    width: float,
    threads: int,
) -> Iterator[tuple[Table, dict[str, str]]]:
    """The table so far after each minibatch size, and facts: versions, and who was not timed.

    Raises WrongResult where minigan itself disagrees.
    """
    rows: list[TableRow] = []
    versions: dict[str, None] = {}
    wrong: list[str] = []
    size = "" if width == 1 else f", {width:g} times as wide"
    title = f"One iteration beside PyTorch and JAX, on the networks of mnist-2014{size}"
    for schedule in schedules:
        for m in batches:
            recipe = task.recipe(schedule, m, width)
            images = random_images(max(50_000, m))
            with tempfile.TemporaryDirectory(prefix="minigan-bench-") as folder:
                file = Path(folder) / "task.npz"
                task.write(file, recipe, images, CYCLE)
                with contextlib.ExitStack() as stack:
                    wanted = (file, schedule, m, width, threads)
                    started = [Remote(name, *wanted) for name in names]
                    workers = [stack.enter_context(worker) for worker in started]
                    file = Path(folder) / "theta.npy"
                    apart, disagree = differences(recipe, images, workers, file)
                    wrong += disagree
                    right = [worker for worker in workers if worker.name in apart]
                    timed = _measured(right, rounds, at_least)
                    versions |= {worker.version: None for worker in workers}
            flop = Limit(schedule, *networks(recipe), m).flop
            rows += _rows(schedule, m, timed, apart, flop)
            print(f"measured: {schedule}, m = {m}", file=sys.stderr, flush=True)
            facts = {"peers": ", ".join(versions)}
            facts |= {"not timed": "; ".join(wrong)} if wrong else {}
            yield Table("peers", title, COLUMNS, tuple(rows)), facts


def differences(
    recipe: Recipe, images: Images, workers: Sequence[Remote], file: Path
) -> tuple[dict[str, float], list[str]]:
    """Each peer's difference from the float64 reference, on the same draws from the same theta.

    Also a sentence for each that is wrong. Raises WrongResult where that is minigan itself.
    """
    played = game_to_check(recipe, images, FixedDraws(own_draws(recipe, images), CYCLE))
    before, reference = vectors(played), Reference(played)
    for t in range(checks.ITERATIONS):
        reference.iterate(recipe.training.schedule, t)
    found, wrong = dict[str, float](), list[str]()
    for worker in workers:
        worker.ask(do="check", iterations=checks.ITERATIONS, file=str(file))
        theta: Array = np.load(file)
        players = np.split(theta, [len(before[0])])
        what = f"{worker.name}, {recipe.training.schedule}, m = {recipe.training.m}"
        try:
            found[worker.name] = checks.agreed(what, players, reference.vectors(), before)
        except checks.WrongResult as error:
            if worker.name == "minigan":
                raise
            wrong.append(str(error))
            print(error, file=sys.stderr, flush=True)
    return found, wrong


def _measured(
    workers: Sequence[Remote], rounds: int, at_least: float
) -> dict[tuple[str, str], Timed]:
    """(random numbers, who) -> its times; all of them in turn."""
    candidates = {
        (what, worker.name): worker for what in ("drawn", "given") for worker in workers
    } | {("", what): workers[0] for what in ("products", "limit")}
    named = {
        f"{what}|{who}": worker.repeat(what or who) for (what, who), worker in candidates.items()
    }
    timed = measure(named, rounds=rounds, at_least=at_least)
    return {
        key: replace(timed["|".join(key)], first=worker.first[key[0] or key[1]])
        for key, worker in candidates.items()
    }


def _rows(
    schedule: str, m: int, timed: dict[tuple[str, str], Timed], apart: dict[str, float], flop: int
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
            CHECK if what else "its products are those of the schedule",
            apart.get(who),
        )
        for (what, who), one in timed.items()
    ]
