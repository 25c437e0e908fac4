"""A recipe that trains in a moment: the embedded digits, and networks of a few units."""

from __future__ import annotations

import tomllib
from typing import Any

from minigan.backends import open_backend
from minigan.system.fields import read
from minigan.training.experiment import Experiment
from minigan.training.recipes import Recipe

TEXT = """
name = "tiny"
data = { set = "digits", order = "independent" }
prior = { kind = "uniform", size = 3 }
training = { schedule = "algorithm1", k = 2, m = 10, iterations = 6, blas_threads = 1 }
log = { every = 2, save_every = 3, keep_every = 0, monitor = "validation_distance" }

[generator]
hidden = [7, 5]
output = "sigmoid"
spread = 0.5
marginal_floor = 0.01
objective = "non_saturating"

[discriminator]
units = [4, 3]
pieces = 2
spread = 0.3
keep_input = 0.8
keep_hidden = 0.5
weight_of_V = 1.0

[optimizer]
rate = 0.1
rate_divisor = 1.01
rate_floor = 0.0
momentum = 0.5
momentum_final = 0.7
momentum_first_epoch = 1
momentum_last_epoch = 3
"""

# Layers for images: G writes 4 x 4 stamps of 4 x 4 pixels; D has windows that overlap and are cut.
DECONVOLUTION = {
    "generator__hidden": [7, 32],
    "generator__map": [4, 4],
    "generator__deconvolutions": [{"channels": 1, "kernel": 4, "stride": 2, "pad_out": 1}],
}
CONVOLUTION = {
    "discriminator__convolutions": [
        {"channels": 2, "pieces": 2, "kernel": 3, "pad": 1, "pool": 3, "pool_stride": 2}
    ]
}

# p(x | c): branches for the class in both networks.
CONDITIONAL = {"generator__class_units": 4, "discriminator__class_units": 3}

# p(missing | observed) for every mask, and noise on all that D sees.
COMPLETING = {"data__masks": ["pixels", "rectangle", "half", "all"]}
NOISY = {"discriminator__instance_noise": 0.1}
# Both players learn from their mistakes only, and D learns faster.
LAZY = {
    "generator__margin": 0.0,
    "discriminator__margin": 0.1,
    "discriminator__rate_factor": 2.0,
    "prior__kind": "spherical",
}

NO_MOMENTUM = {"optimizer__momentum": 0.0, "optimizer__momentum_final": 0.0}
ADAM = {"optimizer__kind": "adam", "optimizer__beta1": 0.5, **NO_MOMENTUM}


def table(**changes: Any) -> dict[str, Any]:
    """The recipe as nested tables; `training__k=3` changes the setting training.k."""
    settings_of: dict[str, Any] = tomllib.loads(TEXT)
    for name, value in changes.items():
        section, _, key = name.partition("__")
        if key:
            settings_of[section][key] = value
        else:
            settings_of[section] = value
    return settings_of


def recipe(**changes: Any) -> Recipe:
    """The recipe, with changes as in `table`."""
    return read(Recipe, table(**changes))


def experiment(seed: int = 1, **changes: Any) -> Experiment:
    """The experiment of the recipe before its first iteration, on the CPU."""
    return Experiment.begin(recipe(**changes), seed, open_backend("cpu"))
