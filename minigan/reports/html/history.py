"""Reads a run folder: recipe, log, checkpoints, and how the run ended.

epochs = iterations / (N // m)        N training examples, minibatches of m
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minigan.arrays import Array
from minigan.data.sets import DataSet
from minigan.draws.minibatches import per_epoch
from minigan.errors import UserError
from minigan.objectives import OBJECTIVES, Equilibrium
from minigan.reports.html.curves import plain
from minigan.reports.run_data import data_of_run
from minigan.system.holding import held
from minigan.training.recipes import AnyRecipe, Recipe
from minigan.training.recipes.tables import MONITORS
from minigan.training.runs import checkpoint, log
from minigan.training.runs.directory import RunDirectory

SHOWN = ("theta_g", "average_g", "iteration", "best", "monitor")  # of the checkpoint of a GAN


@dataclass(frozen=True)
class BestCheckpoint:
    """The iteration of the best checkpoint, and the metric that selected it with its value."""

    iteration: int
    metric: str
    value: float


@dataclass(frozen=True)
class History:
    """The contents of a run folder.

    `iteration` is the iteration of the last checkpoint, or None if it cannot be read. `states` has
    the arrays of the last and of the best checkpoint, without those that no section uses: each file
    is read once. `damaged` has a sentence for each of the two, if it exists and cannot be read.
    `training` is True if a process is training in the folder. `data` is None if the data set cannot
    be loaded on this machine; then `data_error` is the reason.
    """

    path: Path
    recipe: AnyRecipe
    environment: dict[str, Any]
    lines: list[dict[str, Any]]
    checkpoints: list[str]
    states: Mapping[str, Mapping[str, Array]]
    damaged: dict[str, str]
    iteration: int | None
    best: BestCheckpoint | None
    training: bool
    data: DataSet | None
    data_error: str

    @property
    def name(self) -> str:
        """The name of the run folder."""
        return Path(os.path.realpath(self.path)).name

    @property
    def seed(self) -> int:
        """The seed of the run."""
        seed: int = self.environment["seed"]
        return seed

    @property
    def objective(self) -> tuple[Equilibrium, str] | None:
        """The equilibrium values of the run's objective, and the unit of its losses.

        None for a run of another model than a GAN.
        """
        if not isinstance(self.recipe, Recipe):
            return None
        custom = self.environment.get("objective")
        if custom is None:
            built_in = OBJECTIVES[self.recipe.generator.objective]
            return built_in.equilibrium, built_in.unit
        values = (custom["equilibrium"][name] for name in Equilibrium._fields)
        return Equilibrium(*map(float, values)), custom["unit"]

    @property
    def done(self) -> int:
        """The iteration of the last checkpoint, or of the last log line if there is none."""
        if self.iteration is not None:
            return self.iteration
        return int(self.lines[-1]["iteration"]) if self.lines else 0

    @property
    def seconds(self) -> float:
        """Training time in seconds, including resumed sessions."""
        return (plain(self.lines[-1].get("seconds")) or 0.0) if self.lines else 0.0

    @property
    def epochs(self) -> float | None:
        """Number of epochs, or None if the number of training examples is unknown."""
        if self.data is None:
            return None
        return self.done / per_epoch(len(self.data.train), self.recipe.training.m)

    @property
    def ended(self) -> str:
        """How the run ended, as a phrase.

        An interrupt saves a checkpoint before the process ends. After a non-finite value, a full
        disk or a killed process, the log has lines after the last checkpoint.
        """
        total, done = self.recipe.training.iterations, f"{self.done:,}"
        logged = int(self.lines[-1]["iteration"]) if self.lines else 0
        if self.training:
            return f"Still training: {done} of {total:,} iterations are saved"
        if self.iteration is None:
            return f"{done} of {total:,} iterations are logged; the last checkpoint cannot be read"
        if self.done >= total:
            return f"Finished: all {done} iterations"
        if logged > self.done:
            return (
                f"Stopped after iteration {logged:,} of {total:,} without saving a checkpoint; the "
                f"last checkpoint is of iteration {done}"
            )
        return f"Interrupted after {done} of {total:,} iterations, with a checkpoint"


def read(path: Path, data_dir: Path | None = None) -> History:
    """Reads the run at `path`. The data set is loaded from `data_dir`, or its original folder.

    Raises UserError if the folder is not a run folder, has no log or contains a damaged file, or if
    `data_dir` is given and the data set cannot be loaded. Otherwise, checkpoints and data sets that
    cannot be loaded are not an error.
    """
    run = RunDirectory.open_trained(path)
    if not run.log.is_file():
        raise UserError(
            f"{path} contains no log.jsonl: the run was stopped before the first log line, or the "
            "file was deleted; start a new run, or continue this one with minigan train --resume"
        )
    recipe, environment, lines = run.read_any_recipe(), run.read_environment(), log.read(run.log)
    data, data_error = _data(path, data_dir)
    states, damaged = _states(run, recipe)
    state = states.get("last", {})
    with held(path) as folder:
        training = folder is None
    return History(
        path,
        recipe,
        environment,
        lines,
        run.checkpoints(),
        states,
        damaged,
        int(state["iteration"]) if "iteration" in state else None,
        _best(state, recipe),
        training,
        data,
        data_error,
    )


def _data(path: Path, data_dir: Path | None) -> tuple[DataSet | None, str]:
    try:
        return data_of_run(path, data_dir), ""
    except UserError as error:
        if data_dir is not None:  # the user asked for this folder
            raise
        return None, str(error)


def _states(
    run: RunDirectory, recipe: AnyRecipe
) -> tuple[dict[str, Mapping[str, Array]], dict[str, str]]:
    """The last and the best checkpoint, by name, and the errors of those that cannot be read."""
    found, damaged = dict[str, Mapping[str, Array]](), dict[str, str]()
    for name in run.checkpoints():
        if name in ("last", "best"):
            try:
                state = checkpoint.load(run.checkpoint_path(name))
            except UserError as error:
                damaged[name] = str(error)
                continue
            if isinstance(recipe, Recipe):
                state = {key: array for key, array in state.items() if key in SHOWN}
            found[name] = state
    return found, damaged


def _best(state: Mapping[str, Any], recipe: AnyRecipe) -> BestCheckpoint | None:
    """The best checkpoint as stored in the last one, if it has the metric of the recipe."""
    best, monitor = state.get("best"), recipe.log.monitor
    if best is None or not best[1] >= 1:
        return None
    if monitor == "none" or state.get("monitor", 1) != MONITORS.index(monitor):
        return None
    if monitor == "parzen":
        return BestCheckpoint(int(best[1]), "validation_LL", -float(best[0]))
    return BestCheckpoint(int(best[1]), monitor, float(best[0]))
