"""Train by a recipe, and leave a run directory: log, sample sheets, checkpoint.

What was saved is never lost: the last checkpoint stays whole whatever happens. Ctrl-C finishes
the iteration, saves and stops; a loss or a parameter that is no longer finite stops before the
next save.
"""

from __future__ import annotations

import io
import time
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from threadpoolctl import threadpool_limits

from minigan import pictures
from minigan.arrays import Array
from minigan.backends import open_backend
from minigan.checkpoint import write_atomically
from minigan.environment import environment
from minigan.errors import UserError
from minigan.evaluation.nearest import Recognisable, recognisable
from minigan.experiment import Experiment
from minigan.interrupt import Interrupt
from minigan.measures import Measures, measure
from minigan.progress import Progress
from minigan.recipe import Recipe
from minigan.run_directory import RunDirectory

SHEET_OF = 100
JUDGED = 1000
LARGEST_SHEET = 10_000


class TrainingStopped(RuntimeError):
    """Training met a number that is not finite; the message says where and what was kept."""


@dataclass(frozen=True)
class Outcome:
    """A finished or interrupted run: its folder, iterations done, seconds, and a judgement."""

    run: RunDirectory
    iterations: int
    seconds: float
    interrupted: bool
    judgement: Recognisable


def train(
    recipe: Recipe, seed: int, device: str = "cpu", out: Path | None = None, quiet: bool = False
) -> Outcome:
    """Play the recipe's game from its beginning to its last iteration.

    Raises UserError where device, sizes or folder cannot be used, OSError where a file cannot be
    written, TrainingStopped where a loss or a parameter is NaN or infinite.
    """
    experiment = Experiment.begin(recipe, seed, open_backend(device))
    run = RunDirectory.create(recipe.name, out)
    run.write_recipe(recipe)
    start = time.monotonic()
    with (
        threadpool_limits(recipe.training.blas_threads or None, user_api="blas"),
        Interrupt() as interrupt,
        Progress(recipe.training.iterations, quiet) as progress,
        np.errstate(over="ignore", invalid="ignore"),  # a diverging run is told in one sentence
    ):
        run.write_environment({"seed": seed, "device": experiment.backend.name, **environment()})
        progress.write(f"run folder: {run.path}")
        _save(experiment, run, 0)
        t, last = 0, False
        while not last:
            logits = experiment.iterate(t)
            t += 1
            last = interrupt.asked or t == recipe.training.iterations
            logged = last or t % recipe.log.every == 0
            saved = last or t % recipe.log.sheet_every == 0
            words = None
            if logged or saved:
                measures = measure(logits, experiment.game.objective)
                _refuse_non_finite(astuple(measures), "a loss", t, run)
                words = measures.words(experiment.game.objective)
            if logged:
                _log(experiment, run, t, measures, time.monotonic() - start)
            if saved:
                _save(experiment, run, t)
            progress.advance(words)
    judgement = judge(experiment, experiment.samples(experiment.noise(JUDGED)))
    return Outcome(run, t, time.monotonic() - start, interrupt.asked, judgement)


def load(path: Path, device: str = "cpu") -> Experiment:
    """The experiment of a run directory, as its checkpoint left it. Raises UserError."""
    run = RunDirectory.open(path)
    experiment = Experiment.begin(run.read_recipe(), run.read_seed(), open_backend(device))
    experiment.restore(run.load_checkpoint())
    return experiment


def sample(path: Path, count: int, seed: int, out: Path, device: str = "cpu") -> Path:
    """Draw `count` samples from the run at `path` into `out`: a .png sheet or a .npy array.

    Returns `out`. The noise is the draw (seed, "noise/samples", 0). Raises UserError, OSError.
    """
    if out.suffix not in (".png", ".npy"):
        raise UserError(f"{out} must end in .png (a sheet) or .npy (an array)")
    if out.suffix == ".png" and count > LARGEST_SHEET:
        raise UserError(
            f"a sheet holds at most {LARGEST_SHEET} samples, not {count}: use a .npy file"
        )
    experiment = load(path, device)
    samples = experiment.samples(experiment.noise(count, seed=seed))
    if out.suffix == ".png":
        data = pictures.png(sheet(experiment, samples))
    else:
        memory = io.BytesIO()
        np.save(memory, samples, allow_pickle=False)
        data = memory.getvalue()
    write_atomically(out, data)
    return out


def judge(experiment: Experiment, samples: Array) -> Recognisable:
    """Are the samples recognisable? See `minigan.evaluation.nearest`."""
    return recognisable(samples, experiment.train, experiment.held_out)


def sheet(experiment: Experiment, samples: Array, columns: int | None = None) -> Array:
    """A picture of the samples, in the shape of the data's images."""
    return pictures.sheet(samples, experiment.train.height, experiment.train.width, columns)


def _save(experiment: Experiment, run: RunDirectory, t: int) -> None:
    state = experiment.state()
    for name, numbers in state.items():
        _refuse_non_finite(numbers, name, t, run)
    run.save_checkpoint({**state, "iteration": np.array(t)})
    run.write_sheet(t, sheet(experiment, experiment.samples(experiment.noise(SHEET_OF))))


def _log(
    experiment: Experiment, run: RunDirectory, t: int, measures: Measures, seconds: float
) -> None:
    g = experiment.game.player_g
    rates = {"eta": g.eta(g.updates - 1), "mu": g.mu(g.updates - 1)}
    run.append_log({"iteration": t, "seconds": round(seconds, 3), **asdict(measures), **rates})


def _refuse_non_finite(numbers: ArrayLike, name: str, t: int, run: RunDirectory) -> None:
    if not np.isfinite(numbers).all():
        raise TrainingStopped(
            f"training stopped: at iteration {t} {name} is not finite any more; "
            f"the last checkpoint in {run.path} is kept; a lower optimizer.rate may help"
        )
