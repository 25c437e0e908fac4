"""minigan: the 2014 paper "Generative Adversarial Nets" as Python code to read, run and check.

    import minigan as mg
    D = mg.Network(64, (mg.Linear(32, 0.1), mg.ReLU(), mg.Linear(1, 0.1)))

Each name in `__all__` is imported when it is first used, so that `import minigan` takes little
longer than `import numpy`. The README lists the modules in reading order.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_HOMES = {
    "algorithm_1": ("algorithm1", "simultaneous"),
    "arrays": ("array_module",),
    "data.images": ("Images",),
    "data.sets": ("DataSet",),
    "draws.minibatches": ("Minibatches",),
    "game": ("Game",),
    "gradcheck": ("check", "check_layer"),
    "layers": (
        *("Branch", "ChannelMaxout", "Convolution", "Deconvolution", "Dropout", "Layer", "Linear"),
        *("MaxPooling", "Maxout", "Parallel", "ReLU", "Sigmoid", "Windows"),
    ),
    "network": ("Network",),
    "objectives": ("Equilibrium", "Objective", "minimax", "non_saturating"),
    "optimizers": ("Adam", "Momentum", "RMSProp"),
    "parameters": ("Parameters",),
    "schedules": ("Constant", "ExponentialDecay", "LinearRamp"),
    "selfcheck": ("check_network_layer", "check_objective"),
    "training": ("Parts", "load_recipe", "load_sampler", "resume", "train"),
}
_MODULE_OF = {name: module for module, names in _HOMES.items() for name in names}
_MODULES = (
    *("backends", "bench", "data", "draws", "evaluation", "gradcheck", "layers", "reports"),
    *("selfcheck", "theory", "training"),
)

__all__ = sorted(_MODULE_OF)


def __getattr__(name: str) -> Any:
    """Import a public name, or a package such as `minigan.theory`, when it is first used."""
    if name in _MODULE_OF:
        value = getattr(importlib.import_module(f"minigan.{_MODULE_OF[name]}"), name)
        globals()[name] = value
        return value
    if name in _MODULES:
        return importlib.import_module(f"minigan.{name}")
    raise AttributeError(f"module 'minigan' has no attribute {name!r}")


def __dir__() -> list[str]:
    """The names for tab completion, including those that are not imported yet."""
    return sorted({*globals(), *__all__, *_MODULES})
