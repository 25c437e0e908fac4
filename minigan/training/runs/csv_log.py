"""The log of a run as a CSV file (RFC 4180): a header, then one row per log line.

    iteration,seconds,V\\r\\n
    50,0.61,-1.3862943611198906\\r\\n

The caller passes the columns; they are the same for the whole file. A field is empty where a line
has no value or None for the column, because some metrics are computed only at some iterations. A
line with an unknown key raises ValueError, so that no number is lost. A float is written with the
fewest digits that give the same number when read.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from minigan.system.files import append_whole, write_atomically


def write(path: Path, columns: Sequence[str], lines: Iterable[Mapping[str, Any]]) -> None:
    """Write the header and one row per line to the file. Replaces an existing file atomically.

    Raises OSError if the file cannot be written, and ValueError for a key without a column.
    """
    header = {column: column for column in columns}
    write_atomically(path, _rows(columns, [header, *lines]))


def append(path: Path, columns: Sequence[str], line: Mapping[str, Any]) -> None:
    """Append the row of one line, completely or not at all. Creates a missing file with its header.

    Raises OSError if the file cannot be written, and ValueError for a key without a column.
    """
    if path.exists():
        append_whole(path, _rows(columns, [line]))
    else:
        write(path, columns, [line])


def _rows(columns: Sequence[str], lines: Iterable[Mapping[str, Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.DictWriter(text, columns, restval="", extrasaction="raise").writerows(lines)
    # The name of a field can contain a lone surrogate, which UTF-8 cannot encode.
    return text.getvalue().encode("utf-8", "backslashreplace")
