"""One session of a run: its folder is locked, its iterations are run, its errors are reported.

held_run            locks the folder
reporting_errors    turns a full disk, a moved folder or a Ctrl-C into a message with advice
numerics            sets the number of BLAS threads
run_iterations      the loop; the first Ctrl-C ends it after the current iteration
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
from threadpoolctl import threadpool_limits

from minigan import finite
from minigan.backends.cuda.deferred import DeferredNotFiniteError
from minigan.errors import UserError
from minigan.system.holding import HeldFolder, held
from minigan.system.messages import say
from minigan.system.signals import Interrupt
from minigan.training.following import Follower
from minigan.training.recorder import Recorder
from minigan.training.relatives.experiment import AnyExperiment
from minigan.training.runs.directory import RunDirectory
from minigan.training.stopping import RunMoved, TrainingStopped, stop_advice, stopped_after


def run_iterations(recorder: Recorder | Follower) -> tuple[int, bool]:
    """Run the remaining iterations.

    Returns the number of iterations of the run so far, and whether a Ctrl-C has stopped it.
    """
    experiment, t = recorder.experiment, recorder.first
    ranks, stops = experiment.ranks, False
    iterations = experiment.recipe.training.iterations
    with Interrupt() as interrupt:
        last = t >= iterations
        while not last:
            try:
                found = experiment.iterate(t)
            except DeferredNotFiniteError as error:
                raise stopped_after(recorder.run.path, t + 1, error) from None
            except finite.NotFiniteError as error:
                source = finite.first_not_finite(experiment.tensors())
                seen = f" (first seen in {source})" if source else ""
                raise TrainingStopped(
                    f"training stopped in iteration {t + 1}, before the update: {error}{seen}; "
                    f"{stop_advice(recorder.run.path)}"
                ) from None
            t += 1
            stops = ranks.stops(interrupt.requested)
            last = stops or t == iterations
            recorder.after(t, found, last)
        recorder.finish()
    return t, interrupt.requested if ranks.size == 1 else stops


@contextmanager
def held_run(run: RunDirectory) -> Iterator[HeldFolder]:
    """Lock the run folder. Raises UserError if another process is training in it."""
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(held(run.path))
        except OSError as error:
            reason = error.strerror or error
            raise UserError(f"the run folder {run.path} cannot be opened: {reason}") from None
        if folder is None:
            raise UserError(f"another process is training in {run.path}: wait until it has ended")
        if folder.unlocked:
            say(
                f"warning: the folder {run.path} cannot be locked: {folder.unlocked}; "
                "do not resume this run in a second process at the same time"
            )
        yield folder


@contextmanager
def reporting_errors(recorder: Recorder) -> Iterator[None]:
    """Set the number of BLAS threads, and report the errors that end the run."""
    try:
        with numerics(recorder.experiment):
            yield
    except OSError as error:
        reason = f"cannot read or write {error.filename or 'a file'}: {error.strerror or error}"
        if recorder.folder is not None and recorder.folder.moved():
            reason = "the run has stopped"
        message = f"{reason}; {recorder.advice()}"
        recorder.events.emit("stopped", reason=message)
        raise UserError(message) from None
    except KeyboardInterrupt:  # before or after the iterations, or a second one
        message = recorder.advice()
        recorder.events.emit("stopped", reason=message)
        raise KeyboardInterrupt(message) from None
    except (TrainingStopped, RunMoved) as error:
        recorder.events.emit("stopped", reason=str(error))
        raise


@contextmanager
def numerics(experiment: AnyExperiment) -> Iterator[None]:
    """Set the number of BLAS threads. `FiniteCheck` raises an error instead of a warning."""
    threads = experiment.recipe.training.blas_threads
    with (
        threadpool_limits(min(threads, os.cpu_count() or 1) or None, user_api="blas"),
        np.errstate(over="ignore", invalid="ignore"),
    ):
        yield
