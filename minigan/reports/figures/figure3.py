"""Figure 3: images on the way from one z to another, through the space of z.

    linear        z(t) = (1 - t) z0 + t z1                                        (the paper's)
    spherical     z(t) = sin((1 - t) w) / sin w  z0  +  sin(t w) / sin w  z1      w: their angle

Points of a prior with many coordinates lie near a sphere, |z|^2 = n on average with a spread of
0.89 sqrt n (uniform) or 1.41 sqrt n (Gaussian), and two of them are nearly at a right angle. So the
linear path passes through points of |z|^2 near n / 2, which p_z hardly ever draws and G has hardly
ever seen; the spherical path keeps |z| where the ends have the same. It is no cure for the uniform
prior: its points fill a cube, and the spherical path can leave (-sqrt 3, sqrt 3) in some
coordinates, the linear path never.

Section 5 of the paper, Figure 3. Spherical: Shoemake, Animating rotation with quaternion curves
(1985), section 3.2.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.draws.noise import uniform
from minigan.training.pictures.sheets import sheet
from minigan.training.sampler import Sampler

PAIRS, STEPS = 6, 11  # steps of t = 0, 0.1, ..., 1: the middle is among them
ENLARGED = 2  # times the size on a sample sheet
WHITE, GAP = 255, 6
SMALLEST_SINE = 1e-6
CUBE = math.sqrt(3)  # the uniform prior's coordinates lie between -CUBE and CUBE


def linear(z0: Array, z1: Array, t: Array) -> Array:
    """(1 - t) z0 + t z1 for each t (T,) and each pair of rows of z0, z1 (P, n): (P, T, n)."""
    t = t[:, None]
    z: Array = (1 - t) * z0[:, None] + t * z1[:, None]
    return z


def spherical(z0: Array, z1: Array, t: Array) -> Array:
    """The same along the great circle through z0 and z1, in float64: (P, T, n).

    |z(t)| = |z0| where |z0| = |z1|. Where they lie on one line with 0 (always so where n = 1)
    there is no one circle through them, and the path is linear.
    """
    z0, z1, t = (each.astype(np.float64) for each in (z0, z1, t))
    norms = np.linalg.norm(z0, axis=1) * np.linalg.norm(z1, axis=1)
    cosine = np.divide((z0 * z1).sum(axis=1), norms, out=np.ones_like(norms), where=norms > 0)
    w = np.arccos(np.clip(cosine, -1, 1))[:, None, None]
    sine, t = np.sin(w), t[:, None]
    round_ = sine > SMALLEST_SINE
    first, second = (
        np.divide(np.sin(part * w), sine, out=part + np.zeros_like(w), where=round_)
        for part in (1 - t, t)
    )
    z: Array = first * z0[:, None] + second * z1[:, None]
    return z


@dataclass(frozen=True)
class Paths:
    """How far the points of both paths are from those that p_z draws.

    `prior` is the mean |z| of the ends and of other draws, `least` the smallest of them;
    `linear` and `spherical` the mean |z| at t = 1/2; `outside` the share of the spherical paths'
    coordinates beyond the uniform prior's cube, None where the prior is another.
    """

    prior: float
    least: float
    linear: float
    spherical: float
    outside: float | None

    def to_json(self) -> dict[str, Any]:
        """Everything, for machines."""
        return {**asdict(self), "sentences": str(self)}

    def __str__(self) -> str:
        """Two sentences for people."""
        words = (
            f"Half-way |z| is {self.linear:.2f} on the linear path and {self.spherical:.2f} on the "
            f"spherical one; p_z draws {self.prior:.2f} on average, {self.least:.2f} at the least "
            f"of {DRAWN:,}."
        )
        if self.outside is None:
            return words
        return (
            f"{words} {100 * self.outside:.1f} % of the coordinates on the spherical paths lie "
            "outside (-sqrt 3, sqrt 3), where the uniform prior draws none."
        )


DRAWN = 1000  # draws of p_z that the paths are held against, the ends among them


def draw(sampler: Sampler, shape: tuple[int, int, int], seed: int = 0) -> tuple[Array, Paths]:
    """Figure 3 (uint8, grey or red-green-blue) for images of the shape (height, width, channels).

    Of each of 6 pairs, two rows: the linear path above, the spherical one below, t = 0, 0.1, ..., 1
    from left to right. The pairs are the first draws of the seed's noise as they come: draws 0 and
    1, 2 and 3, ...; the ends are samples of `minigan sample` with the same seed.
    Raises ValueError where G does not make images of that size.
    """
    if sampler.G.outputs != math.prod(shape):
        raise ValueError(f"G makes {sampler.G.outputs} numbers, not images of {math.prod(shape)}")
    noise = sampler.noise(DRAWN, seed)
    z0, z1 = noise[0 : 2 * PAIRS : 2], noise[1 : 2 * PAIRS : 2]
    t = np.linspace(0, 1, STEPS)
    paths = np.stack([linear(z0, z1, t), spherical(z0, z1, t)], axis=1)  # (P, 2, T, n)
    z = paths.reshape(-1, noise.shape[1]).astype(noise.dtype)
    images = sampler.samples(z).reshape(PAIRS, 2 * STEPS, -1)
    outside = None
    if sampler.prior is uniform:
        outside = float((np.abs(paths[:, 1]) > CUBE).mean())
    norms, halfway = np.linalg.norm(noise, axis=1), np.linalg.norm(paths[:, :, STEPS // 2], axis=2)
    told = Paths(
        float(norms.mean()),
        float(norms.min()),
        float(halfway[:, 0].mean()),
        float(halfway[:, 1].mean()),
        outside,
    )
    return stacked([sheet(pair, *shape, columns=STEPS) for pair in images]), told


def stacked(sheets: list[Array]) -> Array:
    """Sheets of one size below each other, a white line between two, enlarged."""
    line = np.full((GAP // ENLARGED, *sheets[0].shape[1:]), WHITE, dtype=np.uint8)
    parts = [part for sheet_ in sheets for part in (line, sheet_)][1:]
    picture: Array = np.concatenate(parts)
    return picture.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)
