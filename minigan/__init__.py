"""minigan: the 2014 paper "Generative Adversarial Nets", executable.

The modules are imported when they are first named, so that `import minigan` costs little more
than `import numpy`. The README has the reading order.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

__all__ = [
    "algorithm1",
    "backends",
    "data",
    "draws",
    "evaluation",
    "gradcheck",
    "layers",
    "network",
    "objectives",
    "optimizers",
    "schedules",
    "theory",
    "training",
]


def __getattr__(name: str) -> Any:
    """Import a public module when somebody first asks for it."""
    if name in __all__:
        return importlib.import_module(f"minigan.{name}")
    raise AttributeError(f"module 'minigan' has no attribute {name!r}")


def __dir__() -> list[str]:
    """What completion offers: also the modules that are not imported yet."""
    return sorted({*globals(), *__all__})
