"""The data sets that a recipe can select, each with a training, validation and test split.

digits                  built in
mnist, fashion-mnist    searched for on this machine; `minigan data fetch` downloads them
cifar-10                the same; its test images may be absent
faces                   synthetic faces with seven expressions, drawn from a formula
tfd                     the Toronto Face Database, or synthetic faces in its format
folder                  a folder with the user's images
ring, grid              points from densities with a known formula
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from minigan.data import cifar10, digits, faces, image_folder, mnist, points, tfd
from minigan.data.catalogue import CATALOGUE
from minigan.data.contrast import NormalisedImages
from minigan.data.images import Images
from minigan.draws.minibatches import Examples
from minigan.errors import UserError

SETS = ("digits", "faces", *CATALOGUE, "tfd", "folder", *points.SHAPES)


@dataclass(frozen=True)
class DataSet:
    """One data set with three splits; training uses neither `validation` nor `test`.

    `validation` is for choosing, for example, a recipe or a checkpoint. Each split implements
    `Examples`: Images, Points, or a user-defined class. `notes` say which files of a folder are not
    used, and how its pictures were converted.
    """

    name: str
    train: Examples
    validation: Examples
    test: Examples
    notes: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[int, ...]:
        """(height, width, channels) of an image, (d,) of a point."""
        return self.train.shape

    @property
    def held_out(self) -> Examples:
        """Examples that training does not use: the test split, or the validation split if the test
        split is empty."""
        return self.test if len(self.test) else self.validation

    def require_test(self) -> Examples:
        """The test split. Raises UserError if it is empty."""
        if not len(self.test):
            raise UserError(
                f"the test images of {self.name} are needed here, but their file is not in the "
                "folder: put test_batch.bin beside the training files, or fetch the whole data set"
            )
        return self.test

    @cached_property
    def digest(self) -> str:
        """A hash of the training examples, 32 hexadecimal digits: BLAKE2b of their stored bytes."""
        numbers = np.ascontiguousarray(self.train.numbers)
        return hashlib.blake2b(numbers.data, digest_size=16).hexdigest()

    @cached_property
    def digest_of_splits(self) -> str:
        """A hash of the examples and labels of all splits, 32 hexadecimal digits.

        `digest` is that of the training examples only; it is a part of every checkpoint.
        """
        whole = hashlib.blake2b(digest_size=16)
        for split in (self.train, self.validation, self.test):
            for array in (split.numbers, getattr(split, "labels", np.empty(0))):
                whole.update(f"{array.shape} {array.dtype.str} ".encode())
                whole.update(np.ascontiguousarray(array).data)
        return whole.hexdigest()


def load(
    name: str,
    data_dir: Path | None = None,
    height: int = 0,
    width: int = 0,
    channels: int = 0,
    contrast: float = 0.0,
) -> DataSet:
    """Load the data set of a name in SETS.

    height, width and channels are used for "folder" only. A positive `contrast` normalises each
    image to this norm (`minigan.data.contrast`). Raises UserError if the data set cannot be loaded,
    or if `data_dir` is given for a data set that does not use it.
    """
    data = _loaded(name, data_dir, height, width, channels)
    if not contrast or not isinstance(data.train, Images):
        return data

    def normalised(split: Examples) -> Examples:
        return NormalisedImages(**vars(split), contrast=contrast)

    train, validation, test = map(normalised, (data.train, data.validation, data.test))
    return replace(data, train=train, validation=validation, test=test)


def _loaded(name: str, data_dir: Path | None, height: int, width: int, channels: int) -> DataSet:
    """The data set of a name, with pixels as they are stored."""
    if data_dir is not None and name not in (*CATALOGUE, "tfd", "folder"):
        raise UserError(
            f"data.set = {name!r} is built in and does not use --data-dir: omit the option, or add "
            "--set data.set=folder for your own pictures"
        )
    if name == "digits":
        train, validation, test = (digits.load(split) for split in digits.SPLITS)
        return DataSet(name, train, validation, test)
    if name == "faces":
        return DataSet(name, *faces.load())
    if name == "tfd":
        return DataSet(name, *tfd.load(data_dir))
    if name in points.SHAPES:
        return DataSet(name, *points.load(name))
    if name == "cifar-10":
        return DataSet(name, *cifar10.load(CATALOGUE[name], data_dir))
    if name in CATALOGUE:
        return DataSet(name, *mnist.load(CATALOGUE[name], data_dir))
    if data_dir is None:
        raise UserError("data.set = 'folder' needs --data-dir DIR, the folder of your pictures")
    notes: list[str] = []
    splits = image_folder.load(data_dir, height, width, channels, note=notes.append)
    return DataSet(name, *splits, tuple(notes))
