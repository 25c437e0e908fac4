"""One coordinate of z is swept and the others are kept: what a coordinate does to an image.

    row of coordinate j      G(z) with z_j from -end to end, and all other coordinates of one draw
    effect of coordinate j   mean over draws of |G(z with z_j = end) - G(z with z_j = -end)|

end is sqrt 3 for the uniform prior, which has no larger |z_j|, and 2 for other priors, which exceed
it in 5 % of the draws if they are Gaussian. The rows are the coordinates with the largest effects.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.data.contrast import picture_values
from minigan.draws.noise import uniform
from minigan.reports.figures.figure3 import CUBE, STEPS, stacked
from minigan.training.pictures.sheets import sheet
from minigan.training.sampler import Sampler

ROWS, DRAWS = 10, 50  # coordinates in the picture, draws for each effect


@dataclass(frozen=True)
class Sweep:
    """The coordinates of the rows, counted from 0, with their effects.

    `mean` is the mean effect of all `z_size` coordinates, and `apart` the mean distance of two
    samples.
    """

    end: float
    coordinates: tuple[int, ...]
    effects: tuple[float, ...]
    z_size: int
    mean: float
    apart: float

    def to_json(self) -> dict[str, Any]:
        """All fields and the text as a JSON object."""
        return {**asdict(self), "sentences": str(self)}

    def __str__(self) -> str:
        """The numbers as sentences."""
        rows = ", ".join(map(str, self.coordinates))
        return (
            f"Each row sweeps one coordinate of z from {-self.end:.2f} to {self.end:.2f}: {rows}, "
            f"those of {self.z_size} with the largest effects. The two ends of a row are "
            f"{self.effects[0]:.2f} to {self.effects[-1]:.2f} apart, {self.mean:.2f} for all "
            f"coordinates on average, and two random samples {self.apart:.2f}."
        )


def draw(
    sampler: Sampler, shape: tuple[int, int, int], seed: int = 0, normalised: bool = False
) -> tuple[Array, Sweep]:
    """The picture (uint8, grey or RGB) for images of the shape (height, width, channels).

    `normalised`: the images have normalised contrast and are scaled together.
    """
    end = CUBE if sampler.prior is uniform else 2.0
    z = sampler.noise(DRAWS, seed)
    effects = np.array([effect(sampler, z, j, end) for j in range(sampler.z_size)])
    rows = np.argsort(-effects, kind="stable")[:ROWS]
    swept = z[:1].repeat(len(rows) * STEPS, axis=0)
    values = np.linspace(-end, end, STEPS, dtype=z.dtype)
    swept[np.arange(len(swept)), rows.repeat(STEPS)] = np.tile(values, len(rows))
    images, x = sampler.samples(swept), sampler.samples(z)
    picture = sheet(picture_values(images) if normalised else images, *shape, columns=STEPS)
    numbers = Sweep(
        end,
        tuple(rows.tolist()),
        tuple(effects[rows].tolist()),
        sampler.z_size,
        float(effects.mean()),
        float(np.linalg.norm(x[1:] - x[:-1], axis=1).mean()),
    )
    return stacked([picture]), numbers


def effect(sampler: Sampler, z: Array, j: int, end: float) -> float:
    """The effect of coordinate j, for the draws z (N, z_size)."""
    low, high = z.copy(), z.copy()
    low[:, j], high[:, j] = -end, end
    return float(np.linalg.norm(sampler.samples(high) - sampler.samples(low), axis=1).mean())
