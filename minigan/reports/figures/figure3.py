"""Figure 3: images along paths between two points in the space of z.

    linear        z(t) = (1 - t) z0 + t z1                                        (as in the paper)
    spherical     z(t) = sin((1 - t) w) / sin w  z0  +  sin(t w) / sin w  z1      w: their angle

In n dimensions |z|^2 has the mean n. Its standard deviation is 0.89 sqrt n for the uniform prior
and 1.41 sqrt n for the Gaussian prior. For large n, almost all draws of p_z therefore have a
similar norm, and two draws are nearly orthogonal. In the middle of the linear path, |z|^2 is about
n / 2. Such points are very rare under p_z, so G was hardly trained on them. The spherical path
keeps |z| constant if both ends have the same norm.

With the uniform prior the spherical path has another problem: it can leave the cube
(-sqrt 3, sqrt 3)^n, which contains all draws. The linear path never leaves it.

Section 5 of the paper, Figure 3. Spherical: Shoemake, Animating rotation with quaternion curves
(1985), section 3.2.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.data.contrast import picture_values
from minigan.data.one_hot import one_hot
from minigan.draws.noise import uniform
from minigan.training.pictures.sheets import sheet
from minigan.training.sampler import Sampler

PAIRS, STEPS = 6, 11  # t = 0, 0.1, ..., 1 includes the middle
ENLARGED = 2  # scale factor, relative to a sample sheet
WHITE, GAP = 255, 6
SMALLEST_SINE = 1e-6
CUBE = math.sqrt(3)  # the coordinates of the uniform prior are between -CUBE and CUBE
DRAWN = 1000  # draws of p_z that the paths are compared with, including the ends


def linear(z0: Array, z1: Array, t: Array) -> Array:
    """Linear paths (P, T, n) between the rows of z0 and z1 (P, n), at each t (T,)."""
    t = t[:, None]
    z: Array = (1 - t) * z0[:, None] + t * z1[:, None]
    return z


def spherical(z0: Array, z1: Array, t: Array) -> Array:
    """Spherical paths (P, T, n) between the rows of z0 and z1 (P, n), at each t (T,), in float64.

    If |z0| = |z1|, then |z(t)| = |z0|. If z0 and z1 are parallel or one of them is 0 (always for
    n = 1), the great circle is not unique, and the path is linear.
    """
    z0, z1, t = (each.astype(np.float64) for each in (z0, z1, t))
    norms = np.linalg.norm(z0, axis=1) * np.linalg.norm(z1, axis=1)
    cosine = np.divide((z0 * z1).sum(axis=1), norms, out=np.ones_like(norms), where=norms > 0)
    w = np.arccos(np.clip(cosine, -1, 1))[:, None, None]
    sine, t = np.sin(w), t[:, None]
    not_parallel = sine > SMALLEST_SINE
    first, second = (
        np.divide(np.sin(part * w), sine, out=part + np.zeros_like(w), where=not_parallel)
        for part in (1 - t, t)
    )
    z: Array = first * z0[:, None] + second * z1[:, None]
    return z


@dataclass(frozen=True)
class Paths:
    """Norms of the points on both kinds of path, compared with draws of p_z.

    `prior` and `least` are the mean and the smallest |z| of DRAWN draws of p_z. `linear` and
    `spherical` are the mean |z| at t = 1/2. `outside` is the share of the coordinates on the
    spherical paths that are outside the cube of the uniform prior, or None for another prior.
    """

    prior: float
    least: float
    linear: float
    spherical: float
    outside: float | None

    def to_json(self) -> dict[str, Any]:
        """All fields and the text as a JSON object."""
        return {**asdict(self), "sentences": str(self)}

    def __str__(self) -> str:
        """The numbers as one or two sentences."""
        norms = (
            f"At t = 1/2 the mean |z| is {self.linear:.2f} on the linear paths and "
            f"{self.spherical:.2f} on the spherical paths. {DRAWN:,} draws of p_z have a mean |z| "
            f"of {self.prior:.2f} and a smallest |z| of {self.least:.2f}."
        )
        if self.outside is None:
            return norms
        return (
            f"{norms} {100 * self.outside:.1f} % of the coordinates on the spherical paths are "
            "outside (-sqrt 3, sqrt 3), the range of the uniform prior."
        )


def draw(
    sampler: Sampler, shape: tuple[int, int, int], seed: int = 0, normalised: bool = False
) -> tuple[Array, Paths]:
    """Returns Figure 3 (uint8, grey or RGB) for images of the shape (height, width, channels).

    Each of the 6 pairs has two rows: the linear path above the spherical path, with t = 0, 0.1,
    ..., 1 from left to right. The pairs are consecutive draws of the seed (0 and 1, 2 and 3, ...),
    without selection. The images at the ends are those of `minigan sample` with the same seed. In a
    conditional run, the first pair has class 0, the second class 1, and so on, and only z changes
    along a path. `normalised`: the images have normalised contrast and are scaled together. Raises
    ValueError if the outputs of G are not images of that shape.
    """
    n = math.prod(shape)
    if sampler.n != n:
        raise ValueError(f"G has {sampler.n} outputs, but the images have {n} numbers")
    noise = sampler.noise(DRAWN, seed)
    noise = noise[:, : sampler.z_size - sampler.classes - sampler.zeros]
    z0, z1 = noise[0 : 2 * PAIRS : 2], noise[1 : 2 * PAIRS : 2]
    t = np.linspace(0, 1, STEPS)
    paths = np.stack([linear(z0, z1, t), spherical(z0, z1, t)], axis=1)  # (P, 2, T, n)
    z = paths.reshape(-1, noise.shape[1]).astype(noise.dtype)
    if sampler.classes:
        c = one_hot(np.arange(PAIRS) % sampler.classes, sampler.classes)
        z = np.hstack([z, np.repeat(c, 2 * STEPS, axis=0)])
    z = np.pad(z, ((0, 0), (0, sampler.zeros)))
    images = sampler.samples(z).reshape(PAIRS, 2 * STEPS, -1)
    images = picture_values(images) if normalised else images
    outside = None
    if sampler.prior is uniform:
        outside = float((np.abs(paths[:, 1]) > CUBE).mean())
    norms, halfway = np.linalg.norm(noise, axis=1), np.linalg.norm(paths[:, :, STEPS // 2], axis=2)
    statistics = Paths(
        float(norms.mean()),
        float(norms.min()),
        float(halfway[:, 0].mean()),
        float(halfway[:, 1].mean()),
        outside,
    )
    return stacked([sheet(pair, *shape, columns=STEPS) for pair in images]), statistics


def stacked(sheets: list[Array]) -> Array:
    """Sheets of equal size stacked vertically with white lines between them, enlarged."""
    line = np.full((GAP // ENLARGED, *sheets[0].shape[1:]), WHITE, dtype=np.uint8)
    parts = [part for sheet_ in sheets for part in (line, sheet_)][1:]
    picture: Array = np.concatenate(parts)
    return picture.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
