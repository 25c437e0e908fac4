"""What the ranks of a run do together after an iteration, and the ranks that write nothing.

    rank 0          a `Recorder`: log, checkpoints, sheets and progress, as in a run of one process
    the others      a `Follower`: after the same iterations, they send rank 0 their logits

After each logged iteration, a hash of theta and of the state of the optimizers is compared: all
ranks must hold the same bits, because each of them makes the same updates.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from minigan.algorithm_1 import Logits
from minigan.errors import UserError
from minigan.training.experiment import Experiment
from minigan.training.metrics import Metrics, compute_metrics
from minigan.training.recipes.tables import Log
from minigan.training.relatives.experiment import AnyExperiment
from minigan.training.runs.directory import RunDirectory


def saved_after(t: int, log: Log, last: bool) -> bool:
    """Whether the state after iteration t = 1, 2, ... is saved. The last one always is."""
    return last or t % log.save_every == 0


def logged_after(t: int, log: Log, last: bool) -> bool:
    """Whether iteration t = 1, 2, ... has a line in the log."""
    return saved_after(t, log, last) or t % log.every == 0


def begin_together(experiment: AnyExperiment, run: RunDirectory | None, t: int) -> RunDirectory:
    """Wait until all ranks are ready for iteration t; returns the run folder of rank 0.

    Raises UserError if a rank has another recipe, data set or state.
    """
    ranks = experiment.ranks
    if run is not None and ranks.size == 1:
        return run
    path = ranks.text_of_first(str(run.path) if run else "")
    _require_same_state(experiment, t)
    return run or RunDirectory(Path(path))


def metrics_of_all_ranks(experiment: Experiment, logits: Logits, t: int) -> Metrics:
    """The metrics after iteration t, from the logits and the penalty of all m rows.

    Raises UserError if a rank holds another theta.
    """
    game, ranks, m = experiment.game, experiment.ranks, experiment.recipe.training.m
    if ranks.size == 1:
        return compute_metrics(logits, game.objective, game.P)
    _require_same_state(experiment, t)
    own = np.concatenate([experiment.backend.to_host(a) for a in logits], axis=1)
    whole = ranks.all_rows(own, m)
    columns = Logits(*(whole[:, i : i + 1] for i in range(len(logits))))
    P = None if game.P is None else ranks.total(np.array([float(game.P) * game.m / m]))[0]
    return compute_metrics(columns, game.objective, P)


def _require_same_state(experiment: AnyExperiment, t: int) -> None:
    digest = hashlib.blake2b(experiment.identity.tobytes(), digest_size=16)
    for array in experiment.state(copy=False).values():
        digest.update(np.ascontiguousarray(array).data)
    found = experiment.ranks.all_of(np.frombuffer(digest.digest(), np.uint8))
    differing = np.flatnonzero((found != found[0]).any(axis=1))
    if differing.size:
        raise UserError(
            f"after iteration {t}, rank {differing[0]} has another recipe, data set or theta than "
            "rank 0: give all machines the same files and the same version of minigan, and "
            "continue from the last checkpoint with --resume"
        )


class Follower:
    """The counterpart of `Recorder` on the ranks that write nothing."""

    def __init__(self, experiment: Experiment, run: RunDirectory, first: int = 0) -> None:
        self.experiment, self.run, self.first = experiment, run, first

    def after(self, t: int, found: Any, last: bool) -> None:
        """Take part in what all ranks do after iteration number t = 1, 2, ..."""
        if logged_after(t, self.experiment.recipe.log, last):
            metrics_of_all_ranks(self.experiment, found, t)

    def finish(self) -> None:
        """Write nothing."""
