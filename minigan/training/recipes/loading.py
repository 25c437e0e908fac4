"""Load a recipe by name or from a file, optionally with changed settings.

    load("mnist-2014", ["training.schedule=algorithm1", "optimizer.rate=0.05"])

The comments in a built-in recipe file state the source of each number.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import asdict, fields, is_dataclass
from importlib import resources
from pathlib import Path
from typing import Any, get_type_hints

from minigan.errors import UserError
from minigan.system.fields import closest_name, read
from minigan.system.reading import read_whole
from minigan.training.recipes.tables import Recipe

LONGEST_FILE = 32_768  # bytes; the time of tomllib is quadratic in the length of dotted keys


def names() -> list[str]:
    """The names of the built-in recipes."""
    folder = resources.files("minigan.training.recipes")
    return sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".toml"))


def load(recipe: str, changes: Sequence[str] = ()) -> Recipe:
    """Load a built-in recipe by name, or a recipe from a path that ends in .toml.

    Each change is "table.key=value" with a TOML value; a single word needs no quotes. Raises
    UserError if the file cannot be read, or if a setting is unknown, missing or invalid.
    """
    if recipe in names():
        text = (resources.files("minigan.training.recipes") / f"{recipe}.toml").read_text("utf-8")
    elif recipe.endswith(".toml"):
        text = _text_of(Path(recipe))
    else:
        raise UserError(
            f"there is no recipe {recipe!r}: use one of {', '.join(names())}, "
            "or the path of a .toml file"
        )
    return parse(text, recipe, changes)


def parse(text: str, source: str, changes: Sequence[str] = ()) -> Recipe:
    """Parse a recipe from a TOML text. `changes` are as in `load`; errors name the `source`."""
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # RecursionError: tables nested too deeply
        raise UserError(f"{source} is not TOML: {error}") from None
    for change in changes:
        _apply(table, change)
    try:
        return read(Recipe, table)
    except UserError as error:
        raise UserError(f"{source}: {error}") from None


def to_toml(recipe: Recipe) -> str:
    """The recipe as a TOML text. `parse` returns an equal recipe from it."""
    import tomli_w

    table: dict[str, Any] = asdict(recipe)
    return tomli_w.dumps(table)


def _apply(table: dict[str, Any], change: str) -> None:
    """Set the value of "table.key=value" in the nested tables."""
    name, equals, text = change.partition("=")
    name = name.strip()
    if not equals:
        raise UserError(
            f"--set {change} must have the form table.key=value, for example optimizer.rate=0.05"
        )
    if name not in setting_names():
        raise UserError(f"there is no setting {name!r}; {closest_name(name, setting_names())}")
    section, _, key = name.rpartition(".")
    settings = table.setdefault(section, {}) if section else table
    if not isinstance(settings, dict):
        raise UserError(f"{section} must be a table of settings, [{section}]")
    settings[key] = _value(text.strip())


def setting_names() -> list[str]:
    """The full name of every setting of a recipe: name, data.set, data.order, ..."""
    hints = get_type_hints(Recipe)
    return [
        f"{table.name}.{setting.name}" if nested else table.name
        for table in fields(Recipe)
        for nested in [is_dataclass(hints[table.name])]
        for setting in (fields(hints[table.name]) if nested else [table])
    ]


def _value(text: str) -> Any:
    """The value of a TOML text. A text that is not valid TOML is returned as a string."""
    try:
        value = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return value["value"] if list(value) == ["value"] else text


def _text_of(path: Path) -> str:
    try:
        # -sig: some editors write a byte order mark at the start.
        return read_whole(path, LONGEST_FILE).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UserError(f"the recipe {path} cannot be read: {reason}") from None
