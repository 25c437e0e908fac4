"""Write to a path that is not a regular file: standard output, a terminal, a device, a named pipe.

    minigan bench --json /dev/stdout        into standard output, between its other lines
    minigan bench --json pipe               into the pipe, if another program reads it

Such a path must not be replaced: as root, even /dev/null would become a file.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import stat
import sys
from pathlib import Path

from minigan.system.reading import AT_ONCE, kind_of


def is_stream(path: Path) -> bool:
    """True if `path` exists, and data are written into it instead of replacing it."""
    try:
        status = os.stat(path)
    except OSError:
        return False
    return not stat.S_ISREG(status.st_mode) or _handle_of(path, status) is not None


def open_stream(path: Path) -> io.FileIO | None:
    """Open `path` to write into it; None if it is a regular file or does not exist.

    Raises OSError for a folder, a socket, a disk, and a pipe that no program reads.
    """
    try:
        status = os.stat(path)
    except FileNotFoundError:
        return None
    handle = _handle_of(path, status)
    if handle is not None:
        with contextlib.suppress(AttributeError, OSError):  # None, or it cannot be written
            sys.stdout.flush()
        return io.FileIO(os.dup(handle), "wb")
    if stat.S_ISREG(status.st_mode):
        return None
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not (stat.S_ISFIFO(status.st_mode) or stat.S_ISCHR(status.st_mode)):
        raise OSError(errno.EINVAL, f"it is {kind_of(status)}, not a regular file", str(path))
    try:
        handle = os.open(path, os.O_WRONLY | AT_ONCE)
    except OSError as error:
        if error.errno == errno.ENXIO and stat.S_ISFIFO(status.st_mode):
            raise OSError(
                errno.ENXIO, "it is a named pipe that no program reads", str(path)
            ) from None
        raise
    os.set_blocking(handle, True)
    return io.FileIO(handle, "wb")


def _handle_of(path: Path, status: os.stat_result) -> int | None:
    """The number of the open output that `path` leads to, such as 1 for /dev/stdout.

    Standard output may be a regular file: it is written at its own position, and not replaced.
    """
    numbers = [int(path.name)] if path.parent.name == "fd" and path.name.isdecimal() else []
    for number in (1, 2, *numbers):
        with contextlib.suppress(OSError, OverflowError):
            if os.path.samestat(os.fstat(number), status):
                return number
    return None
