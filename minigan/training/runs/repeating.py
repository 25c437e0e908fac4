"""How to continue a run, or to train it again: the end of a message.

    minigan train --resume RUN
    minigan train RUN/recipe.toml --seed 3 --data-dir DIR

A run with custom parts needs them from Python, which the command line cannot pass. Then the text is
the same call in Python, where `parts` holds them:

    from pathlib import Path; from minigan.training import resume; resume(Path('RUN'), parts=parts)
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from minigan.system.text import command
from minigan.training.runs.facts import source_of

IMPORTS = "from pathlib import Path; from minigan.training import"


def resuming(path: Path, custom: Collection[str]) -> str:
    """How to continue the run at `path` from its last checkpoint. custom: its custom parts."""
    if custom:
        return _in_python(custom, "resume", f"resume(Path({str(path)!r}), parts=parts)")
    return command("train", "--resume", path)


def repeating(path: Path, facts: Any) -> str:
    """How to train the run at `path` again, with the same seed and data.

    facts: the content of its environment.json, which may be damaged: what it does not say is named
    at the end.
    """
    known: dict[str, Any] = facts if isinstance(facts, dict) else {}
    recipe, seed, data, custom = path / "recipe.toml", *map(known.get, ("seed", "data", "parts"))
    has_seed = type(seed) is int and 0 <= seed < 2**64
    has_data = isinstance(data, dict) and isinstance(data.get("where"), str | None)
    where = source_of(data) if isinstance(data, dict) and has_data else None
    if isinstance(custom, dict) and custom:
        folder = "" if where is None else f", data_dir=Path({str(where)!r})"
        seed_and_more = f"seed={seed if has_seed else 'seed'}{folder}, parts=parts"
        call = f"train(load_recipe({str(recipe)!r}), {seed_and_more})"
        text = _in_python(custom, "load_recipe, train", call)
    else:
        options = ("--seed", str(seed)) if has_seed else ()
        data_dir = () if where is None else ("--data-dir", where)
        text = command("train", recipe, *options, *data_dir)
    has_parts = bool(known) and isinstance(custom, dict | None)
    said = {"--seed": has_seed, "--data-dir": has_data, "custom parts": has_parts}
    missing = [name for name, has in said.items() if not has]
    if not missing:
        return text
    are = "it is" if len(missing) == 1 else "they are"
    return f"{text} (add its {' and '.join(missing)}, if given: {are} not known any more)"


def _in_python(custom: Collection[str], names: str, call: str) -> str:
    """The call of names of `minigan.training`, and what `parts` holds."""
    holds = f"in Python, where parts = Parts(...) has its custom {', '.join(custom)}"
    return f"{holds}: {IMPORTS} {names}; {call}"
