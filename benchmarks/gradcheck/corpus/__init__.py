"""The corpus: operations with planted bugs, and families of right gradients, by name."""

from __future__ import annotations

import importlib
from pathlib import Path

from corpus.operation import OPERATIONS, Bug, Case, Family

for path in sorted(Path(__file__).parent.glob("*.py")):
    if path.stem != "__init__":
        importlib.import_module(f"corpus.{path.stem}")

BUGS: dict[str, Bug] = {bug.name: bug for each in OPERATIONS for bug in each.bugs}
FAMILIES: dict[str, Family] = {
    family.name: family for each in OPERATIONS for family in each.families
}


def case_of(name: str) -> Case:
    """The bug of this name, or the right gradient FAMILY/SEED. Raises KeyError if there is none."""
    if name in BUGS:
        return BUGS[name]
    family, _, seed = name.rpartition("/")
    if family not in FAMILIES or not seed.isdecimal():
        raise KeyError(name)
    return FAMILIES[family].case(int(seed))
