"""Train by a recipe into a run folder, or resume a run with identical results.

The last checkpoint stays intact if the run fails. Ctrl-C finishes the current iteration, saves and
stops. A loss or a gradient that is not finite stops the run before the update.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from minigan import finite
from minigan.backends import open_backend
from minigan.backends.cuda.deferred import DeferredNotFiniteError
from minigan.errors import UserError
from minigan.evaluation.modes import ModeCoverage
from minigan.evaluation.nearest import NeighbourStatistics
from minigan.evaluation.quality import N_SAMPLES, assess_samples
from minigan.system import files
from minigan.system.environment import environment, environment_changes
from minigan.training.experiment import Experiment
from minigan.training.interrupt import Interrupt
from minigan.training.parts import NO_PARTS, Parts
from minigan.training.recipes import Recipe
from minigan.training.recipes.tables import MONITORS
from minigan.training.recorder import (
    DEFAULT_REPORTING,
    NO_BEST,
    Best,
    Recorder,
    Reporting,
    TrainingStopped,
    stop_advice,
    stopped_after,
)
from minigan.training.runs import pretrained, tensorboard
from minigan.training.runs.directory import RunDirectory, source_of


@dataclass(frozen=True)
class TrainingResult:
    """The result of `train` or `resume`.

    run: the run folder.
    iterations: the number of iterations of the run so far.
    iterations_run: how many of them this call has run.
    seconds: the seconds of training so far, including earlier sessions.
    interrupted: whether Ctrl-C (or SIGTERM, SIGHUP) stopped the run.
    quality: the quality of 1,000 samples; None if the run was interrupted.
    warning: a message if G has collapsed, else None.
    """

    run: RunDirectory
    iterations: int
    iterations_run: int
    seconds: float
    interrupted: bool
    quality: NeighbourStatistics | ModeCoverage | None
    warning: str | None


def train(
    recipe: Recipe,
    seed: int,
    device: str = "cpu",
    out: Path | None = None,
    data_dir: Path | None = None,
    reporting: Reporting = DEFAULT_REPORTING,
    parts: Parts = NO_PARTS,
) -> TrainingResult:
    """Train by a recipe, from the first iteration to the last.

    recipe: from `load_recipe`.
    seed: the seed of all random numbers, 0 to 2^64 - 1.
    device: "cpu", "cuda", "cuda:1", ...
    out: the new run folder; by default the first free runs/NAME-1, -2, ...
    data_dir: the folder of MNIST, of Fashion-MNIST or of your images.
    reporting: what to show and write while training.
    parts: custom parts that replace those of the recipe.

    Raises UserError if an argument cannot be used or a file cannot be written, and
    TrainingStopped if a loss, a gradient, a parameter or a sample is NaN or infinite.
    """
    if reporting.tensorboard:
        tensorboard.protocol()  # raises an error, if it is missing, before the folder is created
    experiment = Experiment.begin(recipe, seed, open_backend(device), data_dir, parts)
    custom = _custom_parts(parts)  # raises an error before the folder is created
    run = RunDirectory.create(recipe.name, out)
    recorder = Recorder(experiment, run, reporting)
    with _locked_run(recorder):
        with recorder:
            run.write_recipe(recipe)
            facts = {
                "seed": seed,
                **run_environment(experiment),
                "data": _data(experiment, data_dir),
            }
            run.write_environment(facts | custom)
            recorder.save(0)
            t, interrupted = _run_iterations(recorder)
        return _result(recorder, t, interrupted)


def resume(
    path: Path,
    iterations: int | None = None,
    device: str | None = None,
    data_dir: Path | None = None,
    reporting: Reporting = DEFAULT_REPORTING,
    parts: Parts = NO_PARTS,
) -> TrainingResult:
    """Resume the run at `path` from its last checkpoint.

    iterations: the last iteration; by default that of the recipe.
    device, data_dir: by default those of the last session.
    parts: the custom parts that the run was started with.

    The results are bit-identical to a run without a stop, if the NumPy build, the BLAS kernel and
    the number of threads are the same. A difference is reported on standard error, and every
    resumption is recorded in environment.json. Raises the errors of `train`, and UserError if the
    run cannot be resumed.
    """
    if reporting.tensorboard:
        tensorboard.protocol()
    pretrained.require_run(path)
    run = RunDirectory.open(path)
    recipe, facts = run.read_recipe(), run.read_environment()
    parts.require(facts.get("parts", {}), path)
    state = run.load_checkpoint()
    first, best = _iteration_and_best(state)
    if state.get("monitor", 1) != MONITORS.index(recipe.log.monitor):
        best = NO_BEST  # the saved value is that of another metric
    if iterations is not None:
        if iterations < first:
            raise UserError(
                f"{path} already has {first} iterations: --iterations must be at least {first}"
            )
        recipe = replace(recipe, training=replace(recipe.training, iterations=iterations))
    last = [facts, *facts.get("resumed", [])][-1]
    device = device or str(last.get("device", "cpu")).split()[0]
    data_dir = data_dir or source_of(facts["data"])
    experiment = Experiment.begin(recipe, facts["seed"], open_backend(device), data_dir, parts)
    if experiment.data.digest != facts["data"].get("digest"):
        raise UserError(
            f"the data set differs from the one that {path} was trained on: give the folder of the "
            "original data set as --data-dir"
        )
    if not np.array_equal(state.get("identity", 0), experiment.identity):
        raise UserError(
            f"the checkpoint in {path} belongs to another recipe or seed: restore its original "
            f"recipe.toml, or start a new run with minigan train {path / 'recipe.toml'}"
        )
    experiment.restore(state)
    recorder = Recorder(experiment, run, reporting, first, best)
    with _locked_run(recorder):
        now, earlier = run_environment(experiment), facts.get("resumed", [])
        for difference in environment_changes([facts, *earlier][-1], now):
            print(
                f"warning: the environment has changed: {difference}; the last digits may differ",
                file=sys.stderr,
            )
        with recorder:
            run.write_recipe(recipe)
            resumed = [*earlier, {"iteration": first, **now}]
            data = _data(experiment, data_dir)
            run.write_environment({**facts, "data": data, "resumed": resumed})
            recorder.draw(first)  # the run may have ended between the checkpoint and its sheet
            t, interrupted = _run_iterations(recorder)
        return _result(recorder, t, interrupted)


def _run_iterations(recorder: Recorder) -> tuple[int, bool]:
    """Run the remaining iterations.

    Returns the number of iterations of the run so far, and whether a Ctrl-C has stopped it.
    """
    experiment, t = recorder.experiment, recorder.first
    iterations = experiment.recipe.training.iterations
    with Interrupt() as interrupt:
        last = t >= iterations
        while not last:
            try:
                logits = experiment.iterate(t)
            except DeferredNotFiniteError as error:
                raise stopped_after(recorder.run.path, t + 1, error) from None
            except finite.NotFiniteError as error:
                source = finite.first_not_finite(experiment.game.tensors())
                seen = f" (first seen in {source})" if source else ""
                raise TrainingStopped(
                    f"training stopped in iteration {t + 1}, before the update: {error}{seen}; "
                    f"{stop_advice(recorder.run.path)}"
                ) from None
            t += 1
            last = interrupt.requested or t == iterations
            recorder.after(t, logits, last)
        recorder.run.write_animation()
    return t, interrupt.requested


@contextmanager
def _locked_run(recorder: Recorder) -> Iterator[None]:
    """Lock the run folder, set the number of BLAS threads, and report errors of the file system."""
    path, threads = recorder.run.path, recorder.experiment.recipe.training.blas_threads
    try:
        with (
            files.locked(path) as locked,
            threadpool_limits(min(threads, os.cpu_count() or 1) or None, user_api="blas"),
            np.errstate(over="ignore", invalid="ignore"),  # `FiniteCheck` raises an error instead
        ):
            if not locked:
                raise UserError(f"another process is training in {path}: wait until it has ended")
            yield
    except OSError as error:
        advice = (
            f"the last checkpoint is intact: minigan train --resume {path} continues from it"
            if (path / "checkpoint.npz").exists()
            else f"there is no checkpoint yet: delete {path} and start again"
        )
        message = (
            f"cannot read or write {error.filename or 'a file'}: {error.strerror or error}; "
            f"{advice}"
        )
        recorder.events.emit("stopped", reason=message)
        raise UserError(message) from None
    except TrainingStopped as error:
        recorder.events.emit("stopped", reason=str(error))
        raise


def _result(recorder: Recorder, t: int, interrupted: bool) -> TrainingResult:
    """Assess the samples of a finished run, and emit the event "end"."""
    experiment = recorder.experiment
    quality = warning = None
    if not interrupted:
        samples, watch = experiment.samples(N_SAMPLES), recorder.watch
        quality = assess_samples(samples, experiment.data)
        if not watch.warming_up(t) and np.isfinite(samples).all():
            warning = watch.warning(t, watch.measured(samples))
    seconds = round(recorder.seconds, 3)
    recorder.events.emit(
        "end",
        iteration=t,
        seconds=seconds,
        interrupted=interrupted,
        judgement=None if quality is None else str(quality),
        warning=warning,
    )
    return TrainingResult(
        recorder.run, t, t - recorder.first, seconds, interrupted, quality, warning
    )


def run_environment(experiment: Experiment) -> dict[str, Any]:
    """Everything besides recipe, seed and data that may influence the results of a run."""
    return {"device": experiment.backend.name, **environment()}


def _custom_parts(parts: Parts) -> dict[str, Any]:
    """The entries of environment.json about custom parts; empty if there are none."""
    entries: dict[str, Any] = {"parts": parts.description} if parts.description else {}
    if parts.objective:
        equilibrium = parts.objective.equilibrium._asdict()
        entries["objective"] = {"unit": parts.objective.unit, "equilibrium": equilibrium}
    return entries


def _data(experiment: Experiment, data_dir: Path | None) -> dict[str, Any]:
    data = experiment.data
    where = None if data_dir is None else str(data_dir.resolve())
    return {"set": data.name, "where": where, "shape": data.shape, "digest": data.digest}


def _iteration_and_best(state: dict[str, Any]) -> tuple[int, Best]:
    """The iteration of a checkpoint, and the best state until then."""
    t, best = state.get("iteration"), state.get("best")
    if t is None or t.shape != () or t.dtype.kind != "i" or t < 0:
        raise UserError(
            'the checkpoint is damaged: its "iteration" is missing or invalid; use another '
            "checkpoint"
        )
    if best is None or best.shape != (2,) or best.dtype.kind != "f" or not 0 <= best[1] <= t:
        raise UserError(
            'the checkpoint is damaged: its "best" is missing or invalid; use another checkpoint'
        )
    return int(t), Best(float(best[0]), int(best[1]))
