"""Trained generators that come with minigan, each in the form of a run folder without its history.

    training/pretrained/mnist/    recipe.toml, environment.json, checkpoint.npz: G alone, in float16

What samples a run samples these by their name, as in `minigan sample mnist`. They cannot be gone on
with: D and the velocities are not there. In float16 the G of mnist/ has the score that it has in
float32, to a tenth of a nat.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.errors import UserError
from minigan.system.files import write_atomically
from minigan.training import recipes
from minigan.training.recipes import Recipe
from minigan.training.runs import checkpoint

MODELS = Path(__file__).parent.parent / "pretrained"


def pretrained_names() -> list[str]:
    """The names of the trained generators that are here."""
    return sorted(path.parent.name for path in MODELS.glob("*/recipe.toml"))


def located(path: Path) -> Path:
    """The folder of a shipped name; any other path, and that of a run, as it is."""
    ours = str(path) in pretrained_names() and not (path / "recipe.toml").exists()
    return MODELS / path if ours else path


def refuse(path: Path) -> None:
    """Raises UserError for a shipped name, where a whole run is needed."""
    if located(path) != path:
        raise UserError(
            f"{path} is a generator that comes with minigan, and has G alone: give the folder of a "
            "run that minigan train left"
        )


def output_path(path: Path, file: str) -> Path:
    """Where a file that is made of a run goes: into its folder, or for a shipped name into ours."""
    return Path(f"{path}-{file}") if located(path) != path else path / file


def write(
    folder: Path, recipe: Recipe, facts: Mapping[str, Any], theta: Mapping[str, Array]
) -> None:
    """Write G, by the name that its checkpoint gave it, into a new folder. Raises OSError."""
    folder.mkdir(parents=True)
    write_atomically(folder / "recipe.toml", recipes.to_toml(recipe).encode())
    write_atomically(folder / "environment.json", (json.dumps(facts, indent=2) + "\n").encode())
    halves = {name: vector.astype(np.float16) for name, vector in theta.items()}
    checkpoint.save(folder / "checkpoint.npz", halves)
