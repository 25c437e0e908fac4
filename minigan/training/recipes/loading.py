"""A recipe by its name or its file, with settings changed on request.

    load("mnist-2014", ["training.schedule=algorithm1", "optimizer.rate=0.05"])

Each number in a recipe file has its source beside it as a comment.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import asdict, fields, is_dataclass
from importlib import resources
from pathlib import Path
from typing import Any, get_type_hints

from minigan.errors import UserError
from minigan.system.files import read_whole
from minigan.training.recipes.settings import closest_name, read
from minigan.training.recipes.tables import Recipe

LONGEST_FILE = 32_768  # bytes: of long dotted keys, tomllib takes time by the square


def names() -> list[str]:
    """The recipes that come with minigan."""
    folder = resources.files("minigan.training.recipes")
    return sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".toml"))


def load(recipe: str, changes: Sequence[str] = ()) -> Recipe:
    """The recipe of a name that comes with minigan, or of a path that ends in .toml.

    Each change is "table.key=value", the value as in TOML, where a word needs no quotes. Raises
    UserError, in one sentence, for a file or a setting that cannot be used.
    """
    if recipe in names():
        text = (resources.files("minigan.training.recipes") / f"{recipe}.toml").read_text("utf-8")
    elif recipe.endswith(".toml"):
        text = _text_of(Path(recipe))
    else:
        raise UserError(
            f"there is no recipe {recipe!r}: choose one of {', '.join(names())}, "
            "or give the path of a .toml file"
        )
    return parse(text, recipe, changes)


def parse(text: str, source: str, changes: Sequence[str] = ()) -> Recipe:
    """The recipe in a TOML text, changed as in `load`; `source` names it in error messages."""
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also numbers too long, tables too deep
        raise UserError(f"{source} is not TOML: {error}") from None
    for change in changes:
        _apply(table, change)
    try:
        return read(Recipe, table)
    except UserError as error:
        raise UserError(f"{source}: {error}") from None


def to_toml(recipe: Recipe) -> str:
    """The recipe as a TOML text, which `parse` reads back to an equal recipe."""
    import tomli_w

    table: dict[str, Any] = asdict(recipe)
    return tomli_w.dumps(table)


def _apply(table: dict[str, Any], change: str) -> None:
    """Put the value of "table.key=value" into the nested tables."""
    name, equals, text = change.partition("=")
    name = name.strip()
    if not equals:
        raise UserError(f"--set {change} needs the form table.key=value, as in optimizer.rate=0.05")
    if name not in setting_names():
        raise UserError(f"there is no setting {name!r}; {closest_name(name, setting_names())}")
    section, _, key = name.rpartition(".")
    place = table.setdefault(section, {}) if section else table
    if not isinstance(place, dict):
        raise UserError(f"{section} must be a table of settings, [{section}]")
    place[key] = _value(text.strip())


def setting_names() -> list[str]:
    """Every setting of a recipe by its whole name: name, data.set, data.order, ..."""
    hints = get_type_hints(Recipe)
    return [
        f"{table.name}.{setting.name}" if nested else table.name
        for table in fields(Recipe)
        for nested in [is_dataclass(hints[table.name])]
        for setting in (fields(hints[table.name]) if nested else [table])
    ]


def _value(text: str) -> Any:
    """The value of a TOML text; a text that is none is a word without its quotes."""
    try:
        value = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return text
    return value["value"] if list(value) == ["value"] else text


def _text_of(path: Path) -> str:
    try:
        # Some editors put a byte order mark in front.
        return read_whole(path, LONGEST_FILE).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UserError(f"the recipe {path} cannot be read: {reason}") from None
