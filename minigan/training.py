"""Train by a recipe, leave a run folder, and go on with one as if it had never stopped.

What was saved is never lost: the last checkpoint stays whole whatever happens. Ctrl-C finishes
the iteration, saves and stops; a loss or a gradient that is not finite stops before the update.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from minigan import finite
from minigan.backends import open_backend
from minigan.environment import differences, environment
from minigan.errors import UserError
from minigan.evaluation.judgement import JUDGED, judge
from minigan.evaluation.modes import Covered
from minigan.evaluation.nearest import Recognisable
from minigan.experiment import Experiment
from minigan.interrupt import Interrupt
from minigan.recipes import Recipe
from minigan.recorder import SHOWN, Recorder, Reporting, TrainingStopped, advice
from minigan.runs import tensorboard
from minigan.runs.directory import RunDirectory


@dataclass(frozen=True)
class Outcome:
    """A finished or interrupted run: its folder, iterations done, seconds, and a judgement."""

    run: RunDirectory
    iterations: int
    seconds: float
    interrupted: bool
    judgement: Recognisable | Covered


def train(
    recipe: Recipe,
    seed: int,
    device: str = "cpu",
    out: Path | None = None,
    data_dir: Path | None = None,
    reporting: Reporting = SHOWN,
) -> Outcome:
    """Play the recipe's game from its beginning to its last iteration.

    Raises UserError where device, data, sizes or folder cannot be used or a file cannot be
    written, TrainingStopped where a loss, a gradient or a parameter is NaN or infinite.
    """
    experiment = Experiment.begin(recipe, seed, open_backend(device), data_dir)
    if reporting.tensorboard:
        tensorboard.protocol()  # missing: say so before there is a folder
    run = RunDirectory.create(recipe.name, out)

    def begin(recorder: Recorder) -> None:
        run.write_recipe(recipe)
        run.write_environment(
            {"seed": seed, **surroundings(experiment), "data": _data(experiment, data_dir)}
        )
        recorder.save(0)

    return _play(Recorder(experiment, run, reporting), begin)


def resume(
    path: Path,
    iterations: int | None = None,
    device: str = "cpu",
    data_dir: Path | None = None,
    reporting: Reporting = SHOWN,
) -> Outcome:
    """Go on with the run at `path` from its last checkpoint, to its last iteration or another.

    Bit for bit what it would have been without the stop, with the same build of NumPy, BLAS
    kernel and number of threads; differences are told, and every resumption is recorded. Raises
    as `train`, and UserError where the folder is not that of a run which can go on.
    """
    run = RunDirectory.open(path)
    recipe, facts = run.read_recipe(), run.read_environment()
    state = run.load_checkpoint()
    done = _iteration(state)
    if iterations is not None:
        if iterations < done:
            raise UserError(f"{path} has {done} iterations already: --iterations must be more")
        recipe = replace(recipe, training=replace(recipe.training, iterations=iterations))
    before = facts["data"]
    where = before.get("where")
    if data_dir is None and type(where) is str:
        data_dir = Path(where)
    experiment = Experiment.begin(recipe, facts["seed"], open_backend(device), data_dir)
    if experiment.data.digest != before.get("digest"):
        raise UserError(
            f"the examples are not those that {path} was begun with: give their --data-dir"
        )
    if not np.array_equal(state.get("identity", 0), experiment.identity):
        raise UserError(f"the checkpoint in {path} is that of another recipe or seed")
    experiment.restore(state)
    recorder = Recorder(experiment, run, reporting, first=done)
    recorder.best, recorder.best_iteration = float(state["best"][0]), int(state["best"][1])

    def begin(recorder: Recorder) -> None:
        now = surroundings(experiment)
        earlier = facts.get("resumed", [])
        for difference in differences([facts, *earlier][-1], now):
            recorder.progress.write(f"not as before: {difference}; the last digits may differ")
        run.write_recipe(recipe)
        run.write_environment({**facts, "resumed": [*earlier, {"iteration": done, **now}]})

    return _play(recorder, begin)


def _play(recorder: Recorder, begin: Callable[[Recorder], None]) -> Outcome:
    """Every iteration that is left, then the judgement."""
    experiment, run, t = recorder.experiment, recorder.run, recorder.first
    training = experiment.recipe.training
    with (
        threadpool_limits(training.blas_threads or None, user_api="blas"),
        Interrupt() as interrupt,
        np.errstate(over="ignore", invalid="ignore"),  # a diverging run is told in one sentence
    ):
        try:
            with recorder:
                recorder.progress.write(f"run folder: {run.path}")
                recorder.events.tell("begin", run=str(run.path), iteration=t)
                begin(recorder)
                last = t >= training.iterations
                while not last:
                    logits = experiment.iterate(t)
                    t += 1
                    last = interrupt.asked or t == training.iterations
                    recorder.after(t, logits, last)
                seconds = recorder.seconds
                run.write_animation()
        except finite.NotFiniteError as error:
            source = finite.first_not_finite(experiment.game.tensors())
            raise TrainingStopped(
                f"training stopped in iteration {t + 1}, before the update: {error}"
                f"{f' (first seen in {source})' if source else ''}; {advice(run.path)}"
            ) from None
        except OSError as error:
            raise UserError(
                f"the system refused {error.filename or 'a file'}: {error.strerror or error}; what "
                f"was saved before is whole, and minigan train --resume {run.path} goes on from it"
            ) from None
        outcome = Outcome(
            run, t, seconds, interrupt.asked, judge(experiment.samples(JUDGED), experiment.data)
        )
    recorder.events.tell(
        "end",
        iteration=t,
        seconds=round(seconds, 3),
        interrupted=outcome.interrupted,
        judgement=str(outcome.judgement),
    )
    return outcome


def surroundings(experiment: Experiment) -> dict[str, Any]:
    """What the numbers of a run may depend on besides recipe, seed and data."""
    return {"device": experiment.backend.name, **environment()}


def _data(experiment: Experiment, data_dir: Path | None) -> dict[str, Any]:
    data = experiment.data
    where = None if data_dir is None else str(data_dir.resolve())
    return {"set": data.name, "where": where, "shape": data.shape, "digest": data.digest}


def _iteration(state: dict[str, Any]) -> int:
    t, best = state.get("iteration"), state.get("best")
    if t is None or t.shape != () or t.dtype.kind != "i" or t < 0:
        raise UserError("the checkpoint does not say at which iteration it was made")
    if best is None or best.shape != (2,) or best.dtype.kind != "f":
        raise UserError("the checkpoint does not say which state was the best")
    return int(t)
