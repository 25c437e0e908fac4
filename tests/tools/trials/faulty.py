"""A disk that fails at its i-th operation, for the files in one folder.

    operations    the file operations, in order: "write checkpoint.npz", "replace samples.png", ...
    fault         the index (0, 1, ...) of the operation that fails
    kind          how it fails

"full" raises ENOSPC once, and "broken" raises EIO once. With "short", a write writes half of its
data, and all later writes raise ENOSPC. With "for good", the operation and all later ones except
close and unlink raise ENOSPC. "ctrl-c" raises KeyboardInterrupt when the operation is complete.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

KINDS = ("full", "broken", "short", "for good", "ctrl-c")
CLOSING = ("close", "close folder")
BY_HANDLE = ("write", "truncate", "fsync", "fsync folder", *CLOSING)  # the system names no file


class Disk:
    """Records the operations on the files below `folder`, and makes one of them fail."""

    def __init__(self, folder: Path, kind: str = "", fault: int = -1) -> None:
        self.folder, self.kind, self.fault = folder, kind, fault
        self.operations: list[str] = []
        self.handles: dict[int, str] = {}
        self.halved = False

    def put_in_place(self, patch: pytest.MonkeyPatch) -> None:
        """Redirect Python's file operations to this disk until the patch is undone."""
        self.real_open = io.open
        patch.setattr(io, "open", self._open)
        for name in ("replace", "mkdir", "unlink"):
            patch.setattr(os, name, self._by_name(name, getattr(os, name)))
        patch.setattr(os, "fsync", self._by_handle("fsync", lambda handle: None))  # slow
        patch.setattr(os, "close", self._by_handle("close", os.close))
        patch.setattr(os, "open", self._open_folder(os.open))

    def do(self, name: str, path: Any, real: Callable[[], Any]) -> Any:
        """Run an operation, or raise its error. A handle is closed even if closing it fails."""
        number = len(self.operations)
        self.operations.append(f"{name} {Path(path).name}")
        error = self._error(number, name, path)
        if error is None:
            return real()
        if self.kind == "ctrl-c" or name in CLOSING:
            with contextlib.suppress(OSError):
                result = real()
                if name == "open":
                    result.close()
        raise error

    def halves(self) -> bool:
        """Whether the next write writes only half of its data."""
        self.halved = self.halved or (self.kind == "short" and len(self.operations) == self.fault)
        return self.kind == "short" and len(self.operations) == self.fault

    def _error(self, number: int, name: str, path: Any) -> BaseException | None:
        due = number == self.fault and self.kind != "short"
        due |= self.halved and name == "write" and number > self.fault
        due |= self.kind == "for good" and number > self.fault and name not in ("unlink", *CLOSING)
        if not due or (name == "close folder" and self.kind != "ctrl-c"):
            return None  # a folder is opened for reading, so closing it cannot fail
        if self.kind == "ctrl-c":
            return KeyboardInterrupt()
        code = errno.EIO if self.kind == "broken" else errno.ENOSPC
        return OSError(code, os.strerror(code), *([] if name in BY_HANDLE else [str(path)]))

    def _holds(self, path: Any) -> bool:
        return isinstance(path, str | os.PathLike) and Path(path).is_relative_to(self.folder)

    def _open(
        self, path: Any, mode: str = "r", buffering: int = -1, *rest: Any, **more: Any
    ) -> Any:
        if not self._holds(path) or not set(mode) & set("wxa+"):
            return self.real_open(path, mode, buffering, *rest, **more)
        raw = self.do("open", path, lambda: File(self, path, mode.replace("b", "")))
        return io.BufferedWriter(raw) if buffering else raw

    def _by_name(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*paths: Any, **options: Any) -> Any:
            if not self._holds(paths[-1] if name == "replace" else paths[0]):
                return real(*paths, **options)
            path = paths[1] if name == "replace" else paths[0]
            return self.do(name, path, lambda: real(*paths, **options))

        return operation

    def _by_handle(self, name: str, real: Callable[[int], Any]) -> Callable[[int], Any]:
        def operation(handle: int) -> Any:
            if handle not in self.handles:
                return real(handle)
            what, path = self.handles[handle].split(" ", 1)
            if name == "close":
                del self.handles[handle]
            return self.do(
                f"{name} folder" if what == "folder" else name, path, lambda: real(handle)
            )

        return operation

    def _open_folder(self, real: Callable[..., int]) -> Callable[..., int]:
        def operation(path: Any, flags: int, *rest: Any, **more: Any) -> int:
            if not self._holds(path) or not os.path.isdir(path):  # a file that is read
                return real(path, flags, *rest, **more)

            def opened() -> int:
                handle = real(path, flags, *rest, **more)
                self.handles[handle] = f"folder {path}"
                return handle

            handle: int = self.do("open folder", path, opened)
            return handle

        return operation


class File(io.FileIO):
    """A file on a `Disk`."""

    def __init__(self, disk: Disk, path: Any, mode: str) -> None:
        super().__init__(path, mode)
        self.disk = disk
        disk.handles[self.fileno()] = f"file {path}"

    def write(self, data: Any) -> Any:
        write = super().write
        if self.disk.halves():
            data = bytes(data)[: len(data) // 2]
        return self.disk.do("write", self.name, lambda: write(data))

    def truncate(self, size: int | None = None) -> Any:
        truncate = super().truncate
        return self.disk.do("truncate", self.name, lambda: truncate(size))

    def close(self) -> None:
        if not self.closed:
            self.disk.handles.pop(self.fileno(), None)
            self.disk.do("close", self.name, super().close)
