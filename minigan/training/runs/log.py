"""The log of a run is a file of JSON lines, one line per logged iteration.

    {"iteration": 50, "seconds": 0.61, ...}\\n        the caller defines the keys after "iteration"

A line is appended completely or not at all. If the process is killed while it writes, the last line
may be incomplete, without a newline: `read` skips it, and `cut` removes it before a run is resumed.
NaN and infinity are not valid JSON; writing or reading them raises an error.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from minigan.errors import UserError
from minigan.system import fields, json_files
from minigan.system.fields import Limits
from minigan.system.files import append_whole, write_atomically
from minigan.system.reading import read_whole

LARGEST = 2**30  # bytes


@dataclass(frozen=True)
class LogLine:
    """The fields of a line that minigan reads back; a line may have others."""

    iteration: Annotated[int, Limits(0, 10**15)]
    seconds: Annotated[float, Limits(0, 10**12)] | None = None
    validation_LL: float | None = None
    sigma: float | None = None
    collapsed: int | None = None


def append(path: Path, line: Mapping[str, Any]) -> None:
    """Append one line.

    Raises OSError if the file cannot be written, and ValueError for a number that is not finite.
    """
    append_whole(path, (json.dumps(line, allow_nan=False) + "\n").encode())


def read(path: Path) -> list[dict[str, Any]]:
    """All complete lines in order; an empty list if the file does not exist.

    Raises UserError if the file cannot be read, or if a complete line is not a JSON object with
    the fields of `LogLine`.
    """
    return [line for _, line in _lines(path, _bytes(path))]


def cut(path: Path, iteration: int) -> list[dict[str, Any]]:
    """Keep the lines up to and including an iteration, and return them.

    Later lines, and an incomplete last line, are removed from the file atomically. The bytes of the
    other lines do not change, and a file without lines to remove is not written. Raises UserError
    as `read` does, and OSError if the file cannot be written.
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
    """The bytes (with the newline) and the content of each complete line."""
    lines = []
    for number, raw in enumerate(data.split(b"\n")[:-1], start=1):
        try:
            line = json_files.parse_json(raw)
            fields.read(LogLine, line, others=True)
        except ValueError as error:
            raise UserError(
                f"{path} is damaged: in line {number}, {error}; correct or delete this line"
            ) from None
        lines.append((raw + b"\n", line))
    return lines
