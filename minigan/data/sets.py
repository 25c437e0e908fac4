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
from minigan.data.images import Images
from minigan.data.points import Points
from minigan.errors import UserError

SETS = ("digits", *CATALOGUE, "folder", *points.SHAPES)


@dataclass(frozen=True)
class DataSet:
    """One data set: training never sees `validation` (for choices) nor `test`."""

    name: str
    train: Images | Points
    validation: Images | Points
    test: Images | Points

    @property
    def shape(self) -> tuple[int, ...]:
        """(height, width, channels) of an image, (d,) of a point."""
        first = self.train
        if isinstance(first, Images):
            return (first.height, first.width, first.channels)
        return tuple(first.x.shape[1:])

    @cached_property
    def digest(self) -> str:
        """32 hexadecimal digits that tell these training examples from all others."""
        numbers = self.train.pixels if isinstance(self.train, Images) else self.train.x
        return hashlib.blake2b(np.ascontiguousarray(numbers).data, digest_size=16).hexdigest()


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
