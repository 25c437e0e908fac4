"""The settings that determine the trained numbers of a run: they are hashed into checkpoints.

Left out are the name, the logging, the number of iterations and of threads, and every setting that
has its default. So a new setting with a default does not change the hash of older runs.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.training.recipes import AnyRecipe

WITHOUT_EFFECT = {
    "training": ("iterations", "blas_threads"),
    "model": ("chain_steps", "chain_sigma"),  # of samples
}
# These are hashed even at their defaults: without them, the hash of older runs would change.
ALWAYS = {"data": ("height", "width", "channels")}
ALWAYS_WITHOUT_MOMENTUM = {"optimizer": ("decay", "beta1", "beta2", "epsilon")}


def identifying_settings(recipe: AnyRecipe) -> dict[str, dict[str, Any]]:
    """The settings by table and name."""
    always = ALWAYS if recipe.optimizer.kind == "momentum" else ALWAYS | ALWAYS_WITHOUT_MOMENTUM
    found: dict[str, dict[str, Any]] = {}
    for table, settings in asdict(recipe).items():
        if table in ("name", "log"):
            continue
        default = {field.name: field.default for field in fields(getattr(recipe, table))}
        found[table] = {
            name: setting
            for name, setting in settings.items()
            if name not in WITHOUT_EFFECT.get(table, ())
            and (setting != default[name] or name in always.get(table, ()))
        }
    return found


def identity_of(recipe: AnyRecipe, seed: int, digest: str, *more: Any) -> Array:
    """A hash (16 bytes) of the settings, the seed, the digest of the data, and what is added."""
    settings = identifying_settings(recipe)
    text = json.dumps([settings, seed, digest, *more], sort_keys=True)
    return np.frombuffer(hashlib.blake2b(text.encode(), digest_size=16).digest(), dtype=np.uint8)
