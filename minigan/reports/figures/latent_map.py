"""The map from z to the modes of the data, for a G of points in the plane.

    left      each pixel is a z in the plane of its first two coordinates; the others are 0. Its
              colour is that of the mode nearest to G(z), dark where |G(z) - mean| > 3 s
    right     1,000 samples in the plane of the data, in the colours of their nearest modes

G is continuous, so two regions of the map that touch are joined by samples between two modes: the
dark lines. The smaller the probability of these z, the better G fits data with separate modes.
"""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.data.toys import Mixture
from minigan.draws.noise import uniform
from minigan.errors import UserError
from minigan.evaluation.modes import REACH, ModeCoverage, mode_coverage
from minigan.reports.figures.figure3 import CUBE
from minigan.training.pictures.scatter import bounds_of
from minigan.training.sampler import Sampler

SIDE, GAP, GREY = 256, 4, 64  # pixels, pixels, grey level
WIDEST = 3.0  # of a coordinate of z in the picture, for a prior that is not uniform
DIM = 0.3  # brightness between the modes
SAMPLES, DRAWS, DOT = 1000, 10_000, 3  # in the picture, for the numbers, pixels


@dataclass(frozen=True)
class LatentMap:
    """The coverage of the modes by draws of p_z. The shares of z are in `coverage.shares`."""

    coverage: ModeCoverage
    z_size: int

    def to_json(self) -> dict[str, Any]:
        """The numbers and the text as a JSON object."""
        return {
            "found": self.coverage.found,
            "of": self.coverage.modes,
            "outside": 1 - self.coverage.near,
            "shares": list(self.coverage.shares),
            "z_size": self.z_size,
            "sentences": str(self),
        }

    def __str__(self) -> str:
        """The numbers as sentences."""
        kept = "" if self.z_size == 2 else f"; the other {self.z_size - 2} are 0"
        shares = self.coverage.shares
        return (
            f"The map shows the first two coordinates of z{kept}. G maps "
            f"{100 * min(shares):.1f} to {100 * max(shares):.1f} % of {DRAWS:,} draws of z to each "
            f"mode ({self.coverage.found} of {self.coverage.modes} found), and "
            f"{100 * (1 - self.coverage.near):.1f} % farther than {REACH} standard deviations from "
            f"all modes ({100 * (1 - self.coverage.near_of_data):.1f} % of the data)."
        )


def draw(sampler: Sampler, mixture: Mixture, seed: int = 0) -> tuple[Array, LatentMap]:
    """The picture (uint8, red-green-blue). Raises UserError if z has one coordinate."""
    if sampler.z_size < 2:
        raise UserError("this G has a z with one coordinate, and the map needs two")
    end = CUBE if sampler.prior is uniform else WIDEST
    line = (2 * np.arange(SIDE) + 1 - SIDE) / SIDE * end  # the centres of the pixels
    z = np.zeros((SIDE * SIDE, sampler.z_size), dtype=np.float32)
    z[:, 0], z[:, 1] = np.tile(line, SIDE), np.repeat(-line, SIDE)
    x = sampler.samples(sampler.noise(DRAWS, seed))
    picture = np.full((SIDE + 2 * GAP, 2 * SIDE + 3 * GAP, 3), GREY, dtype=np.uint8)
    left, right = picture[GAP:-GAP, GAP : GAP + SIDE], picture[GAP:-GAP, -GAP - SIDE : -GAP]
    left[...] = colours(sampler.samples(z), mixture).reshape(SIDE, SIDE, 3)
    right[...] = 0
    dots(right, x[:SAMPLES], mixture)
    return picture, LatentMap(mode_coverage(x, mixture), sampler.z_size)


def colours(x: Array, mixture: Mixture) -> Array:
    """A colour for each point x (N, 2), uint8 (N, 3): that of its nearest mode."""
    distance = np.linalg.norm(x.astype(np.float64)[:, None] - mixture.means, axis=-1)
    modes = len(mixture.means)
    wheel = np.array([colorsys.hsv_to_rgb(j / modes, 0.75, 1) for j in range(modes)])
    bright = np.where(distance.min(axis=1) <= REACH * mixture.s, 1, DIM)
    picked: Array = np.rint(255 * wheel[distance.argmin(axis=1)] * bright[:, None])
    return picked.astype(np.uint8)


def dots(picture: Array, x: Array, mixture: Mixture) -> None:
    """Draw a square for each point x (N, 2) that is inside of the area around the modes."""
    left, right, bottom, top = bounds_of(mixture.means)
    side = len(picture)
    column = (x[:, 0].astype(np.float64) - left) / (right - left) * side
    row = (top - x[:, 1].astype(np.float64)) / (top - bottom) * side
    for i, j, colour in zip(row, column, colours(x, mixture), strict=True):
        if 0 <= i < side and 0 <= j < side:
            a, b = max(0, int(i) - DOT // 2), max(0, int(j) - DOT // 2)
            picture[a : a + DOT, b : b + DOT] = colour
