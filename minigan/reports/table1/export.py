"""Exports the G of a run's best checkpoint as a folder in the format of pretrained models."""

from __future__ import annotations

from pathlib import Path

from minigan.errors import UserError
from minigan.training import sampling
from minigan.training.runs import pretrained
from minigan.training.runs.directory import RunDirectory


def export(path: Path, folder: Path) -> None:
    """Writes the G of the best checkpoint of the run at `path` to a new folder, in float16.

    The path of the data set on this machine is not exported. Raises UserError if the run has no
    usable best checkpoint or the folder exists, and OSError if the folder cannot be written.
    """
    run = RunDirectory.open(path)
    recipe, facts = run.read_recipe(), run.read_environment()
    state = run.load_checkpoint("best", required=["iteration"])
    name = "average_g" if recipe.generator.average_every else "theta_g"
    if name not in state:
        raise UserError(f"the best checkpoint of {path} does not match its recipe")
    if not facts.get("parts"):
        sampling.load_sampler(path, "best")  # raises an error if theta_g has another size
    if folder.exists():
        raise UserError(f"{folder} exists already: choose another --out")
    data = {key: value for key, value in facts["data"].items() if key not in ("where", "notes")}
    facts = {**facts, "data": data, "iteration": int(state["iteration"])}
    pretrained.write(folder, recipe, facts, {name: state[name]})
