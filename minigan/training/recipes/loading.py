"""Load a recipe by name or from a file, optionally with changed settings.

    load("mnist-2014", ["training.schedule=algorithm1", "optimizer.rate=0.05"])

The comments in a built-in recipe file state the source of each number.
"""

from __future__ import annotations

import contextlib
import difflib
import tomllib
from collections.abc import Sequence
from dataclasses import asdict, fields, is_dataclass
from importlib import resources
from pathlib import Path
from typing import Any, TypeAlias, get_type_hints

from minigan.errors import UserError
from minigan.system.fields import read
from minigan.system.reading import read_whole
from minigan.system.text import command
from minigan.system.values import LONGEST_NAME, SHORT, closest_name
from minigan.training.recipes.gan import Recipe
from minigan.training.recipes.relative import RelativeRecipe

AnyRecipe: TypeAlias = Recipe | RelativeRecipe

LONGEST_FILE = 32_768  # bytes; the time of tomllib is quadratic in the length of dotted keys


def names() -> list[str]:
    """The names of the built-in recipes."""
    folder = resources.files("minigan.training.recipes")
    return sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".toml"))


def load(recipe: str, changes: Sequence[str] = ()) -> Recipe:
    """Load the recipe of a GAN, as `load_any` does. Raises UserError also for another model."""
    return _of_gan(load_any(recipe, changes), recipe)


def load_any(recipe: str, changes: Sequence[str] = ()) -> AnyRecipe:
    """Load a built-in recipe by name, or a recipe from a path that ends in .toml.

    Each change is "table.key=value" with a TOML value; texts need no quotes, and numbers may be
    written as .5 or 1e3. Raises UserError if the file cannot be read, or if a setting is unknown,
    missing or invalid.
    """
    if recipe in names():
        text = (resources.files("minigan.training.recipes") / f"{recipe}.toml").read_text("utf-8")
    elif recipe.endswith(".toml"):
        text = _text_of(Path(recipe))
    elif (copy := Path(recipe, "recipe.toml")).is_file():
        resume, repeat = command("train", "--resume", copy.parent), command("train", copy)
        raise UserError(
            f"{recipe} is a run folder: resume it with {resume}, or repeat it with {repeat}"
        )
    else:
        near = closest_name(recipe, names())
        file = (
            " (minigan info lists all)" if near.endswith("?") else ", or the path of a .toml file"
        )
        raise UserError(f"there is no recipe {recipe!r}; {near}{file}")
    return _parsed(text, recipe, changes)


def parse(text: str, source: str, changes: Sequence[str] = ()) -> Recipe:
    """Parse the recipe of a GAN from a TOML text. `changes` are as in `load_any`.

    Raises UserError, which names the `source`, for an invalid text or another model.
    """
    return _of_gan(_parsed(text, source, changes), source)


def _of_gan(recipe: AnyRecipe, source: str) -> Recipe:
    if isinstance(recipe, Recipe):
        return recipe
    raise UserError(
        f"{source} is for a {recipe.model_name}, which has no G and no D, but a GAN is needed "
        "here: give the recipe or the run of a GAN, for example digits"
    )


def _parsed(text: str, source: str, changes: Sequence[str]) -> AnyRecipe:
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # RecursionError: tables nested too deeply
        raise UserError(f"{source} is not TOML: {error}") from None
    every = (*fields(Recipe), *fields(RelativeRecipe))
    known = [*dict.fromkeys(field.name for field in every)]
    for name in table:
        if name not in known:
            raise UserError(
                f"{source}: there is no {name[:LONGEST_NAME]}; {closest_name(name, known)}"
            )
    is_gan = "model" not in table
    for change in changes:
        _apply(table, change, setting_types(Recipe if is_gan else RelativeRecipe))
    try:
        return read(Recipe, table) if is_gan else read(RelativeRecipe, table)
    except UserError as error:
        raise UserError(f"{source}: {error}") from None


def to_toml(recipe: AnyRecipe) -> str:
    """The recipe as a TOML text. `load_any` returns an equal recipe from it."""
    import tomli_w

    table: dict[str, Any] = asdict(recipe)
    return tomli_w.dumps(table)


def _apply(table: dict[str, Any], change: str, hints: dict[str, Any]) -> None:
    """Set the value of "table.key=value" in the nested tables, of the types in `hints`."""
    name, equals, text = change.partition("=")
    name = name.strip()
    if not equals:
        raise UserError(
            f"--set {change} must have the form table.key=value, for example optimizer.rate=0.05"
        )
    if name not in hints:
        raise UserError(f"there is no setting {name!r}; {_closest_setting(name, list(hints))}")
    section, _, key = name.rpartition(".")
    settings = table.setdefault(section, {}) if section else table
    if not isinstance(settings, dict):
        raise UserError(f"{section} must be a table of settings, [{section}]")
    try:
        settings[key] = _value(text.strip(), hints[name])
    except ValueError as error:
        raise UserError(f"--set {SHORT.repr(change)} is not valid TOML: {error}") from None


def setting_types(cls: type[AnyRecipe] = Recipe) -> dict[str, Any]:
    """The type of every setting of a recipe by its full name: name, data.set, data.order, ..."""
    types: dict[str, Any] = {}
    for table, hint in get_type_hints(cls).items():
        nested = get_type_hints(hint) if is_dataclass(hint) else {}
        types |= {f"{table}.{key}": one for key, one in nested.items()} or {table: hint}
    return types


def _closest_setting(name: str, known: list[str]) -> str:
    """The end of a message about an unknown setting: rate may be optimizer.rate."""
    keys = {setting: setting.rpartition(".")[2] for setting in known}
    near = difflib.get_close_matches(
        name[:LONGEST_NAME].rpartition(".")[2], set(keys.values()), n=1, cutoff=0.75
    )
    if not near:
        return closest_name(name, known)
    return f"did you mean {' or '.join(one for one in known if keys[one] == near[0])}?"


def _value(text: str, hint: Any) -> Any:
    """The value of a TOML text for a setting of this type. Other texts are returned as they are.

    Raises ValueError for the text of a list or a table that is not valid TOML.
    """
    try:
        table = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError) as error:
        if text.startswith(("[", "{")) and hint is not str:
            raise ValueError(str(error)) from None
        table = {}
    value = table["value"] if list(table) == ["value"] else text
    if hint is str and not isinstance(value, str):
        return text  # a name may look like a number or a date
    if hint in (int, float) and isinstance(value, str):
        with contextlib.suppress(ValueError):
            value = float(text)  # .5 is not TOML
    if hint is int and isinstance(value, float) and value.is_integer():
        return int(value)  # 1e3 iterations
    return value


def _text_of(path: Path) -> str:
    try:
        # -sig: some editors write a byte order mark at the start.
        return read_whole(path, LONGEST_FILE).decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UserError(f"the recipe {path} cannot be read: {reason}") from None
