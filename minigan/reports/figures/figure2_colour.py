"""Figures 2c and 2d: samples of colour images, as the authors' programs draw them.

    s_i = G(z_i), z_i ~ p_z                  the first 20 draws of the seed, in 4 rows of 5
    r_k = argmin_r |s_5k - r|                the training image nearest to the last sample of a row
    shown: (1 + y / s) / 2                   s = max |s_i| over the 20 samples; 0 is grey

Distances are Euclidean between normalised images. A neighbour with a number beyond s is clipped.
The two figures differ in the networks only: 2c is fully connected, 2d convolutional.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.data.contrast import NormalisedImages, picture_values
from minigan.evaluation.nearest import nearest
from minigan.reports.figures.figure2 import side_by_side
from minigan.training.sampler import Sampler

ROWS, COLUMNS = 4, 5


@dataclass(frozen=True)
class Neighbours:
    """The training images in the last column: their indices and distances, and the scale s."""

    indices: tuple[int, ...]
    distances: tuple[float, ...]
    largest: float

    def to_json(self) -> dict[str, Any]:
        """All fields and the text as a JSON object."""
        return {**asdict(self), "sentences": str(self)}

    def __str__(self) -> str:
        """The neighbours in one sentence."""
        pairs = zip(self.indices, self.distances, strict=True)
        return (
            "The nearest training images of the last sample of each row, with their distances: "
            f"{', '.join(f'{i} ({d:.1f})' for i, d in pairs)}."
        )


def draw(sampler: Sampler, train: NormalisedImages, seed: int = 0) -> tuple[Array, Neighbours]:
    """Returns the figure (uint8 RGB) and the neighbours.

    Raises ValueError if the outputs of G are not images of the size of `train`.
    """
    n = train.pixels.shape[1]
    if sampler.n != n:
        raise ValueError(f"G has {sampler.n} outputs, but the images have {n} numbers")
    samples = sampler.samples(sampler.noise(ROWS * COLUMNS, seed))
    x = train.all()
    distance, index = nearest(samples[COLUMNS - 1 :: COLUMNS], x)
    largest = float(np.abs(samples).max())
    picture = side_by_side(
        picture_values(samples, largest), picture_values(x[index], largest), train.shape
    )
    found = Neighbours(tuple(map(int, index)), tuple(map(float, distance)), largest)
    return picture, found
