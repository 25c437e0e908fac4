"""What a run folder tells of its run: how far it came, how it ended, which state was the best.

epochs = iterations / (N // m)        N training examples, minibatches of m
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minigan.data.sets import DataSet
from minigan.draws.minibatches import per_epoch
from minigan.errors import UserError
from minigan.objectives import OBJECTIVES, Equilibrium
from minigan.reports import likelihood
from minigan.reports.html.curves import plain
from minigan.system import files
from minigan.training.recipes import Recipe
from minigan.training.recipes.tables import MONITORS
from minigan.training.runs import log, pretrained
from minigan.training.runs.directory import RunDirectory


@dataclass(frozen=True)
class BestCheckpoint:
    """The iteration of the best checkpoint, and the value that made it the best, with its name."""

    iteration: int
    measure: str
    value: float


@dataclass(frozen=True)
class History:
    """Everything that was read of a run.

    `iteration` is that of the last checkpoint, None where none can be read; `training` says that
    a process is training in the folder. `data` is None where the data set is not on this machine:
    `without_data` says why.
    """

    path: Path
    recipe: Recipe
    environment: dict[str, Any]
    lines: list[dict[str, Any]]
    checkpoints: list[str]
    iteration: int | None
    best: BestCheckpoint | None
    training: bool
    data: DataSet | None
    without_data: str

    @property
    def name(self) -> str:
        """The name of the folder, wherever it lies."""
        return self.path.resolve().name

    @property
    def seed(self) -> int:
        """The seed of the run."""
        seed: int = self.environment["seed"]
        return seed

    @property
    def objective(self) -> tuple[Equilibrium, str]:
        """The equilibrium values of the run's objective, and the unit of its losses."""
        own, shipped = self.environment.get("objective"), self.recipe.generator.objective
        if own is None:
            return OBJECTIVES[shipped].equilibrium, OBJECTIVES[shipped].unit
        return Equilibrium(**own["equilibrium"]), str(own["unit"])

    @property
    def done(self) -> int:
        """Iterations done: those of the last checkpoint, or those logged where there is none."""
        if self.iteration is not None:
            return self.iteration
        return int(self.lines[-1]["iteration"]) if self.lines else 0

    @property
    def seconds(self) -> float:
        """Seconds of play, resumptions included."""
        return (plain(self.lines[-1].get("seconds")) or 0.0) if self.lines else 0.0

    @property
    def epochs(self) -> float | None:
        """Passes over the training examples; None where their number is not known."""
        if self.data is None:
            return None
        return self.done / per_epoch(len(self.data.train), self.recipe.training.m)

    @property
    def ended(self) -> str:
        """How the run ended, in words.

        A stop that was asked for saves; a number that is not finite, a full disk or a killed
        process leaves lines in the log that are later than the last checkpoint.
        """
        asked, done = self.recipe.training.iterations, f"{self.done:,}"
        logged = int(self.lines[-1]["iteration"]) if self.lines else 0
        if self.training:
            return f"Still training: {done} of {asked:,} iterations are saved"
        if self.iteration is None:
            return f"{done} of {asked:,} iterations are logged; the last checkpoint cannot be read"
        if self.done >= asked:
            return f"Finished: all {done} iterations"
        if logged > self.done:
            return (
                f"Stopped after iteration {logged:,} of {asked:,} without saving it; the last "
                f"checkpoint is that of iteration {done}"
            )
        return f"Interrupted after {done} of {asked:,} iterations; that state is saved"


def read(path: Path, data_dir: Path | None = None) -> History:
    """The history of the run at `path`; its data from `data_dir`, or from where they were.

    Raises UserError where the folder is not that of a run, or has no log, or a file of it is
    damaged. Checkpoints and data that cannot be used are no error.
    """
    pretrained.refuse(path)
    run = RunDirectory.open(path)
    if not run.log.is_file():
        raise UserError(
            f"{path} holds no log.jsonl: the run was stopped before its first line, or the file "
            "was taken away; begin again, or go on with minigan train --resume"
        )
    recipe, environment, lines = run.read_recipe(), run.read_environment(), log.read(run.log)
    data, without_data = _data(path, data_dir)
    state = _last(run)
    with files.locked(path) as ours:
        training = not ours
    return History(
        path,
        recipe,
        environment,
        lines,
        run.checkpoints(),
        _whole(state.get("iteration")),
        _best(state, recipe),
        training,
        data,
        without_data,
    )


def _data(path: Path, data_dir: Path | None) -> tuple[DataSet | None, str]:
    try:
        return likelihood.data_of_run(path, data_dir), ""
    except UserError as error:
        if data_dir is not None:  # it was asked for by name
            raise
        return None, str(error)


def _last(run: RunDirectory) -> dict[str, Any]:
    try:
        return run.load_checkpoint()
    except UserError:
        return {}


def _whole(value: Any) -> int | None:
    """A number of iterations, or None where a checkpoint holds something else."""
    fits = value is not None and value.shape == () and value.dtype.kind == "i" and value >= 0
    return int(value) if fits else None


def _best(state: Mapping[str, Any], recipe: Recipe) -> BestCheckpoint | None:
    """What the last checkpoint tells of the best one, if that is of the recipe's measure."""
    best, monitor = state.get("best"), recipe.log.monitor
    if best is None or best.shape != (2,) or best.dtype.kind != "f" or not 1 <= best[1] <= 1e15:
        return None
    if monitor == "none" or state.get("monitor", 1) != MONITORS.index(monitor):
        return None
    if monitor == "parzen":
        return BestCheckpoint(int(best[1]), "validation_LL", -float(best[0]))
    return BestCheckpoint(int(best[1]), monitor, float(best[0]))
