"""Writes the log, the checkpoints and the sample sheets of a run, and reports its progress.

    each logged iteration    a line in log.jsonl (also log.csv, TensorBoard), and the progress line
    each save                the monitored metric and the collapse metrics in the same log line,
                             then the checkpoints, then a sample sheet

A state with a number that is not finite is never saved. The log line of an iteration is written
before its checkpoint, so a checkpoint never lacks log lines and a resumed run has a complete log.
The sheet is written last, because it can be drawn again.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np

from minigan import finite
from minigan.arrays import Array
from minigan.evaluation import quality
from minigan.evaluation.protocol import SAMPLES
from minigan.system import files
from minigan.system.holding import HeldFolder
from minigan.training import collapse
from minigan.training.events import Events
from minigan.training.following import logged_after, saved_after
from minigan.training.log_line import columns_of, line_of
from minigan.training.metrics import SAVE_METRICS
from minigan.training.progress import Progress
from minigan.training.recipes.tables import MONITORS
from minigan.training.relatives.experiment import AnyExperiment
from minigan.training.runs import csv_log, log
from minigan.training.runs.directory import RunDirectory
from minigan.training.runs.tensorboard import Writer
from minigan.training.sample_sheet import sheet_of
from minigan.training.stopping import (
    RunMoved,
    TrainingStopped,
    checkpoint_advice,
    stop_advice,
    stopped_after,
)


@dataclass(frozen=True)
class Reporting:
    """What a run reports while it trains. It does not change any result.

    quiet: show no progress. json: write events to standard output. csv: also write log.csv.
    tensorboard: also write TensorBoard event files. label, place: the name of this run and the line
    of its progress bar, if several runs report to one terminal.
    """

    quiet: bool = False
    json: bool = False
    csv: bool = False
    tensorboard: bool = False
    label: str = ""
    place: int = 0


DEFAULT_REPORTING = Reporting()  # progress only


class Best(NamedTuple):
    """The best value so far of the monitored metric, and its iteration. Smaller is better.

    For a log-likelihood, the value is its negative.
    """

    value: float = math.inf
    iteration: int = 0


NO_BEST = Best()


class Recorder:
    """A context manager around the iterations of a run, from the state after `first` of them."""

    def __init__(
        self,
        experiment: AnyExperiment,
        run: RunDirectory,
        reporting: Reporting,
        first: int = 0,
        best: Best = NO_BEST,
        folder: HeldFolder | None = None,
        saved: bool = False,
    ) -> None:
        """folder: the open run folder, if it is held. saved: whether it has a checkpoint."""
        self.experiment, self.run, self.reporting, self.first = experiment, run, reporting, first
        self.best, self.folder, self.saved = best, folder, saved
        self.watch = collapse.Watch(experiment.recipe, experiment.data)
        self._collapsed = False  # at the last regular save
        self.events = Events(reporting.json)
        self.progress = Progress(
            experiment.recipe.training.iterations,
            reporting.quiet,
            first,
            reporting.label,
            reporting.place,
        )
        self._csv = False
        self._csv_columns: tuple[str, ...] = ()
        self._tensorboard: Writer | None = None

    def __enter__(self) -> Recorder:
        """Remove log lines and sheets of iterations after `first`, and open the outputs."""
        files.clear(self.run.path)
        self.run.forget_sheets_after(self.first)
        lines = log.cut(self.run.log, self.first)
        self._start = time.monotonic() - ((lines[-1].get("seconds") or 0.0) if lines else 0.0)
        self._collapsed = bool([0, *(one["collapsed"] for one in lines if "collapsed" in one)][-1])
        # A line of somebody else can have other fields; they become columns of their own.
        found = (name for line in lines for name in line)
        self._csv_columns = tuple(dict.fromkeys((*self.columns, *found)))
        csv = self.run.file("log.csv")
        if self.reporting.csv or csv.exists():
            csv_log.write(csv, self._csv_columns, lines)
            self._csv = True
        if self.reporting.tensorboard:
            self._tensorboard = Writer(self.run.file("tensorboard"), self.first)
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
        """The fields of a log line, in the order of the columns of log.csv."""
        return ("iteration", "seconds", *columns_of(self.experiment), *SAVE_METRICS)

    @property
    def seconds(self) -> float:
        """The seconds of training so far, including those before a resumption."""
        return time.monotonic() - self._start

    def after(self, t: int, found: Any, last: bool) -> None:
        """Log and save after iteration number t = 1, 2, ..., as often as the recipe says.

        `found` is what `experiment.iterate` has returned. `last`: this is the last iteration, which
        is always logged and saved. Raises TrainingStopped if a number is not finite, and RunMoved,
        after a save, if the run folder was moved.
        """
        settings = self.experiment.recipe.log
        saves, text = saved_after(t, settings, last), None
        if logged_after(t, settings, last):
            moved = self._follow()
            self._flush(t)
            fields, text = line_of(self.experiment, found, t)
            self._log(t, fields, saves or moved)
            if moved:
                raise RunMoved(f"the run has stopped after iteration {t}: {self.advice()}")
        self.progress.advance(text)

    def advice(self) -> str:
        """Where the last checkpoint is and how to continue, as the end of a message."""
        custom = self.experiment.parts.description
        return checkpoint_advice(self.run.path, self.folder, self.saved, custom)

    def finish(self) -> None:
        """Write the animation of all sample sheets."""
        self.run.write_animation()

    def save(self, t: int) -> None:
        """Write the checkpoint and the sample sheet of the state after t iterations."""
        self._write(t, self._finite_state(t))

    def draw(self, t: int) -> None:
        """Write the sample sheet of the state after t iterations."""
        sheet = sheet_of(self.experiment)
        if sheet is not None:
            self.run.write_sheet(t, sheet)

    def _log(self, t: int, fields: dict[str, float], saves: bool) -> None:
        experiment = self.experiment
        line = {"iteration": t, "seconds": round(self.seconds, 3), **fields}
        state = self._finite_state(t) if saves else None
        warning = None
        # Only at regular saves, so that an interrupted and resumed run selects the same best state.
        if saves and t % experiment.recipe.log.save_every == 0 and experiment.complete:
            samples = self._finite_samples(t)
            line |= self._monitored(t, samples) | self.watch.measured(samples)
            warning = self.watch.warning(t, line)
            line["collapsed"] = int(warning is not None)
        log.append(self.run.log, line)
        if self._csv:
            csv_log.append(self.run.file("log.csv"), self._csv_columns, line)
        if self._tensorboard is not None:
            self._tensorboard.add(line)
        self.events.emit("log", **line)
        if "collapsed" in line:
            self._warn(t, warning)
        if state is not None:
            self._write(t, state)

    def _warn(self, t: int, warning: str | None) -> None:
        """Report a collapse when it starts, and not again while it lasts."""
        if warning is not None and not self._collapsed:
            if self.best.iteration:
                warning += f"; best.npz is the state of iteration {self.best.iteration}"
            self.progress.write(f"warning: {warning}")
            self.events.emit("warning", iteration=t, reason=warning)
        self._collapsed = warning is not None

    def _follow(self) -> bool:
        """True if the run folder was moved; then all files are written through its open handle."""
        if self.folder is None or not self.folder.moved():
            return False
        self.run = RunDirectory(self.folder.place() or self.folder.through())
        if self._tensorboard is not None:
            self._tensorboard.path = self.run.path / "tensorboard" / self._tensorboard.path.name
        return True

    def _flush(self, t: int) -> None:
        """Check the losses that the device still keeps, before anything is logged or saved."""
        try:
            self.experiment.check.flush()
        except finite.NotFiniteError as error:
            raise stopped_after(self.run.path, t, error) from None

    def _finite_samples(self, t: int) -> Array:
        """The samples for the metrics of a save, from the state after t iterations."""
        samples = self.experiment.samples(quality.N_SAMPLES)
        if not np.isfinite(samples).all():
            raise self._not_finite(t)
        return samples

    def _not_finite(self, t: int) -> TrainingStopped:
        return TrainingStopped(
            f"training stopped after iteration {t}: the samples are not finite; "
            f"{stop_advice(self.run.path)}"
        )

    def _monitored(self, t: int, samples: Array) -> dict[str, float]:
        """The monitored metric of this state. Updates `best`."""
        data, metrics = self.experiment.data, dict[str, float]()
        if self.experiment.recipe.log.monitor == "none":
            return metrics
        if self.experiment.recipe.log.monitor == "parzen":
            choice = quality.validation_LL(self.experiment.samples(SAMPLES), data)
            metrics, value = {"validation_LL": choice.LL, "sigma": choice.sigma}, -choice.LL
        else:
            value = quality.validation_distance(samples, data)
            metrics = {"validation_distance": value}
        if not math.isfinite(value):  # the monitor parzen draws its own samples
            raise self._not_finite(t)
        if value < self.best.value:
            self.best = Best(value, t)
        return metrics

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
        self.saved = True
        self.events.emit("checkpoint", iteration=t, path=str(self.run.path / "checkpoint.npz"))
        self.draw(t)

    def _finite_state(self, t: int) -> dict[str, Array]:
        state = self.experiment.state(copy=False)  # it is written before the next iteration
        name = finite.first_not_finite(state.items())
        if name is not None:
            raise TrainingStopped(
                f"training stopped after iteration {t}: {name} is not finite; "
                f"{stop_advice(self.run.path)}"
            )
        return state
