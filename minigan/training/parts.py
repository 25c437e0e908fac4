"""Custom parts of a run: networks, objective, optimizer, prior or data set instead of the recipe's.

    parts = Parts(D=Network(64, (Linear(64, 0.1), Tanh(), Linear(1, 0.1))), optimizer=Adam)
    train(recipe, seed=1, parts=parts)
    resume(path, iterations=200, parts=parts)

A run records a description of its custom parts, and can be resumed only with parts of the same
description. docs/extending.md shows a custom layer, objective and optimizer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.data.sets import DataSet
from minigan.errors import UserError
from minigan.network import Network
from minigan.objectives import Objective
from minigan.optimizers import Optimizer
from minigan.parameters import Parameters


@dataclass(frozen=True)
class Parts:
    """Replacements for parts of a recipe. None keeps what the recipe describes.

    G, D: the networks. D must have one output, the logit.
    objective: what D ascends and G descends.
    optimizer: optimizer(theta) returns the `Optimizer` of a player; called once per player.
    prior: prior(generator, m, z_size) returns z (m, z_size), drawn from a NumPy generator.
    data: the data set.
    """

    G: Network | None = None
    D: Network | None = None
    objective: Objective | None = None
    optimizer: Callable[[Parameters], Optimizer] | None = None
    prior: Callable[[np.random.Generator, int, int], Array] | None = None
    data: DataSet | None = None

    @property
    def description(self) -> dict[str, str]:
        """A text for each custom part. It must be the same in every process.

        Raises UserError for a part whose text contains a memory address.
        """
        parts = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: _text(name, part) for name, part in parts.items() if part is not None}

    def require(self, recorded: Mapping[str, Any], path: Any, names: tuple[str, ...] = ()) -> None:
        """Compare the parts with the recorded descriptions of the run at `path`.

        Only the parts in `names` are compared; all if empty. Raises UserError if one differs.
        """
        descriptions = self.description
        for name in names or sorted({*descriptions, *recorded}):
            if descriptions.get(name) == recorded.get(name):
                continue
            kind = "data set" if name == "data" else name
            if name not in recorded:
                raise UserError(
                    f"{path} was trained with the {kind} of its recipe: leave out the custom {kind}"
                )
            raise UserError(
                f"{path} was trained with a custom {kind}, {recorded[name]}: pass the same one in "
                "Python, as parts=Parts(...) of minigan.training.resume or load_sampler"
            )


NO_PARTS = Parts()


def _text(name: str, part: Any) -> str:
    if isinstance(part, Objective | DataSet):
        return str(part.name)
    if isinstance(part, partial):
        named = (f"{key}={value!r}" for key, value in part.keywords.items())
        settings = ", ".join([*map(repr, part.args), *named])
        return _without_address(name, f"{_text(name, part.func)}({settings})")
    if getattr(part, "__closure__", None) or getattr(part, "__self__", None) is not None:
        raise UserError(
            f"the custom {name} has settings that its name does not show: use a function without "
            "a closure, a class, or functools.partial of one"
        )
    text = f"{part.__module__}.{part.__qualname__}" if hasattr(part, "__qualname__") else repr(part)
    return _without_address(name, text)


def _without_address(name: str, text: str) -> str:
    if " at 0x" in text:
        raise UserError(
            f"the description of the custom {name} contains a memory address ({text}): make its "
            "class a dataclass, or define a __repr__ that shows its settings"
        )
    return text
