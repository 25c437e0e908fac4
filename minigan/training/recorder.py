"""What is told and what is kept of a run while it plays.

    each logged iteration    a line in log.jsonl (log.csv, TensorBoard), and one for the progress
    each save                also what is monitored and how varied the samples are (a warning where
                             G has begun to collapse), then the checkpoints, then a sample sheet

A state with a number that is not finite is never written. A line of the log is there before the
checkpoint of its iteration is, so that a run can go on from a checkpoint with its log whole; the
sheet, which can be drawn again, comes last.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

from minigan import finite
from minigan.algorithm1 import Logits
from minigan.arrays import Array
from minigan.evaluation import quality
from minigan.evaluation.protocol import SAMPLES
from minigan.system import files
from minigan.training import collapse, pictures
from minigan.training.events import Events
from minigan.training.experiment import Experiment
from minigan.training.metrics import Metrics, compute_metrics
from minigan.training.progress import Progress
from minigan.training.recipes.tables import MONITORS
from minigan.training.runs import csv_log, log
from minigan.training.runs.directory import RunDirectory
from minigan.training.runs.tensorboard import Writer

SHEET_OF, POINTS_OF = 100, 1000  # samples on a sheet of images, and on a picture of points
METRICS = tuple(field.name for field in fields(Metrics))
MEASURED = ("validation_distance", "validation_LL", "sigma", *collapse.FIELDS)


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


class Best(NamedTuple):
    """The smallest value of what is monitored so far, and the iteration that had it.

    Of a log-likelihood, which is to be large, the value is minus that.
    """

    value: float = math.inf
    iteration: int = 0


NONE_YET = Best()


class Recorder:
    """A context around the iterations of one run, from the state after `first` of them on."""

    def __init__(
        self,
        experiment: Experiment,
        run: RunDirectory,
        reporting: Reporting,
        first: int = 0,
        best: Best = NONE_YET,
    ) -> None:
        self.experiment, self.run, self.reporting, self.first = experiment, run, reporting, first
        self.best = best
        self.watch = collapse.Watch(experiment.recipe, experiment.data)
        self._collapsed = False  # at the last regular save
        self.events = Events(reporting.json)
        self.progress = Progress(experiment.recipe.training.iterations, reporting.quiet, first)
        self._writers: list[Callable[[dict[str, Any]], None]] = []

    def __enter__(self) -> Recorder:
        """Take away what the state does not know of, and open what else was asked for."""
        files.clear(self.run.path)
        self.run.forget_sheets_after(self.first)
        lines = log.cut(self.run.log, self.first)
        self._start = time.monotonic() - (lines[-1].get("seconds", 0.0) if lines else 0.0)
        self._collapsed = bool([0, *(one["collapsed"] for one in lines if "collapsed" in one)][-1])
        csv, columns = self.run.path / "log.csv", self.columns
        if self.reporting.csv or csv.exists():
            csv_log.write(csv, columns, lines)
            self._writers.append(lambda line: csv_log.append(csv, columns, line))
        if self.reporting.tensorboard:
            self._writers.append(Writer(self.run.path / "tensorboard", self.first).add)
        self.progress.__enter__()
        self.progress.write(f"run folder: {self.run.path}")
        self.events.emit("begin", run=str(self.run.path), iteration=self.first)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.progress.__exit__(kind, error, traceback)

    @property
    def columns(self) -> tuple[str, ...]:
        """The fields of a line of the log, in the order of the CSV file."""
        own = self.experiment.game.player_g.hyperparameters(0)
        return ("iteration", "seconds", *METRICS, *own, *MEASURED)

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
            self._flush(t)
            metrics = compute_metrics(logits, self.experiment.game.objective)
            words = metrics.describe(self.experiment.game.objective)
            self._log(t, metrics, saved)
        self.progress.advance(words)

    def save(self, t: int) -> None:
        """Write the checkpoint and the sheet of the state after t iterations."""
        self._write(t, self._finite_state(t))

    def draw(self, t: int) -> None:
        """Write the picture of samples of the state after t iterations."""
        data, images = self.experiment.data, len(self.experiment.data.shape) == 3
        samples = self.experiment.samples(SHEET_OF if images else POINTS_OF)
        picture = pictures.picture(samples, data.shape, None if images else data.validation.all())
        if picture is not None:
            self.run.write_sheet(t, picture)

    def _log(self, t: int, metrics: Metrics, saved: bool) -> None:
        experiment = self.experiment
        g = experiment.game.player_g
        line = {
            "iteration": t,
            "seconds": round(self.seconds, 3),
            **asdict(metrics),
            **g.hyperparameters(g.updates - 1),
        }
        state = self._finite_state(t) if saved else None
        warning = None
        # Only at regular saves, so that a stop in between cannot change which is the best.
        if saved and t % experiment.recipe.log.save_every == 0:
            samples = self._finite_samples(t)
            line |= self._monitored(t, samples) | self.watch.measured(samples)
            warning = self.watch.warning(t, line)
            line["collapsed"] = int(warning is not None)
        log.append(self.run.log, line)
        for write in self._writers:
            write(line)
        self.events.emit("log", **line)
        if "collapsed" in line:
            self._warn(t, warning)
        if state is not None:
            self._write(t, state)

    def _warn(self, t: int, warning: str | None) -> None:
        """Tell of a collapse when it begins, and not at every save."""
        if warning is not None and not self._collapsed:
            if self.best.iteration:
                warning += f"; best.npz is the state of iteration {self.best.iteration}"
            self.progress.write(f"warning: {warning}")
            self.events.emit("warning", iteration=t, reason=warning)
        self._collapsed = warning is not None

    def _flush(self, t: int) -> None:
        """Examine the losses that a device has kept until now, before they are logged or saved."""
        try:
            self.experiment.game.check.flush()
        except finite.NotFiniteError as error:
            raise noticed_late(self.run.path, t, error) from None

    def _finite_samples(self, t: int) -> Array:
        """The samples that are judged, of the state after t iterations."""
        samples = self.experiment.samples(quality.N_SAMPLES)
        if not np.isfinite(samples).all():
            raise self._not_finite(t)
        return samples

    def _not_finite(self, t: int) -> TrainingStopped:
        return TrainingStopped(
            f"training stopped after iteration {t}: the samples are not finite any more; "
            f"{stop_advice(self.run.path)}"
        )

    def _monitored(self, t: int, samples: Array) -> dict[str, float]:
        """What is monitored of this state, which becomes the best if it is."""
        data, told = self.experiment.data, dict[str, float]()
        if self.experiment.recipe.log.monitor == "none":
            return told
        if self.experiment.recipe.log.monitor == "parzen":
            choice = quality.validation_LL(self.experiment.samples(SAMPLES), data)
            told, value = {"validation_LL": choice.LL, "sigma": choice.sigma}, -choice.LL
        else:
            value = quality.validation_distance(samples, data)
            told = {"validation_distance": value}
        if not math.isfinite(value):  # of parzen's other samples
            raise self._not_finite(t)
        if value < self.best.value:
            self.best = Best(value, t)
        return told

    def _write(self, t: int, state: dict[str, Array]) -> None:
        keep_every = self.experiment.recipe.log.keep_every
        self.run.save_checkpoint(
            {
                **state,
                "iteration": np.array(t),
                "best": np.array(self.best, dtype=np.float64),
                "monitor": np.array(MONITORS.index(self.experiment.recipe.log.monitor)),
                "identity": self.experiment.identity,
            },
            keep=bool(keep_every) and t > 0 and t % keep_every == 0,
            best=t > 0 and self.best.iteration == t,
        )
        self.events.emit("checkpoint", iteration=t, path=str(self.run.path / "checkpoint.npz"))
        self.draw(t)

    def _finite_state(self, t: int) -> dict[str, Array]:
        state = self.experiment.state()
        name = finite.first_not_finite(state.items())
        if name is not None:
            raise TrainingStopped(
                f"training stopped after iteration {t}: {name} is not finite any more; "
                f"{stop_advice(self.run.path)}"
            )
        return state


def noticed_late(run: Path, t: int, error: finite.NotFiniteError) -> TrainingStopped:
    """The error for a loss that was examined only after iteration t."""
    return TrainingStopped(f"training stopped after iteration {t}: {error}; {stop_advice(run)}")


def stop_advice(run: Path) -> str:
    """What to do about numbers that are not finite."""
    return f"the last checkpoint in {run} is kept; a lower optimizer.rate may help"
