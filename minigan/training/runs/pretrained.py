"""Pretrained generators: run folders inside the package that contain G only.

    training/pretrained/mnist/              recipe.toml, environment.json, checkpoint.npz (theta_g,
                                            float16), inference.npz (E, see `training.inference`)
    training/pretrained/mnist-conditional/  the same without E, for p(x | c)

Commands that draw samples accept their names in place of a run folder, as in `minigan sample
mnist`. They cannot be resumed, because D and the velocities are missing. With float16 parameters,
the log-likelihood of mnist/ differs from that with float32 by less than 0.1 nats. No pixel of 1,000
samples of mnist-conditional/ differs by a grey level of 8 bits.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.errors import UserError
from minigan.system import links
from minigan.system.files import new_folder, write_atomically
from minigan.training import recipes
from minigan.training.recipes import Recipe
from minigan.training.runs import checkpoint

MODELS = Path(__file__).parent.parent / "pretrained"


def pretrained_names() -> list[str]:
    """The names of the pretrained generators."""
    return sorted(path.parent.name for path in MODELS.glob("*/recipe.toml"))


def resolve(path: Path) -> Path:
    """The folder of a pretrained generator if `path` is its name; otherwise `path`.

    A run folder with the name of a pretrained generator takes precedence.
    """
    is_name = str(path) in pretrained_names() and not (path / "recipe.toml").exists()
    return MODELS / path if is_name else path


def require_run(path: Path) -> None:
    """Raise UserError if `path` is the name of a pretrained generator, if a run is needed."""
    if resolve(path) != path:
        raise UserError(
            f"{path} is a pretrained generator without D: give a run folder that minigan train has "
            "written"
        )


def output_path(path: Path, file: str) -> Path:
    """The path of an output: in the run folder; for a pretrained generator, in the current one."""
    return Path(f"{path}-{file}") if resolve(path) != path else links.inside(path, file)


def write(
    folder: Path, recipe: Recipe, facts: Mapping[str, Any], theta: Mapping[str, Array]
) -> None:
    """Write a pretrained generator to a new folder.

    theta: {name in the checkpoint: theta_g}, stored in float16. facts: the content of
    environment.json. Raises UserError for a number that is not finite in float16, and OSError if a
    file cannot be written; then the folder does not exist.
    """
    with np.errstate(over="ignore"):
        halves = {name: vector.astype(np.float16) for name, vector in theta.items()}
    for name, vector in halves.items():
        if not np.isfinite(theta[name]).all():
            raise UserError(f"{name} contains numbers that are not finite: use another checkpoint")
        if not np.isfinite(vector).all():
            raise UserError(
                f"{name} contains numbers beyond {np.finfo(np.float16).max:,.0f}, the largest of "
                "float16: this G cannot be exported"
            )
    with new_folder(folder) as path:
        write_atomically(path / "recipe.toml", recipes.to_toml(recipe).encode())
        write_atomically(path / "environment.json", (json.dumps(facts, indent=2) + "\n").encode())
        checkpoint.save(path / "checkpoint.npz", halves)
