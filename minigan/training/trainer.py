"""Train by a recipe, leave a run folder, and go on with one as if it had never stopped.

What was saved is never lost: the last checkpoint stays whole whatever happens. Ctrl-C finishes
the iteration, saves and stops; a loss or a gradient that is not finite stops before the update.
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
from minigan.evaluation.modes import Covered
from minigan.evaluation.nearest import Recognisable
from minigan.evaluation.quality import N_SAMPLES, judge
from minigan.system import files
from minigan.system.environment import environment, environment_changes
from minigan.training.experiment import Experiment
from minigan.training.interrupt import Interrupt
from minigan.training.parts import NO_PARTS, Parts
from minigan.training.recipes import Recipe
from minigan.training.recipes.tables import MONITORS
from minigan.training.recorder import (
    NONE_YET,
    SHOWN,
    Best,
    Recorder,
    Reporting,
    TrainingStopped,
    noticed_late,
    stop_advice,
)
from minigan.training.runs import pretrained, tensorboard
from minigan.training.runs.directory import RunDirectory, source_of


@dataclass(frozen=True)
class TrainingResult:
    """A finished or interrupted run: its folder, iterations done, seconds, and a judgement.

    `played` of the iterations were done by this call. `warning` is said where G has collapsed. An
    interrupted run is not judged.
    """

    run: RunDirectory
    iterations: int
    played: int
    seconds: float
    interrupted: bool
    judgement: Recognisable | Covered | None
    warning: str | None


def train(
    recipe: Recipe,
    seed: int,
    device: str = "cpu",
    out: Path | None = None,
    data_dir: Path | None = None,
    reporting: Reporting = SHOWN,
    parts: Parts = NO_PARTS,
) -> TrainingResult:
    """Train by the recipe, from the first iteration to the last.

    `parts` are those of your own, in the place of what the recipe describes. Raises UserError
    where device, data, sizes or folder cannot be used or a file cannot be written, TrainingStopped
    where a loss, a gradient or a parameter is NaN or infinite.
    """
    if reporting.tensorboard:
        tensorboard.protocol()  # missing: say so before there is a folder
    experiment = Experiment.begin(recipe, seed, open_backend(device), data_dir, parts)
    run = RunDirectory.create(recipe.name, out)
    recorder = Recorder(experiment, run, reporting)
    with _stage(recorder):
        with recorder:
            run.write_recipe(recipe)
            facts = {
                "seed": seed,
                **run_environment(experiment),
                "data": _data(experiment, data_dir),
            }
            run.write_environment(facts | _own(parts))
            recorder.save(0)
            t, interrupted = _play(recorder)
        return _judged(recorder, t, interrupted)


def resume(
    path: Path,
    iterations: int | None = None,
    device: str | None = None,
    data_dir: Path | None = None,
    reporting: Reporting = SHOWN,
    parts: Parts = NO_PARTS,
) -> TrainingResult:
    """Go on with the run at `path` from its last checkpoint, to its last iteration or another.

    Bit for bit what it would have been without the stop, with the same build of NumPy, BLAS
    kernel and number of threads; differences are told, and every resumption is recorded. Device
    and data are those of before unless given. Raises as `train`, and UserError where the folder
    is not that of a run which can go on.
    """
    if reporting.tensorboard:
        tensorboard.protocol()
    pretrained.refuse(path)
    run = RunDirectory.open(path)
    recipe, facts = run.read_recipe(), run.read_environment()
    parts.require(facts.get("parts", {}), path)
    state = run.load_checkpoint()
    first, best = _place_of(state)
    if state.get("monitor", 1) != MONITORS.index(recipe.log.monitor):
        best = NONE_YET  # of another measure: its value means nothing here
    if iterations is not None:
        if iterations < first:
            raise UserError(f"{path} has {first} iterations already: --iterations must be as many")
        recipe = replace(recipe, training=replace(recipe.training, iterations=iterations))
    last = [facts, *facts.get("resumed", [])][-1]
    device = device or str(last.get("device", "cpu")).split()[0]
    data_dir = data_dir or source_of(facts["data"])
    experiment = Experiment.begin(recipe, facts["seed"], open_backend(device), data_dir, parts)
    if experiment.data.digest != facts["data"].get("digest"):
        raise UserError(
            f"the examples are not those that {path} was begun with: give their --data-dir"
        )
    if not np.array_equal(state.get("identity", 0), experiment.identity):
        raise UserError(
            f"the checkpoint in {path} is that of another recipe or seed: put its recipe.toml "
            f"back, or begin a new run with minigan train {path / 'recipe.toml'}"
        )
    experiment.restore(state)
    recorder = Recorder(experiment, run, reporting, first, best)
    with _stage(recorder):
        now, earlier = run_environment(experiment), facts.get("resumed", [])
        for difference in environment_changes([facts, *earlier][-1], now):
            print(f"not as before: {difference}; the last digits may differ", file=sys.stderr)
        with recorder:
            run.write_recipe(recipe)
            resumed = [*earlier, {"iteration": first, **now}]
            data = _data(experiment, data_dir)
            run.write_environment({**facts, "data": data, "resumed": resumed})
            recorder.draw(first)  # a stop may have come between the checkpoint and its sheet
            t, interrupted = _play(recorder)
        return _judged(recorder, t, interrupted)


def _play(recorder: Recorder) -> tuple[int, bool]:
    """Every iteration that is left: how many are done then, and whether a Ctrl-C ended them."""
    experiment, t = recorder.experiment, recorder.first
    iterations = experiment.recipe.training.iterations
    with Interrupt() as interrupt:
        last = t >= iterations
        while not last:
            try:
                logits = experiment.iterate(t)
            except DeferredNotFiniteError as error:
                raise noticed_late(recorder.run.path, t + 1, error) from None
            except finite.NotFiniteError as error:
                source = finite.first_not_finite(experiment.game.tensors())
                seen = f" (first seen in {source})" if source else ""
                raise TrainingStopped(
                    f"training stopped in iteration {t + 1}, before the update: {error}{seen}; "
                    f"{stop_advice(recorder.run.path)}"
                ) from None
            t += 1
            last = interrupt.asked or t == iterations
            recorder.after(t, logits, last)
        recorder.run.write_animation()
    return t, interrupt.asked


@contextmanager
def _stage(recorder: Recorder) -> Iterator[None]:
    """What a run needs around it: its folder to itself, its threads, and words for its failures."""
    path, threads = recorder.run.path, recorder.experiment.recipe.training.blas_threads
    try:
        with (
            files.locked(path) as ours,
            threadpool_limits(min(threads, os.cpu_count() or 1) or None, user_api="blas"),
            np.errstate(over="ignore", invalid="ignore"),  # told in one sentence instead
        ):
            if not ours:
                raise UserError(f"another process is training in {path}: wait until it is done")
            yield
    except OSError as error:
        saved = (
            f"what was saved before is whole, and minigan train --resume {path} goes on from it"
            if (path / "checkpoint.npz").exists()
            else f"nothing was saved yet: delete {path} and begin again"
        )
        sentence = (
            f"the system refused {error.filename or 'a file'}: {error.strerror or error}; {saved}"
        )
        recorder.events.emit("stopped", reason=sentence)
        raise UserError(sentence) from None
    except TrainingStopped as error:
        recorder.events.emit("stopped", reason=str(error))
        raise


def _judged(recorder: Recorder, t: int, interrupted: bool) -> TrainingResult:
    experiment = recorder.experiment
    judgement = warning = None
    if not interrupted:
        samples, watch = experiment.samples(N_SAMPLES), recorder.watch
        judgement = judge(samples, experiment.data)
        if not watch.warming_up(t) and np.isfinite(samples).all():
            warning = watch.warning(t, watch.measured(samples))
    seconds = round(recorder.seconds, 3)
    recorder.events.emit(
        "end",
        iteration=t,
        seconds=seconds,
        interrupted=interrupted,
        judgement=None if judgement is None else str(judgement),
        warning=warning,
    )
    return TrainingResult(
        recorder.run, t, t - recorder.first, seconds, interrupted, judgement, warning
    )


def run_environment(experiment: Experiment) -> dict[str, Any]:
    """What the numbers of a run may depend on besides recipe, seed and data."""
    return {"device": experiment.backend.name, **environment()}


def _own(parts: Parts) -> dict[str, Any]:
    """What environment.json says of parts of one's own; nothing of a run without any."""
    own: dict[str, Any] = {"parts": parts.description} if parts.description else {}
    if parts.objective:
        equilibrium = parts.objective.equilibrium._asdict()
        own["objective"] = {"unit": parts.objective.unit, "equilibrium": equilibrium}
    return own


def _data(experiment: Experiment, data_dir: Path | None) -> dict[str, Any]:
    data = experiment.data
    where = None if data_dir is None else str(data_dir.resolve())
    return {"set": data.name, "where": where, "shape": data.shape, "digest": data.digest}


def _place_of(state: dict[str, Any]) -> tuple[int, Best]:
    """At which iteration a checkpoint was made, and which was the best until then."""
    t, best = state.get("iteration"), state.get("best")
    if t is None or t.shape != () or t.dtype.kind != "i" or t < 0:
        raise UserError("the checkpoint does not say at which iteration it was made")
    if best is None or best.shape != (2,) or best.dtype.kind != "f" or not 0 <= best[1] <= t:
        raise UserError("the checkpoint does not say which state was the best")
    return int(t), Best(float(best[0]), int(best[1]))
