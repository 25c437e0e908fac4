"""A file is either whole or not there.

    written to a temporary name in the same folder, flushed to the disk, then renamed

Renaming is atomic, so a crash, a full disk or an interrupt leaves what the name held before. A
file that grows, such as a log, gets each addition whole or not at all. A killed process can leave
its temporary file; `clear` takes it away.
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


def clear(folder: Path) -> None:
    """Remove the temporary files of `replacing` that killed processes left in folder or below.

    Only for a folder that no other process writes into. Raises OSError.
    """
    for path in list(folder.rglob(".*.part")):
        if re.fullmatch(r"\.[0-9a-f]{16}\.part", path.name):
            path.unlink(missing_ok=True)


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[bool]:
    """True where no other process is in such a block for the same folder, else False.

    The system itself ends the lock with the process, however that ends. Where it has no such
    locks (Windows), always True.
    """
    if sys.platform == "win32":
        yield True
        return
    import fcntl  # which Windows does not have

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
    """The bytes of a regular file of at most `most` bytes. Raises OSError, also for others.

    A pipe would be waited for, and a device read, for ever.
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
    """Add data to the end of a file, all of it or nothing; the file is made where it is missing.

    The data are on the disk when it returns. Raises OSError under the name `path`.
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
                    file.truncate(end)  # a full disk takes the first part of the data
                raise
    except OSError as error:
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
