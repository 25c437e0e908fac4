"""The log of a run as a table for spreadsheets: CSV (RFC 4180), a header, then one row per line.

    iteration,seconds,V\\r\\n
    50,0.61,-1.3862943611198906\\r\\n

The columns are the caller's and stay the same for the whole file. A line that lacks a column, or
holds None there, leaves the field empty: a value may be measured at some iterations only. A line
with a key that is no column is refused, so that no number is lost in silence. Floats are written
with the fewest digits that read back exactly.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from minigan.system.files import append_whole, write_atomically


def write(path: Path, columns: Sequence[str], lines: Iterable[Mapping[str, Any]]) -> None:
    """Put the header and a row for each line in the file, atomically, whatever it held before.

    Raises OSError where it cannot, ValueError for a key that is no column.
    """
    header = {column: column for column in columns}
    write_atomically(path, _rows(columns, [header, *lines]))


def append(path: Path, columns: Sequence[str], line: Mapping[str, Any]) -> None:
    """Add the row of one line, whole or not at all; a missing file is begun with its header.

    Raises OSError where it cannot, ValueError for a key that is no column.
    """
    if path.exists():
        append_whole(path, _rows(columns, [line]))
    else:
        write(path, columns, [line])


def _rows(columns: Sequence[str], lines: Iterable[Mapping[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.DictWriter(text, columns, restval="", extrasaction="raise").writerows(lines)
    return text.getvalue().encode()
