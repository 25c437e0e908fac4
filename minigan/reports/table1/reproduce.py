"""Reproduces the MNIST row of Table 1: trains one run per seed and computes its record.

A seed that already has a record is not trained again, and a stopped run is resumed. So seeds can be
added later without repeating any computation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from minigan.errors import UserError
from minigan.reports.table1 import record
from minigan.reports.table1.record import RunRecord
from minigan.training import trainer
from minigan.training.recipes import Recipe
from minigan.training.recorder import Reporting, TrainingStopped
from minigan.training.runs.directory import RunDirectory


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
    if recipe.log.monitor != "parzen":
        raise UserError(
            f"{recipe.name} does not select its best checkpoint by the log-likelihood of "
            "validation images: add --set log.monitor=parzen"
        )
    return [_of_seed(recipe, seed, out, device, data_dir, quiet) for seed in seeds]


def _of_seed(
    recipe: Recipe, seed: int, out: Path, device: str | None, data_dir: Path | None, quiet: bool
) -> RunRecord:
    name = f"{recipe.name}-seed-{seed}"
    file, run = out / f"{name}.json", out / name
    if file.exists():
        found = record.read(file)
        _check_same_run(file, found.recipe, found.seed, recipe, seed)
        if found.recipe.training.iterations == recipe.training.iterations and not found.unfinished:
            return found
    failure = train_or_resume(recipe, seed, run, device, data_dir, quiet)
    found = record.record_of_run(run, data_dir, quiet, failure)
    record.write(found, file)
    return found


def train_or_resume(
    recipe: Recipe, seed: int, run: Path, device: str | None, data_dir: Path | None, quiet: bool
) -> str | None:
    """Trains or resumes a run. Returns the reason if it stops at a non-finite value, else None."""
    reporting = Reporting(quiet=quiet)
    try:
        if (run / "checkpoint.npz").exists():
            existing = RunDirectory.open(run)
            old_seed = existing.read_environment()["seed"]
            _check_same_run(run, existing.read_recipe(), old_seed, recipe, seed)
            iterations = recipe.training.iterations
            outcome = trainer.resume(run, iterations, device, data_dir, reporting)
        else:
            outcome = trainer.train(recipe, seed, device or "cpu", run, data_dir, reporting)
    except TrainingStopped as error:
        return str(error).partition("; ")[0]  # the rest is advice for the user
    if outcome.interrupted:
        raise KeyboardInterrupt
    return None


def _check_same_run(path: Path, old: Recipe, old_seed: int, recipe: Recipe, seed: int) -> None:
    """Raises UserError unless the recipes agree, except in iterations, threads and log settings."""
    iterations, threads = recipe.training.iterations, recipe.training.blas_threads
    training = replace(old.training, iterations=iterations, blas_threads=threads)
    if (replace(old, log=recipe.log, training=training), old_seed) != (recipe, seed):
        raise UserError(f"{path} has another recipe or seed: choose another --out")
