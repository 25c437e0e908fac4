"""The MNIST row of Table 1 again: train one run per seed, score each once, tell them together.

A seed whose record is there is not trained again, and a run that stopped goes on: what was computed
is never lost, and asking for more seeds later costs only those.
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
    """Records of the recipe's runs, one per seed; out/NAME-seed-SEED holds run, ....json record.

    Raises UserError where the recipe is not scored by the Parzen protocol while it trains, or a
    run cannot be made; KeyboardInterrupt where it was interrupted, with everything so far saved.
    """
    if recipe.log.monitor != "parzen":
        raise UserError(
            f"{recipe.name} does not choose its best checkpoint by the validation images' "
            "likelihood: add --set log.monitor=parzen"
        )
    return [_of_seed(recipe, seed, out, device, data_dir, quiet) for seed in seeds]


def _of_seed(
    recipe: Recipe, seed: int, out: Path, device: str | None, data_dir: Path | None, quiet: bool
) -> RunRecord:
    name = f"{recipe.name}-seed-{seed}"
    file, run = out / f"{name}.json", out / name
    if file.exists():
        found = record.read(file)
        _refuse_another(file, found.recipe, found.seed, recipe, seed)
        if found.recipe.training.iterations == recipe.training.iterations and not found.unfinished:
            return found
    failure = _play(recipe, seed, run, device, data_dir, quiet)
    found = record.record_of_run(run, data_dir, quiet, failure)
    record.write(found, file)
    return found


def _play(
    recipe: Recipe, seed: int, run: Path, device: str | None, data_dir: Path | None, quiet: bool
) -> str | None:
    """Train, or go on; the sentence of a training that met a number that is not finite."""
    reporting = Reporting(quiet=quiet)
    try:
        if (run / "checkpoint.npz").exists():
            there = RunDirectory.open(run)
            was, its_seed = there.read_recipe(), there.read_environment()["seed"]
            _refuse_another(run, was, its_seed, recipe, seed)
            iterations = recipe.training.iterations
            outcome = trainer.resume(run, iterations, device, data_dir, reporting)
        else:
            outcome = trainer.train(recipe, seed, device or "cpu", run, data_dir, reporting)
    except TrainingStopped as error:
        return str(error).partition("; ")[0]  # what to do, and where, is for a terminal
    if outcome.interrupted:
        raise KeyboardInterrupt
    return None


def _refuse_another(path: Path, was: Recipe, its_seed: int, recipe: Recipe, seed: int) -> None:
    """Only how long it is played, by how many threads and how it is logged may be another."""
    iterations, threads = recipe.training.iterations, recipe.training.blas_threads
    length = replace(was.training, iterations=iterations, blas_threads=threads)
    if (replace(was, log=recipe.log, training=length), its_seed) != (recipe, seed):
        raise UserError(f"{path} is of another recipe or seed: choose another --out")
