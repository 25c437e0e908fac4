"""Training: from a recipe to a run folder, and on from there.

    train(recipe, seed)        makes a run folder with recipe, environment, log and checkpoints
    resume(path)               goes on with a run, bit for bit as if it had never stopped
    load_sampler(path)         G of a run, to draw samples from
    Parts(...)                 parts of your own, in the place of what the recipe describes

These are imported when they are first named, so that a recipe alone loads nothing slow.
"""

from __future__ import annotations

import importlib
from typing import Any

_HOMES = {
    "Parts": "minigan.training.parts",
    "load_sampler": "minigan.training.sampling",
    "resume": "minigan.training.trainer",
    "train": "minigan.training.trainer",
}


def __getattr__(name: str) -> Any:
    if name in _HOMES:
        return getattr(importlib.import_module(_HOMES[name]), name)
    raise AttributeError(f"module 'minigan.training' has no attribute {name!r}")
