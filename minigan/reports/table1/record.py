"""The record of a run: one JSON file with the settings, the validation curve and the test score.

    snapshot    the checkpoint with the best log-likelihood of the first 1,000 validation images
    test        log-likelihood of the test images under 10,000 samples of the snapshot
    finer       the same with sigma from a finer grid, which the paper does not use
    theta_g     the same as `test` without the average of theta_g (see `training.averaging`)

The test images are scored once, after the snapshot has been selected. Failed runs are recorded,
too. They may have no snapshot and no score, and `ended` is the reason.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any

from minigan.data.sets import DataSet
from minigan.draws.minibatches import per_epoch
from minigan.errors import UserError
from minigan.evaluation.protocol import SAMPLES, Score
from minigan.reports import likelihood
from minigan.reports.run_data import data_of_run
from minigan.system import files, json_files
from minigan.system.fields import Limits
from minigan.training import recipes
from minigan.training.recipes import Recipe
from minigan.training.runs import log
from minigan.training.runs.directory import RunDirectory

FORMAT = 1
FINISHED, STOPPED = "finished", "stopped before"
LARGEST = 10**7  # bytes of a record
PUBLISHED = "mnist-2014"  # the recipe with which departures are determined
SEED_OF_SAMPLES = 0
NOT_COMPARED = ("training.iterations", "training.blas_threads")  # not part of the configuration

Count = Annotated[int, Limits(0, 10**15)]
Number = Annotated[float, Limits(-1e150, 1e150)]  # so that the mean and the deviation are finite
Positive = Annotated[float, Limits(0, 1e15)]


@dataclass(frozen=True)
class ScoredCheckpoint:
    """A point of the validation curve: its iteration, epoch, LL in nats and sigma."""

    iteration: Count
    epoch: Positive
    validation_LL: Number
    sigma: Number


@dataclass(frozen=True)
class LogLikelihood:
    """A score of the test images: LL and its standard error in nats, and sigma.

    `at_edge` is True if sigma is the first or last value of the grid.
    """

    LL: Number
    error: Number
    sigma: Number
    at_edge: bool


@dataclass(frozen=True)
class RunRecord:
    """The record of one run.

    `label` is the name of the run folder. `seconds` is the training time, including evaluation and
    checkpoints. `curve` contains all validation scores, and `snapshot` is the selected point of it.
    """

    label: str
    name: str
    seed: Annotated[int, Limits(0, 2**64 - 1)]
    iterations: Count
    epochs: Positive
    seconds: Positive
    ended: str
    curve: tuple[ScoredCheckpoint, ...]
    snapshot: ScoredCheckpoint | None
    test: LogLikelihood | None
    finer: LogLikelihood | None
    theta_g: LogLikelihood | None
    warnings: tuple[str, ...]
    recipe: Recipe
    environment: dict[str, Any]

    @property
    def unfinished(self) -> bool:
        """True if the run was stopped early and can be resumed."""
        return self.ended.startswith(STOPPED)

    @property
    def departures(self) -> dict[str, Any]:
        """The settings, as table.key, that differ from the published configuration."""
        published = asdict(recipes.load(PUBLISHED))
        return {
            f"{table}.{key}": value
            for table, settings in asdict(self.recipe).items()
            if isinstance(settings, dict) and table != "log"
            for key, value in settings.items()
            if value != published[table][key] and f"{table}.{key}" not in NOT_COMPARED
        }


def record_of_run(
    path: Path, data_dir: Path | None = None, quiet: bool = True, failure: str | None = None
) -> RunRecord:
    """Computes the record of a run folder. `failure` is the reason why a failed training stopped.

    The data set is loaded from `data_dir`, or its original folder. Raises UserError if the log is
    empty and no `failure` is given, or if the recipe does not have log.monitor = "parzen".
    """
    run = RunDirectory.open_trained(path)
    recipe, facts, lines = run.read_recipe(), run.read_environment(), log.read(run.log)
    if recipe.log.monitor != "parzen":
        raise UserError(
            f"{path} did not select its best checkpoint by the log-likelihood of validation "
            "images: train with --set log.monitor=parzen"
        )
    if not lines and not failure:
        raise UserError(f"the log of {path} is empty: there is nothing to record")
    data = data_of_run(path, data_dir)
    epoch = per_epoch(len(data.train), recipe.training.m)
    curve = tuple(
        _scored(line, epoch, run.log) for line in lines if line.get("validation_LL") is not None
    )
    best = _snapshot(run, curve)
    test = finer = theta_g = None
    warnings: list[str] = []
    if best:
        found = _estimate(path, data, quiet, refine=True)
        test, finer = brief(found.score), brief(found.refined or found.score)
        warnings = found.warnings()
        if recipe.generator.average_every:
            theta_g = brief(_estimate(path, data, quiet, averaged=False).score)
    last, planned = lines[-1]["iteration"] if lines else 0, recipe.training.iterations
    return RunRecord(
        label=Path(os.path.realpath(path)).name,
        name=recipe.name,
        seed=facts["seed"],
        iterations=last,
        epochs=last / epoch,
        seconds=(lines[-1].get("seconds") or 0.0) if lines else 0.0,
        ended=failure or (FINISHED if last >= planned else f"{STOPPED} {planned:,}"),
        curve=curve,
        snapshot=best,
        test=test,
        finer=finer,
        theta_g=theta_g,
        warnings=tuple(warnings),
        recipe=recipe,
        environment={key: value for key, value in facts.items() if key != "data"},
    )


def _scored(line: dict[str, Any], epoch: int, log_file: Path) -> ScoredCheckpoint:
    """The point of the curve in a log line."""
    t, LL, sigma = line["iteration"], line["validation_LL"], line.get("sigma")
    if sigma is None:
        raise UserError(
            f"{log_file} is damaged: the line of iteration {t} has a validation_LL, but no sigma; "
            "correct or delete this line"
        )
    return ScoredCheckpoint(t, t / epoch, LL, sigma)


def _snapshot(run: RunDirectory, curve: tuple[ScoredCheckpoint, ...]) -> ScoredCheckpoint | None:
    """The point of the curve that belongs to best.npz, or None if there is no best.npz."""
    if "best" not in run.checkpoints():
        return None
    iteration = int(run.load_checkpoint("best", required=["iteration"])["iteration"])
    return next((one for one in curve if one.iteration == iteration), None)


def write(record: RunRecord, file: Path) -> None:
    """Writes the record to `file` atomically. Raises OSError if it cannot be written."""
    table = {"format": FORMAT, "departures": record.departures, **asdict(record)}
    files.write_atomically(file, (json.dumps(table, indent=1) + "\n").encode())


def read(file: Path) -> RunRecord:
    """Reads a record. Raises UserError, with the name of the field, if the file is not a record."""
    table = json_files.load(file, LARGEST)
    if not isinstance(table, dict) or table.pop("format", None) != FORMAT:
        raise UserError(f"{file} is not a record written by minigan reproduce")
    table.pop("departures", None)  # redundant: computed from the recipe
    return json_files.fields_of(file, RunRecord, table)


def read_all(folder: Path) -> list[RunRecord]:
    """Reads all records of a folder, sorted by file name.

    Raises UserError if there are no records or one of them is damaged.
    """
    files = sorted(folder.glob("*.json"))
    if not files:
        raise UserError(
            f"{folder} contains no records: give a folder with .json files of minigan reproduce"
        )
    return [read(file) for file in files]


def _estimate(
    path: Path, data: DataSet, quiet: bool, refine: bool = False, averaged: bool = True
) -> likelihood.Estimate:
    source = likelihood.of_run(path, "best", SAMPLES, SEED_OF_SAMPLES, averaged)
    return likelihood.estimate(source, data, refine=refine, with_baselines=False, quiet=quiet)


def brief(score: Score) -> LogLikelihood:
    """The numbers of a score that a record has."""
    return LogLikelihood(score.LL, score.error, score.choice.sigma, score.choice.at_edge)
