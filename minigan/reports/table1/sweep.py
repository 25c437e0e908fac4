"""The recipes of a sweep: one for each combination of the values of some settings.

sweep("mnist", [], [["optimizer.rate", "0.05", "0.1"]])
    mnist-optimizer.rate-0.05, mnist-optimizer.rate-0.1
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from minigan.errors import UserError
from minigan.training import recipes
from minigan.training.recipes import Recipe


def sweep(recipe: str, changes: Sequence[str], settings: Sequence[Sequence[str]]) -> list[Recipe]:
    """The recipe with `changes`, once for each combination of the values in `settings`.

    A setting is [name, value, value, ...]. The names of the recipes contain the values, so that
    each run gets a folder of its own. Without settings, the one recipe keeps its name. Raises
    UserError for a setting without values, an invalid value, or two combinations of one name.
    """
    for name, *values in settings:
        if not values:
            raise UserError(f"--sweep {name} needs values: for example --sweep {name} 0.05 0.1")
    found: list[Recipe] = []
    for combination in itertools.product(*(one[1:] for one in settings)):
        chosen = [(one[0], value) for one, value in zip(settings, combination, strict=True)]
        made = recipes.load(recipe, [*changes, *(f"{name}={value}" for name, value in chosen)])
        name = "-".join([made.name, *(f"{name}-{value}" for name, value in chosen)])
        found.append(replace(made, name=re.sub(r"[^\w.-]", "_", name)))
    if len({one.name for one in found}) < len(found):
        raise UserError("--sweep has the same values twice: give each combination once")
    return found
