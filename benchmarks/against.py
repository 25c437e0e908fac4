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
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from peers import task
from remote import Remote
from worker import PEERS

from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.arrays import Array
from minigan.bench import checks
from minigan.bench.fixed_draws import FixedDraws
from minigan.bench.image_iteration import verify_slopes
from minigan.bench.iteration import CHECK, CYCLE, PRODUCTS_CHECK
from minigan.bench.limit import Limit
from minigan.bench.reference import Reference, theta_vectors
from minigan.bench.setting import amplified_game, networks, new_game, recipe_draws
from minigan.bench.tables import TIMES, Column, Table, TableRow
from minigan.bench.timing import Timed, measure
from minigan.data.images import Images
from minigan.training import recipes
from minigan.training.recipes import Recipe

RECIPE = Column("recipe", key=True)
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


IMAGE_CHECK = f"theta after {checks.ITERATIONS} iterations, minigan with verified slopes"


@dataclass(frozen=True)
class Case:
    """One iteration that all peers run: the recipe, its update order, minibatch size and width."""

    schedule: str
    m: int
    width: float
    recipe: str = "mnist-2014"

    @property
    def of_images(self) -> bool:
        """Whether the recipe is one for CIFAR-10."""
        return self.recipe != "mnist-2014"


def image_case(name: str, batches: Sequence[int], width: float) -> Case:
    """The case of a recipe for CIFAR-10; `batches` may replace its minibatch size."""
    training = recipes.load(name).training
    return Case(training.schedule, batches[0] if batches else training.m, width, name)


def peer_tables(
    cases: Sequence[Case],
    *,
    names: Sequence[str] = PEERS,
    rounds: int,
    at_least: float,
    threads: int,
) -> Iterator[tuple[Table, dict[str, str]]]:
    """After each case, the table of its kind so far, and facts: versions, and peers not timed.

    Raises WrongResult if minigan itself is wrong.
    """
    rows: dict[bool, list[TableRow]] = {False: [], True: []}
    versions: dict[str, None] = {}
    wrong: list[str] = []
    for case in cases:
        arguments = case.schedule, case.m, case.width
        recipe = task.recipe(*arguments, case.recipe)
        images = task.images_of(recipe, 2_000 if case.of_images else max(50_000, case.m))
        with tempfile.TemporaryDirectory(prefix="minigan-bench-") as folder:
            file = Path(folder) / "task.npz"
            task.write(file, recipe, images, CYCLE)
            with contextlib.ExitStack() as stack:
                started = [
                    Remote(name, file, *arguments, threads, recipe=case.recipe) for name in names
                ]
                workers = [stack.enter_context(worker) for worker in started]
                file = Path(folder) / "theta.npy"
                found, errors = differences(recipe, images, workers, file)
                wrong += errors
                correct = [worker for worker in workers if worker.name in found]
                timed = _measured(correct, rounds, at_least)
                versions |= {worker.version: None for worker in workers}
        flop = Limit(case.schedule, *networks(recipe), case.m).flop
        rows[case.of_images] += _rows(case, timed, found, flop)
        print(f"measured: {case}", file=sys.stderr, flush=True)
        facts = {"peers": ", ".join(versions)}
        facts |= {"not timed": "; ".join(wrong)} if wrong else {}
        yield _table(case, rows[case.of_images]), facts


def _table(case: Case, rows: Sequence[TableRow]) -> Table:
    size = "" if case.width == 1 else f", {case.width:g} times as wide"
    what = "the networks for CIFAR-10" if case.of_images else "the networks of mnist-2014"
    title = f"One iteration, minigan and PyTorch and JAX, on {what}{size}"
    if not case.of_images:
        return Table("peers", title, COLUMNS, tuple(row[1:] for row in rows))
    return Table("peers for images", title, (RECIPE, *COLUMNS), tuple(rows))


def differences(
    recipe: Recipe, images: Images, workers: Sequence[Remote], file: Path
) -> tuple[dict[str, float], list[str]]:
    """({peer: difference from the reference}, messages about the peers that are wrong).

    All peers start from the same theta and use the same draws. The reference has float64; for
    networks for images, it is minigan itself in this process, after a check of its gradients.
    Raises WrongResult if minigan itself is wrong.
    """
    schedule, draws = recipe.training.schedule, FixedDraws(recipe_draws(recipe, images), CYCLE)
    if recipe.data.set == "cifar-10":
        verify_slopes(recipe, images, draws)
        game = new_game(recipe, images, draws)
        before, amplified = theta_vectors(game), 1.0
        for t in range(checks.ITERATIONS):
            UPDATE_ORDERS[schedule](game, t)
        expected = theta_vectors(game)
    else:
        game = amplified_game(recipe, images, draws)
        before, amplified, reference = theta_vectors(game), checks.AMPLIFIED, Reference(game)
        for t in range(checks.ITERATIONS):
            reference.iterate(schedule, t)
        expected = reference.vectors()
    found, wrong = dict[str, float](), list[str]()
    for worker in workers:
        worker.send(do="check", iterations=checks.ITERATIONS, file=str(file), amplified=amplified)
        theta: Array = np.load(file)
        players = np.split(theta, [len(before[0])])
        what = f"{worker.name}, {recipe.name}, {schedule}, m = {recipe.training.m}"
        try:
            found[worker.name] = checks.require_agreement(what, players, expected, before)
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
    case: Case, timed: dict[tuple[str, str], Timed], found: dict[str, float], flop: int
) -> list[TableRow]:
    products, limit = timed["", "products"].median, timed["", "limit"].median
    return [
        (
            case.recipe,
            case.schedule,
            case.m,
            what,
            who,
            *one.milliseconds(),
            timed[what, "minigan"].median / one.median if what else None,
            one.median / products,
            one.median / limit,
            flop / one.median / 1e9,
            (IMAGE_CHECK if case.of_images else CHECK) if what else PRODUCTS_CHECK,
            found.get(who),
        )
        for (what, who), one in timed.items()
    ]
