"""The log of a run is a file of JSON lines, one per logged iteration, and holds whole lines only.

    {"iteration": 50, "seconds": 0.61, ...}\\n        keys other than "iteration" are the caller's

A line is added whole or not at all. A process that is killed while it writes can leave a last
line without its newline: `read` leaves it out, and `cut` takes it away before a run goes on.
NaN and infinity are no JSON; they are refused, written or read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from minigan.errors import UserError
from minigan.system.files import append_whole, read_whole, write_atomically

LARGEST = 2**30  # bytes


def append(path: Path, line: Mapping[str, Any]) -> None:
    """Add one line. Raises OSError where it cannot, ValueError where a number is not finite."""
    append_whole(path, (json.dumps(line, allow_nan=False) + "\n").encode())


def read(path: Path) -> list[dict[str, Any]]:
    """Every whole line, in order; of a missing file none.

    Raises UserError where the file cannot be read, or where a whole line is not a JSON object
    with a whole number "iteration" >= 0.
    """
    return [line for _, line in _lines(path, _bytes(path))]


def cut(path: Path, iteration: int) -> list[dict[str, Any]]:
    """Keep the lines up to and including an iteration, and return them.

    What comes later, and a last line without its newline, is taken out of the file, atomically;
    the lines kept keep their bytes, and a file of nothing else is not touched. Raises UserError
    as `read` does, and OSError where the file cannot be written.
    """
    data = _bytes(path)
    kept = [(raw, line) for raw, line in _lines(path, data) if line["iteration"] <= iteration]
    rest = b"".join(raw for raw, _ in kept)
    if rest != data:
        write_atomically(path, rest)
    return [line for _, line in kept]


def _bytes(path: Path) -> bytes:
    try:
        return read_whole(path, LARGEST)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from None


def _lines(path: Path, data: bytes) -> list[tuple[bytes, dict[str, Any]]]:
    """The bytes, newline included, and the content of each whole line."""
    lines = []
    for number, raw in enumerate(data.split(b"\n")[:-1], start=1):
        line = _parse(raw)
        if line is None:
            raise UserError(
                f"{path} is damaged: line {number} is not a JSON object with a whole number "
                '"iteration"; mend or delete that line'
            )
        lines.append((raw + b"\n", line))
    return lines


def _parse(raw: bytes) -> dict[str, Any] | None:
    """The object in a line, or None where the line is damaged."""
    try:
        line = json.loads(raw.decode("utf-8"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    if not isinstance(line, dict):
        return None
    iteration, seconds = line.get("iteration"), line.get("seconds", 0.0)
    fitting = type(iteration) is int and iteration >= 0 and type(seconds) in (int, float)
    return line if fitting else None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
