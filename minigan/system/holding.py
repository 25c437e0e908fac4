"""Hold a folder open: no other process can lock it, and it is found again after it was moved.

The lock belongs to the open folder. The operating system releases it when the process ends for any
reason. Windows has no such locks, and neither have some network file systems.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from minigan.errors import UserError


@dataclass(frozen=True)
class HeldFolder:
    """A folder that is held open.

    handle: the number of the open folder; None on Windows.
    unlocked: the reason of the system why the folder could not be locked; None if it is locked.
    """

    path: Path
    handle: int | None = None
    unlocked: str | None = None

    def moved(self) -> bool:
        """True if `path` no longer leads to the folder: it was renamed, deleted or unmounted."""
        if self.handle is None:
            return not self.path.is_dir()
        try:
            if os.path.samestat(os.stat(self.path), os.fstat(self.handle)):
                return False
        except OSError:
            return True
        # Some network file systems change the number of a folder: compare the names, too.
        return self._name() not in (None, os.path.realpath(self.path))

    def place(self) -> Path | None:
        """The path at which the folder is now; None if it was deleted or unmounted."""
        name = self._name()
        if name is None or self.handle is None:
            return None
        try:
            found = os.path.samestat(os.stat(name), os.fstat(self.handle))
        except OSError:
            return None
        return Path(name) if found else None

    def through(self) -> Path:
        """A path that leads to the folder also if it was moved or unmounted, where there is one."""
        descriptor = Path(f"/proc/self/fd/{self.handle}")
        return descriptor if descriptor.is_dir() else self.place() or self.path

    def _name(self) -> str | None:
        """The name of the open folder that the system knows."""
        with contextlib.suppress(OSError):
            if sys.platform == "darwin":
                import fcntl

                assert self.handle is not None
                return os.fsdecode(fcntl.fcntl(self.handle, fcntl.F_GETPATH, bytes(1024))).rstrip(
                    "\0"
                )
            return os.readlink(f"/proc/self/fd/{self.handle}")
        return None


@contextlib.contextmanager
def held(folder: Path) -> Iterator[HeldFolder | None]:
    """A context manager that holds a folder; None if another process has locked it.

    Where the file system has no locks, `unlocked` says why, and the folder is held without one.
    """
    if sys.platform == "win32":
        yield HeldFolder(folder)
        return
    import fcntl  # not available on Windows

    handle = os.open(folder, os.O_RDONLY)
    try:
        reason = None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
            return
        except OSError as error:  # a file system without locks: ENOLCK, ENOTSUP, EBADF, ...
            reason = error.strerror or str(error)
        yield HeldFolder(folder, handle, reason)
    finally:
        os.close(handle)


@contextlib.contextmanager
def held_alone(folder: Path) -> Iterator[None]:
    """Make the folder and hold it. Raises UserError if another process holds it, or for a file."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder} is not a folder: name another one with --out")
    folder.mkdir(parents=True, exist_ok=True)
    with held(folder) as one:
        if one is None:
            raise UserError(
                f"another process is making runs in {folder}: wait until it has ended, or name "
                "another folder with --out"
            )
        yield
