"""The data sets that a recipe can name, each in three parts: training, validation, test.

digits                  comes with minigan
mnist, fashion-mnist    looked for on this machine; `minigan data fetch` downloads them
folder                  the user's own pictures
ring, grid              points from densities that are known exactly
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from minigan.data import digits, image_folder, mnist, points
from minigan.data.catalogue import CATALOGUE
from minigan.draws.minibatches import Examples
from minigan.errors import UserError

SETS = ("digits", *CATALOGUE, "folder", *points.SHAPES)


@dataclass(frozen=True)
class DataSet:
    """One data set: training never sees `validation` (for choices) nor `test`.

    The three parts are `Examples`: Images, Points, or a class of your own.
    """

    name: str
    train: Examples
    validation: Examples
    test: Examples

    @property
    def shape(self) -> tuple[int, ...]:
        """(height, width, channels) of an image, (d,) of a point."""
        return self.train.shape

    @cached_property
    def digest(self) -> str:
        """32 hexadecimal digits that tell these training examples from all others."""
        numbers = np.ascontiguousarray(self.train.numbers)
        return hashlib.blake2b(numbers.data, digest_size=16).hexdigest()


def load(
    name: str, data_dir: Path | None = None, height: int = 0, width: int = 0, channels: int = 0
) -> DataSet:
    """The data set of a name in SETS; the sizes are for "folder". Raises UserError."""
    if data_dir is not None and name not in (*CATALOGUE, "folder"):
        raise UserError(
            f"data.set = {name!r} comes with minigan and takes nothing from --data-dir: leave it "
            "out, or for your own pictures add --set data.set=folder"
        )
    if name == "digits":
        return DataSet(name, *(digits.load(split) for split in digits.SPLITS))
    if name in points.SHAPES:
        return DataSet(name, *points.load(name))
    if name in CATALOGUE:
        return DataSet(name, *mnist.load(CATALOGUE[name], data_dir))
    if data_dir is None:
        raise UserError("data.set = 'folder' needs --data-dir DIR, the folder of your pictures")
    return DataSet(name, *image_folder.load(data_dir, height, width, channels))
