"""How to continue a run, or to train it again: the end of a message.

    minigan train --resume RUN
    minigan train RUN/recipe.toml --seed 3 --data-dir DIR

A run with custom parts needs them from Python, which the command line cannot pass. Then the text is
the same call in Python, where `parts` holds them:

    from pathlib import Path; from minigan.training import resume; resume(Path('RUN'), parts=parts)
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from minigan.system.text import command
from minigan.training.runs.facts import source_of

IMPORTS = "from pathlib import Path; from minigan.training import"


def resuming(path: Path, facts: Mapping[str, Any]) -> str:
    """How to continue the run at `path` from its last checkpoint.

    facts: the content of its environment.json.
    """
    if facts.get("parts"):
        call = f"resume(Path({str(path)!r}), parts=parts)"
        return f"{_in_python(facts)}: {IMPORTS} resume; {call}"
    return command("train", "--resume", path)


def repeating(path: Path, facts: Mapping[str, Any]) -> str:
    """How to train the run at `path` again, with the same seed and data."""
    recipe, seed, where = path / "recipe.toml", facts["seed"], source_of(facts["data"])
    if facts.get("parts"):
        folder = "" if where is None else f", data_dir=Path({str(where)!r})"
        call = f"train(load_recipe({str(recipe)!r}), seed={seed}{folder}, parts=parts)"
        return f"{_in_python(facts)}: {IMPORTS} load_recipe, train; {call}"
    data_dir = () if where is None else ("--data-dir", where)
    return command("train", recipe, "--seed", str(seed), *data_dir)


def _in_python(facts: Mapping[str, Any]) -> str:
    """Where the call is made, and what `parts` holds."""
    return f"in Python, where parts = Parts(...) has its custom {', '.join(facts['parts'])}"
