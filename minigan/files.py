"""A file is either whole or not there.

    written to a temporary name in the same folder, flushed to the disk, then renamed

Renaming is atomic, so a crash, a full disk or an interrupt leaves what the name held before. A file
that grows, such as a log, gets each addition whole or not at all.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A binary file that becomes `path` when the block ends, and vanishes when it raises.

    An OSError of the block or of the file system is raised again under the name `path`, the one
    that the user knows.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with temporary.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    _flush_folder(path.parent)


def write_atomically(path: Path, data: bytes) -> None:
    """Put data in the file `path`, whole or not at all. Raises OSError where it cannot."""
    with replacing(path) as file:
        file.write(data)


def append_whole(path: Path, data: bytes) -> None:
    """Add data to the end of a file, all of it or nothing; the file is made where it is missing.

    Raises OSError under the name `path`.
    """
    with path.open("ab", buffering=0) as file:
        end = file.tell()
        try:
            while data:
                data = data[file.write(data) :]
        except BaseException as error:
            with contextlib.suppress(OSError):
                file.truncate(end)  # a full disk takes the first part of the data
            if isinstance(error, OSError):
                error.filename = str(path)
            raise


def _flush_folder(folder: Path) -> None:
    """Make the renaming itself last, on systems where a folder can be opened and flushed."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
