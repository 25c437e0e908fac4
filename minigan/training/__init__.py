"""Training: from a recipe to a run folder with log, checkpoints and samples.

    train(recipe, seed)        train by a recipe; writes a run folder
    resume(path)               continue a run from its last checkpoint, with identical results
    load_recipe(name)          load a built-in recipe by name, or a recipe file by path
    load_sampler(path)         load G of a run, to draw samples
    Parts(...)                 custom networks, objective, optimizer, prior or data set

Each of these is imported when it is first used, so that loading a recipe is fast.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "Parts": ("parts", "Parts"),
    "load_recipe": ("recipes.loading", "load"),
    "load_sampler": ("sampling", "load_sampler"),
    "resume": ("trainer", "resume"),
    "train": ("trainer", "train"),
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        module, attribute = _HOMES[name]
        return getattr(importlib.import_module(f"minigan.training.{module}"), attribute)
    raise AttributeError(f"module 'minigan.training' has no attribute {name!r}")
