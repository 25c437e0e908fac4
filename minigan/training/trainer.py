"""Train by a recipe into a run folder, or resume a run with identical results.

The last checkpoint stays intact if the run fails. Ctrl-C finishes the current iteration, saves and
stops. A loss or a gradient that is not finite stops the run before the update.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from minigan.backends import open_backend
from minigan.errors import UserError
from minigan.evaluation.modes import ModeCoverage
from minigan.evaluation.nearest import NeighbourStatistics
from minigan.evaluation.quality import N_SAMPLES, assess_samples
from minigan.system.environment import environment_changes
from minigan.system.messages import say
from minigan.system.ranks import ALONE, Ranks
from minigan.system.text import command
from minigan.training.experiment import Experiment
from minigan.training.following import Follower, begin_together
from minigan.training.parts import NO_PARTS, Parts
from minigan.training.recipes import AnyRecipe, RelativeRecipe
from minigan.training.recipes.tables import MONITORS
from minigan.training.recorder import (
    DEFAULT_REPORTING,
    NO_BEST,
    Best,
    Recorder,
    Reporting,
)
from minigan.training.relatives.experiment import AnyExperiment, RelativeExperiment
from minigan.training.run_facts import data_facts, parts_facts, run_environment
from minigan.training.runs import replacement, tensorboard
from minigan.training.runs.checkpoint import DamagedCheckpointError
from minigan.training.runs.directory import RunDirectory
from minigan.training.runs.facts import require_same_data, source_of
from minigan.training.session import held_run, numerics, reporting_errors, run_iterations


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
    events_lost: why events could not be written to standard output; None if all were.
    """

    run: RunDirectory
    iterations: int
    iterations_run: int
    seconds: float
    interrupted: bool
    quality: NeighbourStatistics | ModeCoverage | None
    warning: str | None
    events_lost: str | None = None


def train(
    recipe: AnyRecipe,
    seed: int,
    device: str = "cpu",
    out: Path | None = None,
    data_dir: Path | None = None,
    reporting: Reporting = DEFAULT_REPORTING,
    parts: Parts = NO_PARTS,
    ranks: Ranks = ALONE,
) -> TrainingResult:
    """Train by a recipe, from the first iteration to the last.

    recipe: from `load_recipe`, or the recipe of another model (`recipes.load_any`).
    seed: the seed of all random numbers, 0 to 2^64 - 1.
    device: "cpu", "cuda", "cuda:1", ...
    out: the new run folder; by default the first free runs/NAME-1, -2, ...
    data_dir: the folder of a downloaded data set or of your images.
    reporting: what to show and write while training.
    parts: custom parts that replace those of the recipe.
    ranks: the processes that share the run (`minigan.system.mpi.world`); all of them call this.

    Raises UserError if an argument cannot be used or a file cannot be written, and
    TrainingStopped if a loss, a gradient, a parameter or a sample is NaN or infinite. A Ctrl-C that
    does not wait for the end of an iteration is a KeyboardInterrupt that says what is saved.
    """
    if reporting.tensorboard:
        tensorboard.protocol()  # raises an error, if it is missing, before the folder is created
    experiment = _begun(recipe, seed, device, data_dir, parts, ranks)
    custom = parts_facts(parts)  # raises an error before the folder is created
    if ranks.rank:
        return _follow(experiment)
    run = RunDirectory.create(recipe.name, out)
    for note in experiment.data.notes:
        say(f"note: {note}")
    if size := experiment.announcement():
        say(f"note: {size}")
    with held_run(run) as folder:
        if "last" in run.checkpoints():  # another process has used the folder in between
            raise UserError(f"{run.path} already exists: choose another --out")
        recorder = Recorder(experiment, run, reporting, folder=folder)
        with reporting_errors(recorder):
            begin_together(experiment, run, 0)
            with recorder:
                run.write_recipe(experiment.recipe)
                facts = {
                    "seed": seed,
                    **run_environment(experiment),
                    "data": data_facts(experiment, data_dir),
                }
                run.write_environment(facts | custom)
                recorder.save(0)
                t, interrupted = run_iterations(recorder)
            return _result(recorder, t, interrupted)


def resume(
    path: Path,
    iterations: int | None = None,
    device: str | None = None,
    data_dir: Path | None = None,
    reporting: Reporting = DEFAULT_REPORTING,
    parts: Parts = NO_PARTS,
    ranks: Ranks = ALONE,
) -> TrainingResult:
    """Resume the run at `path` from its last checkpoint.

    iterations: the last iteration; by default that of the recipe.
    device, data_dir: by default those of the last session.
    parts: the custom parts that the run was started with.
    ranks: the processes that share the run; their number may have changed.

    The results are bit-identical to a run without a stop, if the NumPy build, the BLAS kernel and
    the number of threads are the same. A difference is reported on standard error, and every
    resumption is recorded in environment.json. Raises the errors of `train`, and UserError if the
    run cannot be resumed.
    """
    if reporting.tensorboard:
        tensorboard.protocol()
    run = RunDirectory.open_trained(path)
    if ranks.rank:
        experiment, first, _, _ = _restored(run, iterations, device, data_dir, parts, ranks)
        return _follow(experiment, first)
    # The lock comes first: otherwise this process could continue from a state that another one has
    # replaced in the meantime.
    with held_run(run) as folder:
        experiment, first, best, facts = _restored(run, iterations, device, data_dir, parts, ranks)
        recorder = Recorder(experiment, run, reporting, first, best, folder, saved=True)
        with reporting_errors(recorder):
            begin_together(experiment, run, first)
            now, earlier = run_environment(experiment), facts.get("resumed", [])
            for difference in environment_changes([facts, *earlier][-1], now):
                say(
                    f"warning: the environment has changed: {difference}; "
                    "the last digits may differ"
                )
            with recorder:
                run.write_recipe(experiment.recipe)
                resumed = [*earlier, {"iteration": first, **now}]
                run.write_environment({**facts, "resumed": resumed})
                recorder.draw(first)  # the run may have ended between the checkpoint and its sheet
                t, interrupted = run_iterations(recorder)
            return _result(recorder, t, interrupted)


def _restored(
    run: RunDirectory,
    iterations: int | None,
    device: str | None,
    data_dir: Path | None,
    parts: Parts,
    ranks: Ranks,
) -> tuple[AnyExperiment, int, Best, dict[str, Any]]:
    """A run at its last checkpoint: the experiment, the iteration and the best value.

    The last part is the new content of environment.json.
    """
    path = run.path
    recipe, facts = run.read_any_recipe(), run.read_environment()
    if facts.get("iteration") is not None:
        raise UserError(
            f"{path} is an exported generator without D, which cannot be resumed: give a run "
            "folder that minigan train has written"
        )
    parts.require(facts.get("parts") or {}, path)
    try:
        state = run.load_checkpoint(required=("iteration", "best"))
    except DamagedCheckpointError as error:
        raise UserError(f"{error}; {replacement.replacement_advice(run, facts)}") from None
    first, best = int(state["iteration"]), Best(float(state["best"][0]), int(state["best"][1]))
    if state.get("monitor", 1) != MONITORS.index(recipe.log.monitor):
        best = NO_BEST  # the saved value is that of another metric
    if iterations is not None:
        if iterations < first:
            raise UserError(
                f"{path} already has {first} iterations: --iterations must be at least {first}"
            )
        recipe = with_iterations(recipe, iterations)
    last = [facts, *facts.get("resumed", [])][-1]
    if device is None:
        device = str(last.get("device", "cpu")).split()[0]
        if ranks.size > 1:
            device = device.partition(":")[0]  # each rank has a GPU of its own
    data_dir = data_dir or source_of(facts["data"])
    experiment = _begun(recipe, facts["seed"], device, data_dir, parts, ranks, resumed=True)
    unknown = require_same_data(experiment.data, facts, path)
    if not np.array_equal(state.get("identity", 0), experiment.identity):
        raise UserError(
            f"the checkpoint in {path} belongs to another recipe or seed: restore its original "
            f"recipe.toml, or start a new run with {command('train', path / 'recipe.toml')}"
        )
    experiment.restore(state)
    if unknown is not None:
        say(f"warning: {unknown}")
    facts = {**facts, "data": data_facts(experiment, data_dir)}
    return experiment, first, best, facts


def with_iterations(recipe: AnyRecipe, iterations: int) -> AnyRecipe:
    """The recipe with another number of iterations."""
    training: Any = replace(recipe.training, iterations=iterations)  # of the type of this recipe
    return replace(recipe, training=training)


def _begun(
    recipe: AnyRecipe,
    seed: int,
    device: str,
    data_dir: Path | None,
    parts: Parts,
    ranks: Ranks,
    resumed: bool = False,
) -> AnyExperiment:
    """The experiment of a recipe before its first iteration."""
    if isinstance(recipe, RelativeRecipe):
        if recipe.untrained:
            say(f"warning: {recipe.untrained}")
        return RelativeExperiment.begin(recipe, seed, data_dir, device, parts, ranks)
    backend = open_backend(device, ranks)
    return Experiment.begin(recipe, seed, backend, data_dir, parts, ranks, resumed)


def _follow(experiment: AnyExperiment, first: int = 0) -> TrainingResult:
    """Run the remaining iterations on a rank that writes nothing."""
    assert isinstance(experiment, Experiment)  # other models have one rank
    start = time.monotonic()
    with numerics(experiment):
        run = begin_together(experiment, None, first)
        t, interrupted = run_iterations(Follower(experiment, run, first))
    seconds = round(time.monotonic() - start, 3)
    return TrainingResult(run, t, t - first, seconds, interrupted, None, None)


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
        recorder.run,
        t,
        t - recorder.first,
        seconds,
        interrupted,
        quality,
        warning,
        recorder.events.lost,
    )
