"""Read a JSON file that minigan has written, or that somebody has changed or damaged since.

    parse_json(data)         any JSON value of finite numbers, at most DEEPEST levels deep
    load(path, most)         the same from a regular file of at most `most` bytes
    fields_of(path, cls, v)  its fields, by the types of a dataclass (`fields`)

So code that uses a value meets no infinity, no number beyond 64 bits and no endless nesting.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from minigan.errors import UserError
from minigan.system import fields
from minigan.system.reading import read_whole

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T", bound="DataclassInstance")

DEEPEST = 32
END = 2**64  # whole numbers are between -END and END


def parse_json(data: bytes) -> Any:
    """The value of a JSON text. Raises ValueError with a reason, as "it is not UTF-8 text"."""
    try:
        value = _decoder.decode(data.decode())
    except RecursionError:
        raise ValueError(_TOO_DEEP) from None
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON ({error})") from None
    _check_numbers(value, DEEPEST)
    return value


def load(path: Path, most: int) -> Any:
    """The value in a JSON file. Raises UserError that names the file."""
    try:
        return parse_json(read_whole(path, most))
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UserError(f"{path} is damaged: {error}") from None


def fields_of(path: Path, cls: type[T], value: Any, others: bool = False) -> T:
    """The value of a file as a dataclass. Raises UserError that names the file and the field."""
    try:
        return fields.read(cls, value, others=others)
    except UserError as error:
        raise UserError(f"{path} is damaged: {error}") from None


_TOO_DEEP = f"it is nested more than {DEEPEST} levels deep"


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"it contains {constant}, which is not JSON")


def _whole(digits: str) -> int:
    count = len(digits.lstrip("-"))
    if count > 20 or not -END < int(digits) < END:
        raise ValueError(f"it contains a whole number of {count} digits")
    return int(digits)


_decoder = json.JSONDecoder(parse_constant=_refuse, parse_int=_whole)


def _check_numbers(value: Any, levels: int) -> None:
    """Raise ValueError for a float that is too large, and for more levels of nesting."""
    if type(value) is float and value - value != 0:
        raise ValueError("it contains a number that is too large")
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    if items and levels == 0:
        raise ValueError(_TOO_DEEP)
    for item in items:
        _check_numbers(item, levels - 1)
