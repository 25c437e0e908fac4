"""Read a file that a user or a run folder names: a regular file, up to a number of bytes.

To open a named pipe can block, to open a device can change it, and a device can have no end. So the
kind of a file is checked before it is opened, and again after: the path may have been replaced in
between. Links are followed.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

BLOCK = 1 << 20  # bytes
# Open without waiting for the other end of a pipe, and never as the terminal of this process.
AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
KINDS = {
    stat.S_IFIFO: "a named pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file to read bytes. Raises OSError; its strerror is a reason for the user."""
    try:
        status = os.stat(path)
    except ValueError:  # a zero byte
        raise OSError(errno.EINVAL, "its name is not valid", str(path)) from None
    require_regular(status, path)
    file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115 - it is returned
    try:
        require_regular(os.fstat(file.fileno()), path)
    except BaseException:
        file.close()
        raise
    return file


def read_whole(path: Path, most: int) -> bytes:
    """The content of a regular file of at most `most` bytes. Raises OSError as `open_regular`."""
    with open_regular(path) as file:
        size = min(most, os.fstat(file.fileno()).st_size)
        data = file.read(size + 1) or b""  # None: a file of the kernel that has no data yet
        while len(data) <= most and (more := file.read(BLOCK)):  # it grows, or hides its size
            data += more
    if len(data) > most:
        raise OSError(errno.EFBIG, f"it is larger than {most:,} bytes", str(path))
    return data


def kind_of(status: os.stat_result) -> str | None:
    """What a path is, for a message, where it is neither a regular file nor a folder."""
    return KINDS.get(stat.S_IFMT(status.st_mode))


def require_regular(status: os.stat_result, path: Path) -> None:
    """Raise OSError unless `status` is that of a regular file."""
    if stat.S_ISDIR(status.st_mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not stat.S_ISREG(status.st_mode):
        kind = kind_of(status) or "something else"
        raise OSError(errno.EINVAL, f"it is {kind}, not a regular file", str(path))


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | AT_ONCE)
