"""Parts of your own, in the place of what a recipe describes: networks, objective, optimizer, ...

    parts = Parts(D=Network(64, (Linear(64, 0.1), Tanh(), Linear(1, 0.1))), optimizer=Adam)
    train(recipe, seed=1, parts=parts)
    resume(path, iterations=200, parts=parts)

A run records a description of its own parts, and they enter its identity: a run goes on only with
parts that have the same description. docs/extending.md builds a layer, an objective, an optimizer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
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
    """What replaces the recipe's own; None keeps what the recipe describes.

    `optimizer` is called with the theta of each player and returns its `Optimizer`; `prior` is
    called with a NumPy generator, the number of rows m and z_size, and returns z (m, z_size).
    """

    G: Network | None = None
    D: Network | None = None
    objective: Objective | None = None
    optimizer: Callable[[Parameters], Optimizer] | None = None
    prior: Callable[[np.random.Generator, int, int], Array] | None = None
    data: DataSet | None = None

    @property
    def description(self) -> dict[str, str]:
        """A text for each part that is given, the same in every process.

        Raises UserError for a part whose text would differ: one that shows an address of memory.
        """
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: _text(name, part) for name, part in given.items() if part is not None}

    def require(self, recorded: Mapping[str, Any], path: Any, names: tuple[str, ...] = ()) -> None:
        """Refuse parts other than those recorded; `names` for some of them, all if empty.

        Raises UserError.
        """
        own = self.description
        for name in names or sorted({*own, *recorded}):
            if own.get(name) == recorded.get(name):
                continue
            if name not in recorded:
                raise UserError(f"{path} was trained with the {name} of its recipe: give no other")
            raise UserError(
                f"{path} was trained with a {name} of its own, {recorded[name]}: give the same in "
                "Python, as parts=Parts(...) of minigan.training.resume or load_sampler"
            )


NO_PARTS = Parts()


def _text(name: str, part: Any) -> str:
    if isinstance(part, Objective | DataSet):
        return part.name
    text = f"{part.__module__}.{part.__qualname__}" if hasattr(part, "__qualname__") else repr(part)
    if " at 0x" in text:
        raise UserError(
            f"the {name} of your own has no lasting description ({text}): make its class a "
            "dataclass, or give it a __repr__ that shows its settings"
        )
    return text
