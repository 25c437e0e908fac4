"""Read a table of settings into a frozen dataclass; raise an error for every invalid setting.

Every key must be a field of the dataclass, every field without a default must be present, and every
value must have the type of its field. No setting is ignored.
"""

from __future__ import annotations

import difflib
import sys
from collections.abc import Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar, get_type_hints

from minigan.errors import UserError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

_DESCRIPTIONS = {
    int: "a whole number",
    float: "a finite number",
    str: "a text",
    tuple: "a list of one or more whole numbers",
}


def read(cls: type[T], table: dict[str, Any], prefix: str = "") -> T:
    """Make an instance of the dataclass `cls` from a table, and nested ones from nested tables.

    Raises UserError for an invalid setting; the message names it as `prefix` + key.
    """
    hints = get_type_hints(cls)
    known = [field.name for field in fields(cls)]
    for key in table:
        if key not in known:
            raise UserError(
                f"there is no setting {prefix}{key}; {closest_name(key, known, prefix)}"
            )
    missing = [f.name for f in fields(cls) if f.default is MISSING and f.name not in table]
    if missing:
        raise UserError(f"the setting {prefix}{missing[0]} is missing")
    present = [key for key in known if key in table]
    return cls(**{key: _value(hints[key], table[key], prefix + key) for key in present})


def one_of(name: str, value: str, choices: tuple[str, ...]) -> None:
    """Raise UserError if the value is not one of the choices."""
    if value not in choices:
        raise UserError(f"{name} = {value!r} must be one of {', '.join(choices)}")


def closest_name(name: str, known: Sequence[str], prefix: str = "") -> str:
    """The end of a message about an unknown name: the most similar known name, or all of them."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    if near:
        return f"did you mean {prefix}{near[0]}?"
    return f"use one of {', '.join(prefix + one for one in known)}"


def within(name: str, value: float, low: float, high: float) -> None:
    """Raise UserError if the number is NaN or outside [low, high]."""
    if not low <= value <= high:
        raise UserError(f"{name} = {value} must be between {low} and {high}")


def _value(hint: Any, value: Any, name: str) -> Any:
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, dict):
            raise UserError(f"{name} must be a table of settings, [{name}]")
        return read(hint, value, f"{name}.")
    # Compared before the conversion, because float() of a huge int raises OverflowError. The
    # comparison is false for NaN.
    if hint is float and type(value) in (int, float) and abs(value) <= sys.float_info.max:
        return float(value)
    if hint in (int, str) and type(value) is hint:
        return value
    if hint == tuple[int, ...] and isinstance(value, list) and value:
        numbers = tuple(item for item in value if type(item) is int)
        if len(numbers) == len(value):
            return numbers
    expected = _DESCRIPTIONS.get(hint, _DESCRIPTIONS[tuple])
    raise UserError(f"{name} = {value!r} must be {expected}")
