"""Recipes of a DBN, a stacked CAE and a GSN that train in a moment on the embedded digits."""

from __future__ import annotations

from typing import Any

from minigan.system.fields import read
from minigan.training.recipes import RelativeRecipe
from minigan.training.relatives.experiment import RelativeExperiment

MODELS: dict[str, dict[str, Any]] = {
    "dbn": {"hidden": [5, 4], "layer_iterations": 3, "gibbs_steps": 2},
    "cae": {"hidden": [5, 4], "layer_iterations": 3, "contraction": 0.1, "chain_sigma": 0.5},
    "gsn": {"hidden": [5, 4], "walk_steps": 2, "noise": 0.5, "salt": 0.2},
}
KINDS = tuple(MODELS)
PCD = {"model__persistent": True}


def table(kind: str, **changes: Any) -> dict[str, Any]:
    """The recipe as nested tables; `training__m=3` changes the setting training.m."""
    tables: dict[str, Any] = {
        "name": f"tiny-{kind}",
        "data": {"set": "digits", "order": "independent"},
        "model": {"kind": kind, "chain_steps": 3, **MODELS[kind]},
        "training": {"m": 10, "iterations": 6, "blas_threads": 1},
        "optimizer": {
            "rate": 0.1,
            "rate_divisor": 1.01,
            "rate_floor": 0.0,
            "momentum": 0.5,
            "momentum_final": 0.7,
            "momentum_first_epoch": 1,
            "momentum_last_epoch": 3,
        },
        "log": {"every": 2, "save_every": 4, "keep_every": 0, "monitor": "validation_distance"},
    }
    for name, value in changes.items():
        section, _, key = name.partition("__")
        if key:
            tables[section][key] = value
        else:
            tables[section] = value
    return tables


def recipe(kind: str, **changes: Any) -> RelativeRecipe:
    """The recipe, with changes as in `table`."""
    return read(RelativeRecipe, table(kind, **changes))


def experiment(kind: str, seed: int = 1, **changes: Any) -> RelativeExperiment:
    """The experiment of the recipe before its first iteration."""
    return RelativeExperiment.begin(recipe(kind, **changes), seed)
