"""A checkpoint is one .npz file that is either whole or not there.

    written to a temporary name in the same folder, flushed to the disk, then renamed

Renaming is atomic, so a crash, a full disk or an interrupt leaves the previous checkpoint as it
was. The file holds plain arrays only: it is read with pickle refused.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from minigan.arrays import Array
from minigan.errors import UserError

VERSION = 1


def write_atomically(path: Path, data: bytes) -> None:
    """Put data in the file `path`, whole or not at all. Raises OSError where it cannot."""
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise
    _flush_folder(path.parent)


def save(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write named arrays, and the version of the format, to `path`. Raises OSError."""
    with tempfile.SpooledTemporaryFile() as memory:
        np.savez(memory, allow_pickle=False, version=np.array(VERSION), **arrays)
        memory.seek(0)
        write_atomically(path, memory.read())


def load(path: Path) -> dict[str, Array]:
    """The named arrays of a checkpoint. Raises UserError where it is missing or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise UserError(f"there is no checkpoint {path}") from None
    except (OSError, ValueError, KeyError, EOFError, AttributeError, zipfile.BadZipFile) as error:
        raise UserError(f"the checkpoint {path} is damaged or not a checkpoint: {error}") from None
    if "version" not in arrays or int(arrays.pop("version")) != VERSION:
        raise UserError(f"{path} is not a checkpoint of this version of minigan")
    return arrays


def _flush_folder(folder: Path) -> None:
    """Make the renaming itself last, on systems where a folder can be opened and flushed."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
