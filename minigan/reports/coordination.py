"""How fast D and G reach a target together, with each switch of the authors' code, over seeds.

    ring      iterations until 1,000 samples of G reach all 8 modes, checked every 50 iterations
    digits    iterations until the Parzen log-likelihood of the validation images is 0 nats,
              with 10,000 samples of G, checked every 100 iterations

A row changes one setting of the recipes toy and digits. A run ends at its target, or unsuccessfully
at the limit of its iterations or at a number that is not finite. The seconds are those of training
only, in processor time, so that other work on the machine changes them little. All results are in
one record, OUT/coordination.json; runs that it has are not made again.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from threadpoolctl import threadpool_limits

from minigan.arrays import Array
from minigan.backends import open_backend
from minigan.data.points import Points
from minigan.data.sets import DataSet
from minigan.evaluation.modes import mode_coverage
from minigan.evaluation.protocol import SAMPLES
from minigan.evaluation.quality import N_SAMPLES, validation_LL
from minigan.finite import NotFiniteError
from minigan.reports.coordination_switches import SWITCHES
from minigan.system import json_files
from minigan.system.environment import environment
from minigan.system.fields import Limits
from minigan.system.files import write_atomically
from minigan.system.holding import held_alone
from minigan.training import recipes
from minigan.training.experiment import Experiment
from minigan.training.progress import Progress
from minigan.training.recipes import Recipe

LARGEST_RECORD = 2**24  # bytes


@dataclass(frozen=True)
class Task:
    """A recipe with its target: `reached` of samples and the data set, tried every `every`."""

    name: str
    recipe: str
    target: str
    reached: Callable[[Array, DataSet], bool]
    samples: int
    every: int
    limit: int


def all_modes(samples: Array, data: DataSet) -> bool:
    """Whether the samples reach all modes of the density."""
    assert isinstance(data.train, Points)
    found = mode_coverage(samples, data.train.mixture)
    return found.found == found.modes


def likely(samples: Array, data: DataSet) -> bool:
    """Whether the mean log-likelihood of the validation images is LL or more."""
    return validation_LL(samples, data).LL >= LL


LL = 0.0  # nats
TASKS = (
    Task("ring", "toy", "all 8 modes", all_modes, N_SAMPLES, 50, 2000),
    Task("digits", "digits", f"LL >= {LL:g} nats", likely, SAMPLES, 100, 2000),
)


@dataclass(frozen=True)
class Arrival:
    """A run of a task: the iterations at which it reached its target; None if it did not.

    `changes` are the settings of the switch.
    """

    task: str
    target: str
    switch: str
    changes: tuple[str, ...]
    seed: Annotated[int, Limits(0, 2**64 - 1)]
    iterations: Annotated[int, Limits(1, 10**9)] | None
    seconds: Annotated[float, Limits(0, 1e9)]


@dataclass(frozen=True)
class Coordination:
    """The runs of all tasks, switches and seeds."""

    runs: tuple[Arrival, ...]
    environment: dict[str, Any]

    def __str__(self) -> str:
        """One table in Markdown for each task, at most 80 columns wide."""
        tables = []
        for task in TASKS:
            of_task = [run for run in self.runs if run.task == task.name]
            if of_task:
                lines = [f"{task.name}: {task.target}, at most {task.limit:,} iterations", ""]
                lines += ["| switch | reached | iterations | seconds |", "|---|---|---|---|"]
                lines += [
                    row_of_switch(name, [run for run in of_task if run.switch == name])
                    for name in dict.fromkeys(run.switch for run in of_task)
                ]
                tables.append("\n".join(lines))
        return "\n\n".join(tables)


def row_of_switch(switch: str, runs: Sequence[Arrival]) -> str:
    """A row of the table: the mean and the deviation over the seeds that reached the target."""
    arrived = [run for run in runs if run.iterations is not None]
    cells = ["", ""]
    if arrived:
        cells = [
            mean_and_deviation([run.iterations or 0 for run in arrived], 0),
            mean_and_deviation([run.seconds for run in arrived], 1),
        ]
    return f"| {switch} | {len(arrived)} of {len(runs)} | {cells[0]} | {cells[1]} |"


def mean_and_deviation(values: Sequence[float], digits: int) -> str:
    """The mean and the standard deviation of a sample (dividing by N - 1), as a text."""
    mean = f"{np.mean(values):.{digits}f}"
    return mean if len(values) < 2 else f"{mean} ± {np.std(values, ddof=1):.{digits}f}"


def coordination(
    tasks: Sequence[str], switches: Sequence[str], seeds: Sequence[int], out: Path, quiet: bool
) -> Coordination:
    """Make the runs that the record in `out` lacks, write the record after each, and return these.

    Raises UserError if the record cannot be read, or if another process is writing it.
    """
    file = out / "coordination.json"
    chosen = [task for task in TASKS if task.name in tasks]
    names = dict.fromkeys(switches)
    asked = [(task, name, seed) for task in chosen for name in names for seed in seeds]
    runs = []
    with held_alone(out), Progress(len(asked), quiet, unit="run") as progress:
        known = list(read(file).runs) if file.exists() else []
        for task, name, seed in asked:
            run = _run(task, name, seed, known)
            runs.append(run)
            if run not in known:
                known.append(run)
                record = json.dumps(asdict(Coordination(tuple(known), environment())), indent=1)
                write_atomically(file, f"{record}\n".encode())
            progress.advance(f"{task.name}, {name}, seed {seed}")
    return Coordination(tuple(runs), environment())


def read(file: Path) -> Coordination:
    """Read a record. Raises UserError, with the name of the field, if the file is not a record."""
    return json_files.fields_of(file, Coordination, json_files.load(file, LARGEST_RECORD))


def _run(task: Task, switch: str, seed: int, known: Sequence[Arrival]) -> Arrival:
    """A run that is known already, or a new one. A switch can be the setting of the recipe."""
    changes, recipe = SWITCHES[switch], recipes.load(task.recipe, SWITCHES[switch])
    for run in known:
        if (run.task, run.target, run.seed) == (task.name, task.target, seed) and (
            run.changes == changes or recipes.load(task.recipe, run.changes) == recipe
        ):
            return replace(run, switch=switch, changes=changes)
    iterations, seconds = arrival(task, recipe, seed)
    return Arrival(task.name, task.target, switch, changes, seed, iterations, seconds)


def arrival(task: Task, recipe: Recipe, seed: int) -> tuple[int | None, float]:
    """Train until the target is reached: the iterations, and the seconds of training."""
    seconds = 0.0
    with (
        threadpool_limits(recipe.training.blas_threads or None, user_api="blas"),
        np.errstate(over="ignore", invalid="ignore"),
    ):
        experiment = Experiment.begin(recipe, seed, open_backend("cpu"))
        for start in range(0, task.limit, task.every):
            begin = time.process_time()
            try:
                for t in range(start, start + task.every):
                    experiment.iterate(t)
            except NotFiniteError:
                return None, seconds + time.process_time() - begin
            seconds += time.process_time() - begin
            samples = experiment.samples(task.samples)
            if np.isfinite(samples).all() and task.reached(samples, experiment.data):
                return start + task.every, round(seconds, 3)
    return None, round(seconds, 3)
