"""A checkpoint is one .npz file that is either whole or not there.

    written to a temporary name in the same folder, flushed to the disk, then renamed

Renaming is atomic, so a crash, a full disk or an interrupt leaves the previous checkpoint as it
was. The file holds plain arrays only: it is read with pickle refused.
"""

from __future__ import annotations

import contextlib
import io
import os
import secrets
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from minigan.arrays import Array
from minigan.errors import UserError

VERSION = 1


def write_atomically(path: Path, data: bytes) -> None:
    """Put data in the file `path`, whole or not at all. Raises OSError where it cannot."""
    temporary = path.with_name(f".{secrets.token_hex(8)}.part")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        if isinstance(error, OSError):  # told with the name that the user knows
            raise OSError(error.errno, error.strerror, str(path)) from error
        raise
    _flush_folder(path.parent)


def save(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write named arrays and the format's version to `path`; equal arrays give equal bytes.

    Raises OSError where it cannot, and ValueError for an array of Python objects.
    """
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as file:
        for name, array in {"version": np.array(VERSION), **arrays}.items():
            with file.open(f"{name}.npy", "w", force_zip64=True) as member:
                np.lib.format.write_array(member, array, allow_pickle=False)
    write_atomically(path, memory.getvalue())


def load(path: Path) -> dict[str, Array]:
    """The named arrays of a checkpoint. Raises UserError where it is missing or damaged."""
    try:
        with zipfile.ZipFile(path) as file:
            arrays = {
                name.removesuffix(".npy"): _array(file.read(name)) for name in file.namelist()
            }
    except FileNotFoundError:
        raise UserError(f"there is no checkpoint {path}") from None
    except OSError as error:
        raise UserError(f"the checkpoint {path} cannot be read: {error.strerror}") from None
    except Exception:  # of damaged bytes, zipfile and the .npy format raise a dozen kinds
        raise UserError(f"the checkpoint {path} is damaged, or not a checkpoint") from None
    if arrays.pop("version", np.array(None)).tolist() != VERSION:
        raise UserError(f"{path} is not a checkpoint of this version of minigan")
    return arrays


def _array(data: bytes) -> Array:
    """The array in the bytes of an .npy file, which zipfile has held against their checksum."""
    array: Array = np.lib.format.read_array(io.BytesIO(data), allow_pickle=False)
    return array


def _flush_folder(folder: Path) -> None:
    """Make the renaming itself last, on systems where a folder can be opened and flushed."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
