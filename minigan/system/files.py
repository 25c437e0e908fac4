"""Atomic file operations: a file or a folder is complete or it does not exist.

    write to a temporary name in the same folder  ->  flush to disk  ->  rename

Renaming is atomic. After a crash, a full disk or an interrupt, the path therefore still has its
previous content. Data appended to a file, such as a log, are appended completely or not at all. A
killed process can leave a temporary name; `clear` removes it.

A rewritten file keeps its permissions, and a link still leads to it. A path that is not a regular
file, such as a pipe or a terminal, is never replaced: `streams` writes to it.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from minigan.system import streams
from minigan.system.reading import require_regular


class _Writer(io.BufferedWriter):
    """A file without a number: NumPy would write to the number, and then report no reason."""

    def fileno(self) -> int:
        raise io.UnsupportedOperation("fileno")


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A context manager for a binary file that replaces `path` when the block ends.

    If the block raises, the file is removed and `path` is unchanged. An OSError without a file name
    is raised again with `path` as its filename. If `path` is no regular file, the block writes into
    it, or OSError is raised.
    """
    stream = streams.open_stream(path)
    if stream is not None:
        with _named(path), _Writer(stream) as file:
            yield file
        return
    # A link is not replaced, but the file that it leads to.
    target = Path(os.path.realpath(path)) if path.is_symlink() else path
    temporary = _temporary(target)
    try:
        with _named(path, temporary):
            with temporary.open("xb", buffering=0) as raw, _Writer(raw) as file:
                _copy_permissions(target, raw.fileno())
                yield file
                file.flush()
                os.fsync(raw.fileno())
            os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _flush_folder(target.parent)


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """A context manager for a folder that gets the name `path` when the block ends.

    Its parents are created. If the block raises, the folder is removed. Raises OSError, with `path`
    in its filename.
    """
    if os.path.lexists(path):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(path))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(path)) from None
    temporary = _temporary(path)
    try:
        with _named(path, temporary):
            temporary.mkdir()
            yield temporary
            os.rename(temporary, path)
    except BaseException:
        import shutil

        shutil.rmtree(temporary, ignore_errors=True)
        raise
    _flush_folder(path.parent)


def write_atomically(path: Path, data: bytes) -> None:
    """Replace the content of `path` by data, completely or not at all. Raises OSError."""
    with replacing(path) as file:
        file.write(data)


def require_writable(path: Path) -> None:
    """Raises OSError unless a file can be created in the folder of `path`.

    Work that takes long calls it before it begins, so that its result is not lost.
    """
    if not streams.is_stream(path):
        temporary = _temporary(path)
        with _named(path, temporary):
            temporary.touch(exist_ok=False)
            temporary.unlink()


def clear(folder: Path) -> None:
    """Remove the temporary files of killed processes from a folder and its sub-folders.

    No other process may be writing to the folder. Links are not followed. Raises OSError.
    """
    for path in list(folder.rglob(".*.part")):
        if is_temporary(path.name) and not path.is_dir():
            path.unlink(missing_ok=True)


def is_temporary(name: str) -> bool:
    """True for the name of a temporary file or folder."""
    return re.fullmatch(r"\.[0-9a-f]{16}\.part", name) is not None


def append_whole(path: Path, data: bytes) -> None:
    """Append data to a regular file, completely or not at all; the file is created if missing.

    The data are flushed to disk before the function returns. Raises OSError with `path` as its
    filename.
    """
    with contextlib.suppress(FileNotFoundError):
        require_regular(os.stat(path), path)
    with _named(path), path.open("ab", buffering=0) as file:
        end = file.tell()
        try:
            while data:
                data = data[file.write(data) :]
            os.fsync(file.fileno())
        except BaseException:
            with contextlib.suppress(OSError):
                file.truncate(end)  # a full disk may have accepted a part of the data
            raise


def _temporary(path: Path) -> Path:
    return path.with_name(f".{secrets.token_hex(8)}.part")


@contextlib.contextmanager
def _named(path: Path, temporary: Path | None = None) -> Iterator[None]:
    """Name `path` in an OSError that names no file, or a temporary one that the user does not know.

    The error of another file, which the block reads, keeps its name.
    """
    try:
        yield
    except OSError as error:
        below = Path()
        if error.filename is not None:
            name = Path(str(error.filename))
            if temporary is None or not name.is_relative_to(temporary):
                raise
            below = name.relative_to(temporary)
        raise OSError(error.errno, error.strerror or str(error), str(path / below)) from error


def _copy_permissions(path: Path, handle: int) -> None:
    """Give the open file the owner, group and permissions of `path`, if it exists."""
    if not hasattr(os, "fchown"):  # Windows
        return
    with contextlib.suppress(OSError):
        old, new = os.stat(path), os.fstat(handle)
        if (old.st_uid, old.st_gid) != (new.st_uid, new.st_gid):
            with contextlib.suppress(OSError):  # only root may give a file away
                os.fchown(handle, old.st_uid, old.st_gid)
        os.fchmod(handle, stat.S_IMODE(old.st_mode))


def _flush_folder(folder: Path) -> None:
    """Flush a rename to disk, on systems where a folder can be opened and flushed."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
