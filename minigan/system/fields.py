"""Check values that were read from a file, by the types of a frozen dataclass.

    read(Recipe, table)        the table of a TOML file or the object of a JSON file -> a Recipe

    int, float, str, bool      exactly this type; a float is finite and may be written as 1
    Annotated[T, Limits(a, b)] a number between a and b; a text or a list with a to b items
    tuple[T, ...]              a list of T;  dict[str, T]: a table of T
    T | None                   T, or null;  Any: any value
    a dataclass                a nested table

A field without a default must be present. So every file that minigan reads back has its fields,
their types and their ranges in one dataclass, and an error names the field: "curve[3].LL".
"""

from __future__ import annotations

import functools
import math
from dataclasses import MISSING, dataclass, fields, is_dataclass
from types import NoneType, UnionType
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    TypeVar,
    Union,
    get_args,
    get_origin,
    get_type_hints,
)

from minigan.errors import UserError
from minigan.system.values import LONGEST_NAME, SHORT, closest_name, within

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

_ONE_AND_MANY = {
    int: ("a whole number", "whole numbers"),
    float: ("a finite number", "finite numbers"),
    str: ("a text", "texts"),
    bool: ("true or false", "values that are true or false"),
    NoneType: ("null", "values that are null"),
}


@dataclass(frozen=True)
class Limits:
    """The smallest and the largest number, or number of characters or items."""

    low: float = -math.inf
    high: float = math.inf


def read(cls: type[T], table: Any, prefix: str = "", others: bool = False) -> T:
    """Make an instance of the dataclass `cls` from a table, and nested ones from nested tables.

    With `others`, fields that the dataclass does not have are allowed and ignored. Raises UserError
    for an invalid field; the message names it as `prefix` + key.
    """
    if not isinstance(table, dict):
        raise UserError(f"{prefix.rstrip('.: ') or 'it'} must be a table of named values")
    hints = _hints(cls)
    known = [field.name for field in fields(cls)]
    for key in () if others else table:
        if key not in known:
            raise UserError(
                f"there is no {prefix}{key[:LONGEST_NAME]}; {closest_name(key, known, prefix)}"
            )
    missing = [
        field.name
        for field in fields(cls)
        if field.default is MISSING and field.default_factory is MISSING and field.name not in table
    ]
    if missing:
        raise UserError(f"{prefix}{missing[0]} is missing")
    present = [key for key in known if key in table]
    values = {key: _value(hints[key], table[key], prefix + key, others) for key in present}
    try:
        return cls(**values)
    except UserError:
        raise
    except ValueError as error:
        raise UserError(f"{prefix.rstrip('.')}: {error}") from None


@functools.cache
def _hints(cls: type) -> dict[str, Any]:
    return get_type_hints(cls, include_extras=True)


def _value(hint: Any, value: Any, name: str, others: bool) -> Any:
    """The value as the type of its field. Raises UserError."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint is Any:
        return value
    if origin is Annotated:
        if get_origin(arguments[0]) is tuple and not isinstance(value, list):
            raise UserError(_wrong(name, value, hint))
        found, limits = _value(arguments[0], value, name, others), arguments[1]
        if isinstance(found, int | float):
            within(name, found, limits.low, limits.high)
        elif not limits.low <= len(found) <= limits.high:
            raise UserError(_wrong(name, value, hint))
        return found
    if origin in (Union, UnionType):
        return _of_union(arguments, value, name, others, hint)
    if isinstance(hint, type) and is_dataclass(hint):
        if not isinstance(value, dict):
            raise UserError(_wrong(name, value, hint))
        return read(hint, value, f"{name}.", others)
    if origin is tuple and isinstance(value, list):
        return tuple(
            _value(arguments[0], item, f"{name}[{i}]", others) for i, item in enumerate(value)
        )
    if origin is dict and isinstance(value, dict):
        return {
            key: _value(arguments[1], item, f"{name}.{key}", others) for key, item in value.items()
        }
    # abs() < inf: the comparison is false for NaN, and float() of a huge int raises OverflowError.
    if hint is float and type(value) in (int, float) and abs(value) < 2.0**1023:
        return float(value)
    if hint is not float and type(value) is hint:
        return value
    raise UserError(_wrong(name, value, hint))


def _of_union(hints: tuple[Any, ...], value: Any, name: str, others: bool, union: Any) -> Any:
    """The value as the first type of a union that fits it."""
    if value is None and NoneType in hints:
        return None
    tables = [hint for hint in hints if hint is not NoneType]
    if len(tables) == 1:  # T | None: the error of T is the more exact one
        return _value(tables[0], value, name, others)
    exact = [hint for hint in tables if type(value) is hint]  # 1 stays an int in int | float
    for hint in exact or tables:
        try:
            return _value(hint, value, name, others)
        except UserError:
            continue
    raise UserError(_wrong(name, value, union))


def _wrong(name: str, value: Any, hint: Any) -> str:
    return f"{name} = {SHORT.repr(value)} must be {_described(hint)}"


def _described(hint: Any, many: bool = False) -> str:
    """A type in words."""
    origin, arguments = get_origin(hint), get_args(hint)
    if hint in _ONE_AND_MANY:
        return _ONE_AND_MANY[hint][many]
    if origin is Annotated:
        inner, limits = arguments[0], arguments[1]
        if get_origin(inner) is tuple and limits.low == 1:
            return f"a list of one or more {_described(get_args(inner)[0], many=True)}"
        if inner is str and not many:
            return f"a text of {limits.low:g} to {limits.high:g} characters"
        return _described(inner, many)
    if origin in (Union, UnionType):
        return " or ".join(_described(one, many) for one in arguments)
    if origin is tuple:
        return f"{'lists' if many else 'a list'} of {_described(arguments[0], many=True)}"
    return "tables of named values" if many else "a table of named values"
