"""A checkpoint is one .npz file of plain arrays, whole or not there, and read with distrust.

It is read without pickle, and nothing in it is believed before it is checked: members are not
compressed, so together they are no larger than the file (no zip bomb), and a shape is held
against the bytes that are there before an array is made of them.
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
    """Write named arrays and the format's version to `path`; equal arrays give equal bytes.

    Raises OSError where it cannot, and ValueError for an array of Python objects.
    """
    with replacing(path) as whole:
        file = zipfile.ZipFile(whole, "w")
        try:
            for name, array in {"version": np.array(VERSION), **arrays}.items():
                with file.open(zipfile.ZipInfo(f"{name}.npy"), "w", force_zip64=True) as member:
                    np.lib.format.write_array(member, array, allow_pickle=False)
            file.close()
        except BaseException:
            file.fp = None  # or its end would be tried once more, and complained of, when it goes
            raise


def load(path: Path) -> dict[str, Array]:
    """The named arrays of a checkpoint, in at most twice the memory that the file takes.

    Raises UserError where it is missing, damaged, of a newer minigan, or something else.
    """
    try:
        arrays = _members(path)
    except FileNotFoundError:
        raise UserError(f"there is no checkpoint {path}") from None
    except OSError as error:
        raise UserError(f"the checkpoint {path} cannot be read: {error.strerror}") from None
    except Exception:  # of damaged bytes, zipfile and the .npy format raise a dozen kinds
        raise UserError(f"the checkpoint {path} is damaged, or not a checkpoint") from None
    version = arrays.pop("version", np.array(None)).tolist()
    if type(version) is not int or not version >= 1:
        raise UserError(f"{path} is not a checkpoint of minigan: it states no version")
    if version > VERSION:
        raise UserError(
            f"the checkpoint {path} has the format {version} of a newer minigan, and this one "
            f"reads formats up to {VERSION}: install the newer minigan"
        )
    return arrays


def _members(path: Path) -> dict[str, Array]:
    if not path.is_file() and path.exists() and not path.is_dir():
        raise ValueError("a pipe or a device, which could be read for ever")
    with zipfile.ZipFile(path) as file:
        members = file.infolist()
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ValueError("a compressed member, which minigan never writes")
        if sum(member.file_size for member in members) > path.stat().st_size:
            raise ValueError("members that overlap")
        return {
            member.filename.removesuffix(".npy"): _array(file.read(member)) for member in members
        }


def _array(data: bytes) -> Array:
    """The array in the bytes of an .npy file, which zipfile has held against their checksum."""
    file = io.BytesIO(data)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError("another version of the .npy format")
    shape, fortran_order, dtype = np.lib.format.read_array_header_1_0(file)
    start = file.tell()
    # Refused here: objects (pickles), and a shape that states more or fewer bytes than there are.
    if dtype.hasobject or fortran_order or math.prod(shape) * dtype.itemsize != len(data) - start:
        raise ValueError("a header that does not fit the data")
    array: Array = np.frombuffer(data, dtype, offset=start).reshape(shape).copy()
    return array
