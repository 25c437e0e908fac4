"""Atomic file operations: a file is complete or it does not exist.

    write to a temporary file in the same folder  ->  flush to disk  ->  rename

Renaming is atomic. After a crash, a full disk or an interrupt, the path therefore still has its
previous content. Data appended to a file, such as a log, are appended completely or not at all. A
killed process can leave a temporary file; `clear` removes it.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A context manager for a binary file that replaces `path` when the block ends.

    If the block raises, the file is removed and `path` is unchanged. An OSError is raised again
    with `path` as its filename, because the user does not know the temporary name.
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
    """Replace the content of `path` by data, completely or not at all. Raises OSError."""
    with replacing(path) as file:
        file.write(data)


def clear(folder: Path) -> None:
    """Remove the temporary files of killed processes from a folder and its sub-folders.

    No other process may be writing to the folder. Raises OSError.
    """
    for path in list(folder.rglob(".*.part")):
        if re.fullmatch(r"\.[0-9a-f]{16}\.part", path.name):
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """A context manager that locks a folder: True, or False if another process has locked it.

    The operating system releases the lock when the process ends for any reason. On Windows, which
    has no such locks, it is always True.
    """
    if sys.platform == "win32":
        yield True
        return
    import fcntl  # not available on Windows

    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(handle)


def read_whole(path: Path, most: int) -> bytes:
    """The content of a regular file of at most `most` bytes. Raises OSError.

    Other kinds of files raise OSError too: to read a pipe may block, and a device may have no end.
    """
    if stat.S_ISDIR(path.stat().st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file", str(path))
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes", str(path))
    return data


def append_whole(path: Path, data: bytes) -> None:
    """Append data to a file, completely or not at all; the file is created if it does not exist.

    The data are flushed to disk before the function returns. Raises OSError with `path` as its
    filename.
    """
    try:
        with path.open("ab", buffering=0) as file:
            end = file.tell()
            try:
                while data:
                    data = data[file.write(data) :]
                os.fsync(file.fileno())
            except BaseException:
                with contextlib.suppress(OSError):
                    file.truncate(end)  # a full disk may have accepted a part of the data
                raise
    except OSError as error:
        error.filename = str(path)
        raise


def _flush_folder(folder: Path) -> None:
    """Flush a rename to disk, on systems where a folder can be opened and flushed."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
