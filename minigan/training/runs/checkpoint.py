"""A checkpoint is one .npz file of plain arrays. Writing is atomic; reading checks every field.

A damaged or malicious file cannot run code or use much memory. Pickle is disabled. Compressed
members are rejected, so the members together are not larger than the file (no zip bomb). The
shape of each array is compared with the number of bytes before the array is created.
"""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from minigan.arrays import Array
from minigan.errors import UserError
from minigan.system.files import replacing

VERSION = 1


def save(path: Path, arrays: Mapping[str, Array]) -> None:
    """Write named arrays and the version of the format to `path`. Equal arrays give equal bytes.

    Raises OSError if the file cannot be written, and ValueError for an array of Python objects.
    """
    with replacing(path) as whole:
        file = zipfile.ZipFile(whole, "w")
        try:
            for name, array in {"version": np.array(VERSION), **arrays}.items():
                with file.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)
            file.close()
        except BaseException:
            file.fp = None  # otherwise the destructor writes again, and reports a second error
            raise


def load(path: Path) -> dict[str, Array]:
    """Read the named arrays of a checkpoint. Uses at most twice the size of the file in memory.

    Raises UserError if the file is missing, damaged, not a checkpoint, or of a newer format.
    """
    try:
        arrays = _members(path)
    except FileNotFoundError:
        raise UserError(f"there is no checkpoint {path}") from None
    except OSError as error:
        raise UserError(f"the checkpoint {path} cannot be read: {error.strerror}") from None
    except Exception:  # for damaged bytes, zipfile and numpy raise many types of exceptions
        raise UserError(
            f"the checkpoint {path} is damaged or not a checkpoint: use another one"
        ) from None
    version = arrays.pop("version", np.array(None)).tolist()
    if type(version) is not int or not version >= 1:
        raise UserError(f"{path} is not a checkpoint of minigan: it has no valid version number")
    if version > VERSION:
        raise UserError(
            f"the checkpoint {path} has format {version}, and this version of minigan reads "
            f"formats up to {VERSION}: install a newer version of minigan"
        )
    return arrays


def _members(path: Path) -> dict[str, Array]:
    if not path.is_file() and path.exists() and not path.is_dir():
        raise ValueError("not a regular file: reading a pipe or a device may not end")
    with zipfile.ZipFile(path) as file:
        members = file.infolist()
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ValueError("a compressed member")
        if sum(member.file_size for member in members) > path.stat().st_size:
            raise ValueError("overlapping members")
        return {
            member.filename.removesuffix(".npy"): _array(file.read(member)) for member in members
        }


def _array(data: bytes) -> Array:
    """The array in the bytes of an .npy file. zipfile has verified their checksum."""
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("another version of the .npy format")
    shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(file)
    start = file.tell()
    # Rejects Python objects (pickles), and a shape that does not match the number of bytes.
    if dtype.hasobject or fortran_order or math.prod(shape) * dtype.itemsize != len(data) - start:
        raise ValueError("a header that does not match the data")
    array: Array = np.frombuffer(data, dtype, offset=start).reshape(shape).copy()
    return array
