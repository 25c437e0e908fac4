"""Samples of anybody's model, from a file or a folder, as rows of pixels.

    x.npy            an array (N, d), (N, height, width) or (N, height, width, channels)
    x.npz            the same, as the file's only array or under the name `samples`
    a folder         pictures of the size of the data set's

Bytes (uint8) are divided by 255; other numbers are taken as they are. No pickle is ever loaded.
"""

from __future__ import annotations

import math
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from minigan.arrays import Array
from minigan.data import image_folder
from minigan.errors import UserError
from minigan.evaluation.parzen import SampleRows


@dataclass(frozen=True)
class Bytes:
    """Rows of bytes as pixels in [0, 1]; each slice is divided by 255 when it is asked for."""

    raw: Array

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, d)."""
        return self.raw.shape

    def __len__(self) -> int:
        return len(self.raw)

    def __getitem__(self, rows: slice) -> Array:
        pixels: Array = self.raw[rows] * np.float32(1 / 255)
        return pixels


def read(path: Path, shape: tuple[int, int, int]) -> SampleRows:
    """The samples (N, d), d = height * width * channels of `shape`; a .npy file stays on the disk.

    Raises UserError where there is no such file, or what it holds are no samples of that shape.
    """
    if path.is_dir():
        return Bytes(np.concatenate([part.pixels for part in image_folder.load(path, *shape)]))
    if path.suffix.lower() not in (".npy", ".npz"):
        raise UserError(f"{path} must be a .npy or .npz file, or a folder of pictures")
    if path.exists() and not path.is_file():  # a pipe would be waited for
        raise UserError(f"{path} must be a file, or a folder of pictures")
    try:
        with np.errstate(over="ignore"):  # a header can claim any shape
            samples = _npz(path) if path.suffix.lower() == ".npz" else _npy(path)
        if not isinstance(samples, np.ndarray):
            raise ValueError("it holds no array under that name")
    except (UserError, MemoryError):
        raise
    except Exception as error:  # damaged bytes raise a dozen kinds
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise UserError(f"cannot read the samples in {path}: {reason}") from None
    return _rows(path, samples, shape)


def _npy(path: Path) -> Array:
    array: Array = np.lib.format.open_memmap(path, mode="r")  # which refuses Python objects
    return array


def _npz(path: Path) -> Array:
    if not zipfile.is_zipfile(path):
        raise UserError(f"cannot read the samples in {path}: it is no .npz file")
    with np.load(path, allow_pickle=False) as arrays:
        names = list(arrays)
        if "samples" not in names and len(names) != 1:
            raise UserError(
                f"{path} holds {', '.join(names) or 'nothing'}: it needs one array, or `samples`"
            )
        array: Array = arrays["samples" if "samples" in names else names[0]]
        return array


def _rows(path: Path, samples: Array, shape: tuple[int, int, int]) -> SampleRows:
    d = math.prod(shape)
    if samples.dtype.kind not in "fiub":
        raise UserError(f"the samples in {path} are {samples.dtype}: they must be numbers")
    if samples.ndim < 2 or math.prod(samples.shape[1:]) != d or not len(samples):
        raise UserError(
            f"{path} holds an array {samples.shape}, but samples must be (N, {d}) or "
            f"(N, {', '.join(map(str, shape))}), N at least 1"
        )
    rows = samples.reshape(len(samples), d)
    return Bytes(rows) if rows.dtype == np.uint8 else rows
