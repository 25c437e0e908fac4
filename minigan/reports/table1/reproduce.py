"""Reproduces the MNIST row of Table 1: trains one run per seed and computes its record.

A seed that already has a record is not trained again, and a stopped run is resumed. So seeds can be
added later without repeating any computation.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import redirect_stderr
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

from minigan.errors import UserError
from minigan.reports.table1 import record
from minigan.reports.table1.record import RunRecord
from minigan.reports.table1.side_by_side import (
    Failures,
    in_processes,
    on_ranks_of_mpi,
    threads_of_each,
)
from minigan.system import mpi
from minigan.system.launcher import launched_size
from minigan.training import trainer
from minigan.training.recipes import AnyRecipe, Recipe
from minigan.training.recorder import Reporting
from minigan.training.runs.directory import RunDirectory
from minigan.training.stopping import TrainingStopped


def table1(
    recipe: Recipe,
    seeds: Sequence[int],
    out: Path,
    device: str | None = None,
    data_dir: Path | None = None,
    quiet: bool = False,
) -> list[RunRecord]:
    """Returns the records of the recipe's runs, one per seed.

    A run is written to the folder out/NAME-seed-SEED and its record to out/NAME-seed-SEED.json.
    Raises UserError if the recipe does not have log.monitor = "parzen" or a run cannot be trained.
    Raises KeyboardInterrupt after an interrupt; all completed work is saved.
    """
    _require_parzen(recipe)
    reporting = Reporting(quiet=quiet)
    return [_of_seed(recipe, seed, out, device, data_dir, reporting) for seed in seeds]


def table1_side_by_side(
    recipes: Sequence[Recipe],
    seeds: Sequence[int],
    out: Path,
    device: str | None = None,
    data_dir: Path | None = None,
    quiet: bool = False,
    jobs: int | None = None,
) -> tuple[list[RunRecord], Failures] | None:
    """The records of `table1` for each recipe, of runs made side by side, and why runs have failed.

    jobs: how many at a time; under mpiexec by default one on each rank above 0, which return None.
    """
    for recipe in recipes:
        _require_parzen(recipe)
    alone = launched_size() == 1
    here = jobs or 1
    if not alone:
        here = mpi.ranks_of_this_machine()
    runs = {name_of_run(recipe, seed): (recipe, seed) for recipe in recipes for seed in seeds}
    make = partial(_try_run, runs, out, device, data_dir, quiet, threads_of_each(here))
    names = list(runs)
    failures = in_processes(make, names, here) if alone else on_ranks_of_mpi(make, names, jobs)
    if failures is None:
        return None
    made = [name for name in runs if name not in failures]
    return [record.read(out / f"{name}.json") for name in made], failures


def name_of_run(recipe: AnyRecipe, seed: int) -> str:
    """The name of a run's folder, and of its record."""
    return f"{recipe.name}-seed-{seed}"


def _try_run(
    runs: dict[str, tuple[Recipe, int]],
    out: Path,
    device: str | None,
    data_dir: Path | None,
    quiet: bool,
    threads: int,
    name: str,
    place: int,
) -> str | None:
    """Make the record of one run with this number of BLAS threads; returns why it failed."""
    recipe, seed = runs[name]
    one_recipe = len({each for each, _ in runs.values()}) == 1
    label = f"seed {seed}" if one_recipe else name
    reporting = Reporting(quiet=quiet, label=label, place=place)
    with (
        threadpool_limits(threads, user_api="blas"),
        redirect_stderr(sys.__stderr__ or sys.stderr),  # the ranks above 0 print nothing else
    ):
        try:
            _of_seed(recipe, seed, out, device, data_dir, reporting)
        except KeyboardInterrupt:
            return "interrupted"
        except MemoryError:
            return "not enough memory: use fewer --jobs"
        except (UserError, OSError) as error:
            return str(error)
    return None


def _of_seed(
    recipe: Recipe,
    seed: int,
    out: Path,
    device: str | None,
    data_dir: Path | None,
    reporting: Reporting,
) -> RunRecord:
    name = name_of_run(recipe, seed)
    file, run = out / f"{name}.json", out / name
    if file.exists():
        found = record.read(file)
        _check_same_run(file, found.recipe, found.seed, recipe, seed)
        if found.recipe.training.iterations == recipe.training.iterations and not found.unfinished:
            return found
    failure = train_or_resume(recipe, seed, run, device, data_dir, reporting)
    quiet = reporting.quiet or reporting.label != ""  # its steps have no room beside other runs
    found = record.record_of_run(run, data_dir, quiet, failure)
    record.write(found, file)
    return found


def train_or_resume(
    recipe: AnyRecipe,
    seed: int,
    run: Path,
    device: str | None,
    data_dir: Path | None,
    reporting: Reporting,
) -> str | None:
    """Trains or resumes a run. Returns the reason if it stops at a non-finite value, else None."""
    try:
        if (run / "checkpoint.npz").exists():
            existing = RunDirectory.open(run)
            old_seed = existing.read_environment()["seed"]
            _check_same_run(run, existing.read_any_recipe(), old_seed, recipe, seed)
            iterations = recipe.training.iterations
            outcome = trainer.resume(run, iterations, device, data_dir, reporting)
        else:
            outcome = trainer.train(recipe, seed, device or "cpu", run, data_dir, reporting)
    except TrainingStopped as error:
        return str(error).partition("; ")[0]  # the rest is advice for the user
    if outcome.interrupted:
        raise KeyboardInterrupt
    return None


def _require_parzen(recipe: Recipe) -> None:
    if recipe.log.monitor != "parzen":
        raise UserError(
            f"{recipe.name} does not select its best checkpoint by the log-likelihood of "
            "validation images: add --set log.monitor=parzen"
        )


def _check_same_run(
    path: Path, old: AnyRecipe, old_seed: int, recipe: AnyRecipe, seed: int
) -> None:
    """Raises UserError unless the recipes agree, except in iterations, threads and log settings."""
    if (_compared(old), old_seed) != (_compared(recipe), seed):
        raise UserError(f"{path} has another recipe or seed: choose another --out")


def _compared(recipe: AnyRecipe) -> dict[str, Any]:
    """The settings by table, without iterations, threads and log."""
    settings = asdict(recipe)
    left_out = ("iterations", "blas_threads")
    training = {key: one for key, one in settings.pop("training").items() if key not in left_out}
    del settings["log"]
    return settings | {"training": training}
