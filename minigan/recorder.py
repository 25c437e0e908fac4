"""What is told and what is kept of a run while it plays.

    each logged iteration    a line in log.jsonl (log.csv, TensorBoard), and one for the progress
    each save                also what is monitored, a sample sheet, and last of all the checkpoint

A state with a number that is not finite is never written. A line of the log is there before the
checkpoint of its iteration is, so that a run can go on from a checkpoint with its log whole.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from minigan import files, finite, pictures
from minigan.algorithm1 import Logits
from minigan.arrays import Array
from minigan.evaluation import judgement
from minigan.events import Events
from minigan.experiment import Experiment
from minigan.measures import Measures, measure
from minigan.progress import Progress
from minigan.runs import log, table
from minigan.runs.directory import RunDirectory
from minigan.runs.tensorboard import Writer

SHEET_OF, POINTS_OF = 100, 1000  # samples on a sheet of images, and on a picture of points


@dataclass(frozen=True)
class Reporting:
    """How a run is told while it plays; nothing of this changes a number."""

    quiet: bool = False
    json: bool = False
    csv: bool = False
    tensorboard: bool = False


SHOWN = Reporting()  # the progress, and nothing else


class TrainingStopped(RuntimeError):
    """Training met a number that is not finite; the message says where and what was kept."""


class Recorder:
    """A context around the iterations of one run, from the state after `first` of them on."""

    def __init__(
        self, experiment: Experiment, run: RunDirectory, reporting: Reporting, first: int = 0
    ) -> None:
        self.experiment, self.run, self.reporting, self.first = experiment, run, reporting, first
        self.events = Events(reporting.json)
        self.progress = Progress(experiment.recipe.training.iterations, reporting.quiet, first)
        self.best, self.best_iteration = float("inf"), 0
        self._writers: list[Callable[[dict[str, Any]], None]] = []

    def __enter__(self) -> Recorder:
        """Clear away what a killed process left, cut the log back, open what else was asked for."""
        files.clear(self.run.path)
        lines = log.cut(self.run.log, self.first)
        self._start = time.monotonic() - (lines[-1].get("seconds", 0.0) if lines else 0.0)
        if self.reporting.csv:
            path = self.run.path / "log.csv"
            names = columns(self.experiment)
            table.write(path, names, lines)
            self._writers.append(lambda line: table.append(path, names, line))
        if self.reporting.tensorboard:
            self._writers.append(Writer(self.run.path / "tensorboard", self.first).add)
        self.progress.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.progress.__exit__(kind, error, traceback)

    @property
    def seconds(self) -> float:
        """Seconds of play so far, those before a resumption included."""
        return time.monotonic() - self._start

    def after(self, t: int, logits: Logits, last: bool) -> None:
        """Tell and keep what iteration number t (1, 2, ...) asks for. Raises TrainingStopped."""
        wanted = self.experiment.recipe.log
        saved = last or t % wanted.save_every == 0
        words = None
        if saved or t % wanted.every == 0:
            measures = measure(logits, self.experiment.game.objective)
            words = measures.words(self.experiment.game.objective)
            self._tell(t, measures, saved)
        self.progress.advance(words)

    def save(self, t: int) -> None:
        """Write the sheet and the checkpoint of the state after t iterations."""
        self._write(t, self._finite_state(t), best=False)

    def _tell(self, t: int, measures: Measures, saved: bool) -> None:
        experiment = self.experiment
        g = experiment.game.player_g
        line = {
            "iteration": t,
            "seconds": round(self.seconds, 3),
            **asdict(measures),
            "eta": g.eta(g.updates - 1),
            "mu": g.mu(g.updates - 1),
        }
        state, best = None, False
        if saved:
            state = self._finite_state(t)
            if self._monitors(t):
                samples = experiment.samples(judgement.JUDGED)
                value = judgement.validation_distance(samples, experiment.data)
                line["validation_distance"] = value
                if value < self.best:
                    self.best, self.best_iteration, best = value, t, True
        log.append(self.run.log, line)
        for write in self._writers:
            write(line)
        self.events.tell("log", **line)
        if state is not None:
            self._write(t, state, best=best)

    def _monitors(self, t: int) -> bool:
        """Only at regular saves, so that a stop in between cannot change which is the best."""
        wanted = self.experiment.recipe.log
        return wanted.monitor != "none" and t % wanted.save_every == 0

    def _write(self, t: int, state: dict[str, Array], *, best: bool) -> None:
        experiment, run, data = self.experiment, self.run, self.experiment.data
        samples = experiment.samples(SHEET_OF if len(data.shape) == 3 else POINTS_OF)
        run.write_sheet(t, pictures.picture(samples, data.shape, data.validation.all()))
        keep_every = experiment.recipe.log.keep_every
        run.save_checkpoint(
            {
                **state,
                "iteration": np.array(t),
                "best": np.array([self.best, self.best_iteration]),
                "identity": experiment.identity,
            },
            keep=bool(keep_every) and t > 0 and t % keep_every == 0,
            best=best,
        )
        self.events.tell("checkpoint", iteration=t, path=str(run.path / "checkpoint.npz"))

    def _finite_state(self, t: int) -> dict[str, Array]:
        state = self.experiment.state()
        name = finite.first_not_finite(state.items())
        if name is not None:
            raise TrainingStopped(
                f"training stopped after iteration {t}: {name} is not finite any more; "
                f"{advice(self.run.path)}"
            )
        return state


def columns(experiment: Experiment) -> list[str]:
    """The fields of a log line, in order."""
    measured = [field.name for field in fields(Measures)]
    monitored = [] if experiment.recipe.log.monitor == "none" else ["validation_distance"]
    return ["iteration", "seconds", *measured, "eta", "mu", *monitored]


def advice(run: Path) -> str:
    """What to do about numbers that are not finite."""
    return f"the last checkpoint in {run} is kept; a lower optimizer.rate may help"
