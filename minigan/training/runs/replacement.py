"""What to do if the last checkpoint of a run cannot be used: the end of the message.

    cp RUN/best.npz RUN/checkpoint.npz && minigan train --resume RUN

A run can be resumed from a copy of any of its checkpoints, because each holds the whole state. The
command has the one of the latest iteration, of those that can be read. For a run with custom parts
it ends in Python (`repeating`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from minigan.errors import UserError
from minigan.system.text import shell_words
from minigan.training.runs import checkpoint
from minigan.training.runs.directory import RunDirectory
from minigan.training.runs.repeating import repeating, resuming

NEEDED = ("iteration", "best", "identity")


def replacement_advice(run: RunDirectory, facts: Mapping[str, Any]) -> str:
    """A command that continues the run, or one that repeats it with the same seed and data.

    facts: the content of its environment.json.
    """
    found = _latest(run)
    if found is None:
        return (
            "the run has no other checkpoint that can be read; to train it again: "
            f"{repeating(run.path, facts)}"
        )
    iteration, path = found
    copy = shell_words("cp", path, run.path / "checkpoint.npz")
    custom = facts.get("parts") or {}
    then = ", then " if custom else " && "
    return f"to resume from iteration {iteration}: {copy}{then}{resuming(run.path, custom)}"


def _latest(run: RunDirectory) -> tuple[int, Path] | None:
    """The iteration and the path of the latest checkpoint, besides the last, that can be read.

    Of the kept checkpoints, which are named by their iteration, only those later than the best one
    are read, from the newest to the first that is good.
    """
    best = _readable(run.checkpoint_path("best"))
    after = -1 if best is None else best[0]
    kept = sorted((int(name) for name in run.checkpoints() if name.isdigit()), reverse=True)
    later = (_readable(run.checkpoint_path(str(t))) for t in kept if t > after)
    return next((found for found in later if found is not None), best)


def _readable(path: Path) -> tuple[int, Path] | None:
    """The iteration and the path of a checkpoint; None if it cannot be read."""
    try:
        return int(checkpoint.load(path, NEEDED)["iteration"]), path
    except UserError:
        return None
