"""The data set of a run, from the folder that it was loaded from, or from another one."""

from __future__ import annotations

from pathlib import Path

from minigan.data import sets
from minigan.errors import UserError
from minigan.system.messages import say
from minigan.training.runs.directory import RunDirectory
from minigan.training.runs.facts import require_same_data, source_of


def data_of_run(path: Path, data_dir: Path | None) -> sets.DataSet:
    """Loads the data set that a run was trained on, from `data_dir` or its original folder.

    Raises UserError if the data set cannot be loaded or has changed since the run.
    """
    run = RunDirectory.open(path)
    settings, environment = run.read_any_recipe().data, run.read_environment()
    if "data" in (environment.get("parts") or {}):
        raise UserError(f"{path} was trained on a custom data set, which only Python can load")
    facts = environment["data"]
    folder = data_dir or source_of(facts)
    data = sets.load(
        settings.set,
        folder,
        settings.height,
        settings.width,
        settings.channels,
        settings.contrast,
    )
    unknown = require_same_data(data, environment, path)
    if unknown is not None:
        say(f"warning: {unknown}")
    return data
