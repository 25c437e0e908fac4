"""Why a run stops before its last iteration, and the advice at the end of the message.

not finite       a loss, a gradient, a parameter or a sample is NaN or infinite
moved            the run folder was moved, deleted or unmounted
other errors     a full disk, a second Ctrl-C: where the last checkpoint is, and how to continue
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

from minigan import finite
from minigan.errors import UserError
from minigan.system.holding import HeldFolder
from minigan.training.runs.repeating import resuming


class TrainingStopped(RuntimeError):
    """A number was not finite. The message says where, and which checkpoint remains."""


class RunMoved(UserError):
    """The run folder was moved, deleted or unmounted. The message says where it is."""


def checkpoint_advice(
    path: Path, folder: HeldFolder | None, saved: bool, custom: Collection[str] = ()
) -> str:
    """Where the last checkpoint is and how to continue, as the end of a message.

    path: the run folder. folder: the same, if it is held. saved: whether it has a checkpoint.
    custom: the names of the custom parts of the run.
    """
    if folder is not None and folder.moved():
        place = folder.place()
        what = "was deleted or unmounted" if place is None else f"was moved to {place}"
        where = f"the run folder {folder.path} {what} during training"
        if not saved:
            return f"{where}, before its first checkpoint: start again"
        then = "if it comes back, continue" if place is None else "continue"
        how = resuming(folder.path if place is None else place, custom)
        return f"{where}; {then} from its last checkpoint: {how}"
    if not saved:
        return f"there is no checkpoint yet: delete {path} and start again"
    try:
        os.stat(path / "checkpoint.npz")
    except FileNotFoundError:
        return f"the last checkpoint in {path} was deleted during training"
    except OSError:
        pass  # it cannot be reached now, but nothing has replaced it
    return f"the last checkpoint is intact; continue from it: {resuming(path, custom)}"


def stopped_after(run: Path, t: int, error: finite.NotFiniteError) -> TrainingStopped:
    """The error for a loss that was checked only after iteration t."""
    return TrainingStopped(f"training stopped after iteration {t}: {error}; {stop_advice(run)}")


def stop_advice(run: Path) -> str:
    """What to do if a number is not finite, as the end of a message."""
    return f"the last checkpoint in {run} is kept; a lower optimizer.rate may help"
