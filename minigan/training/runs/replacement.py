"""What to do if the last checkpoint of a run cannot be used: the end of the message.

    cp RUN/best.npz RUN/checkpoint.npz && minigan train --resume RUN

A run can be resumed from a copy of any of its checkpoints, because each holds the whole state. The
command has the one of the latest iteration, of those that can be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from minigan.errors import UserError
from minigan.system.text import command, shell_words
from minigan.training.runs import checkpoint
from minigan.training.runs.directory import RunDirectory, source_of

NEEDED = ("iteration", "best", "identity")


def replacement_advice(run: RunDirectory, facts: Mapping[str, Any]) -> str:
    """A command that continues the run, or one that repeats it with the same seed and data.

    facts: the content of its environment.json.
    """
    found = _latest(run)
    if found is None:
        where = source_of(facts["data"])
        data_dir = () if where is None else ("--data-dir", where)
        repeat = command("train", run.path / "recipe.toml", "--seed", str(facts["seed"]), *data_dir)
        return f"the run has no other checkpoint that can be read: {repeat} trains it again"
    iteration, path = found
    copy = shell_words("cp", path, run.path / "checkpoint.npz")
    resume = command("train", "--resume", run.path)
    return f"to resume from iteration {iteration}: {copy} && {resume}"


def _latest(run: RunDirectory) -> tuple[int, Path] | None:
    """The iteration and the path of the latest checkpoint, besides the last, that can be read."""
    found: list[tuple[int, Path]] = []
    for name in run.checkpoints():
        if name == "last":
            continue
        path = run.checkpoint_path(name)
        try:
            found.append((int(checkpoint.load(path, NEEDED)["iteration"]), path))
        except UserError:
            continue
    return max(found, key=lambda one: one[0], default=None)
