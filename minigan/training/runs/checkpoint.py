"""A checkpoint is one .npz file of plain arrays. Writing is atomic; reading checks every field.

A damaged or malicious file cannot run code or use much memory. Pickle is disabled. Compressed
members are rejected, so the members together are not larger than the file (no zip bomb). The
shape of each array is compared with the number of bytes before the array is created.
"""

from __future__ import annotations

import io
import math
import os
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import DTypeLike

from minigan.arrays import Array
from minigan.errors import UserError
from minigan.system.files import replacing
from minigan.system.reading import open_regular

VERSION = 1
LARGEST = 10**15  # the last iteration of a checkpoint that is read


class DamagedCheckpointError(UserError):
    """A checkpoint is missing or damaged; another one of the run may still be good."""


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


def load(path: Path, required: Sequence[str] = ()) -> dict[str, Array]:
    """Read the named arrays of a checkpoint. Uses at most twice the size of the file in memory.

    The fields "iteration", "best", "monitor" and "updates" are checked if they are present. Raises
    DamagedCheckpointError if the file is missing, damaged, not a checkpoint, or without one of the
    `required` arrays, and UserError if it cannot be read or has a newer format.
    """
    try:
        arrays = _members(path)
    except FileNotFoundError:
        raise DamagedCheckpointError(f"there is no checkpoint {path}") from None
    except OSError as error:
        raise UserError(f"the checkpoint {path} cannot be read: {error.strerror}") from None
    except MemoryError:
        raise
    except Exception:  # for damaged bytes, zipfile and numpy raise many types of exceptions
        raise DamagedCheckpointError(
            f"the checkpoint {path} is damaged or not a checkpoint: use another one"
        ) from None
    version = arrays.pop("version", np.array(None)).tolist()
    if type(version) is not int or not version >= 1:
        raise DamagedCheckpointError(
            f"{path} is not a checkpoint of minigan: it has no valid version number"
        )
    if version > VERSION:
        raise UserError(
            f"the checkpoint {path} has format {version}, and this version of minigan reads "
            f"formats up to {VERSION}: install a newer version of minigan"
        )
    fault = _fault(arrays, required)
    if fault:
        raise DamagedCheckpointError(
            f"the checkpoint {path} is damaged: {fault}; use another checkpoint"
        )
    return arrays


def matching(
    arrays: Mapping[str, Array],
    name: str,
    shape: tuple[int, ...],
    dtypes: Sequence[DTypeLike],
    least: float = -math.inf,
) -> Array:
    """The array `name` of a checkpoint, of this shape and one of the dtypes, and finite.

    Raises UserError if the array is missing or of another shape or dtype, or if one of its numbers
    is not finite or is below `least`.
    """
    array = arrays.get(name)
    if array is None or array.shape != shape or array.dtype not in dtypes:
        raise UserError(
            "the checkpoint does not match the networks of this recipe: use the recipe that it was "
            "trained with"
        )
    if not np.isfinite(array).all() or (array < least).any():
        raise UserError(
            f'the checkpoint is damaged: its "{name}" contains invalid numbers; use another '
            "checkpoint"
        )
    return array


def _fault(arrays: Mapping[str, Array], required: Sequence[str]) -> str | None:
    """What is wrong with the arrays besides the sizes of the parameters, as part of a sentence."""
    for name, array in arrays.items():
        if array.dtype.kind not in "biuf":
            return f'its "{name}" does not hold real numbers'
    t = arrays.get("iteration", np.array(LARGEST))
    if t.shape != () or t.dtype.kind != "i" or not 0 <= t <= LARGEST:
        return f'its "iteration" is not a whole number from 0 to {LARGEST:g}'
    best = arrays.get("best", np.zeros(2))
    is_pair = best.shape == (2,) and best.dtype.kind == "f"
    if not is_pair or not best[0] > -np.inf or not 0 <= best[1] <= t or best[1] % 1:
        return 'its "best" is not a value with an iteration up to that of the checkpoint'
    monitor = arrays.get("monitor", np.array(0))
    if monitor.shape != () or monitor.dtype.kind != "i":
        return 'its "monitor" is not a whole number'
    missing = [name for name in required if name not in arrays]
    if missing:
        return f'its "{missing[0]}" is missing'
    updates = arrays.get("updates")
    if updates is None or "iteration" not in arrays or _has_made(int(t), updates, arrays):
        return None
    return f'its "iteration", {t}, does not match its numbers of "updates"'


def _has_made(t: int, updates: Array, arrays: Mapping[str, Array]) -> bool:
    """Whether a run can have these numbers of updates after t iterations.

    Of a GAN, each player makes the same number of updates, one or more, in every iteration;
    custom optimizers that do not count them have 0. Of another model, one layer makes one update
    per iteration.
    """
    if updates.dtype.kind != "i":
        return False
    counts = [int(count) for count in updates.ravel()]
    if "theta_g" not in arrays:
        return sum(counts) == t
    return not any(counts) or all(count >= t and math.gcd(count, t) == t for count in counts)


def _members(path: Path) -> dict[str, Array]:
    with open_regular(path) as whole, zipfile.ZipFile(whole) as file:
        members = file.infolist()
        if any(member.compress_type != zipfile.ZIP_STORED for member in members):
            raise ValueError("a compressed member")
        if sum(member.file_size for member in members) > os.fstat(whole.fileno()).st_size:
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
