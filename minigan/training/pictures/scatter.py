"""A scatter plot of points in the plane: the data as a blue cloud, the samples as orange dots.

    ink(p) = sum_i exp(-|pixel of x_i - p|^2 / 2 w^2)             at each pixel p; w: a width
    colour = (1 - a) b blue + a orange                            on black
    b = sqrt(ink / largest ink) of the references                 the root makes rare points visible
    a = 1 - e^(-c ink) of the samples, c = 1.5 min(1, 1000 / N)   each dot is fainter for large N

Each point is moved to the centre of its pixel, so the sum is two matrix products: ink = K C K^T,
where C counts the points per pixel and K_pq = exp(-(p - q)^2 / 2 w^2).
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np

from minigan.arrays import Array

BLUE = np.array([84, 122, 196], dtype=np.float32)
ORANGE = np.array([255, 150, 30], dtype=np.float32)
CLOUD, DOT = 1 / 128, 1 / 340  # w of a reference and of a sample, relative to the side
STRENGTH, UNDIMMED = 1.5, 1000
MARGIN = 0.15

Bounds: TypeAlias = tuple[float, float, float, float]


def bounds_of(references: Array) -> Bounds:
    """(left, right, bottom, top) of the smallest square around the references (R, 2), plus 15 %.

    The margin is 15 % of the side of the square, on each side.
    """
    low, high = references.min(axis=0), references.max(axis=0)
    (x, y), half = (low + high) / 2, (0.5 + MARGIN) * float((high - low).max())
    half = half or 1.0  # all points are equal
    return float(x - half), float(x + half), float(y - half), float(y + half)


def scatter(
    samples: Array, references: Array, side: int = 256, extent: Bounds | None = None
) -> Array:
    """A plot of samples (N, 2) over references (R, 2): uint8 (side, side, 3), red-green-blue.

    The first coordinate points to the right, the second upwards. `extent` (left, right, bottom,
    top) is the visible area; by default that of the references, so that all frames of an animation
    have the same axes. Points outside, and points that are not finite, are not drawn. Raises
    ValueError if the points do not have two coordinates.
    """
    for points in (samples, references):
        if points.ndim != 2 or points.shape[1] != 2:
            raise ValueError(f"points must have the shape (N, 2), not {points.shape}")
    extent = extent or bounds_of(references)
    b = _ink(references, extent, side, CLOUD * side)
    b = np.sqrt(b / max(b.max(), 1e-30))
    c = STRENGTH * min(1.0, UNDIMMED / max(len(samples), 1))
    a = -np.expm1(-c * _ink(samples, extent, side, DOT * side))
    colour = ((1 - a) * b)[:, :, None] * BLUE + a[:, :, None] * ORANGE
    picture: Array = np.rint(colour).astype(np.uint8)
    return picture


def _ink(points: Array, extent: Bounds, side: int, w: float) -> Array:
    """K C K^T (side, side): the ink on each pixel, with row 0 at the top."""
    left, right, bottom, top = extent
    with np.errstate(invalid="ignore", over="ignore"):
        across = (points[:, 0].astype(np.float64) - left) / (right - left) * side
        down = (top - points[:, 1].astype(np.float64)) / (top - bottom) * side
        inside = (across >= 0) & (across < side) & (down >= 0) & (down < side)
    row, column = down[inside].astype(np.int64), across[inside].astype(np.int64)
    C = np.bincount(row * side + column, minlength=side * side).reshape(side, side)
    pixels = np.arange(side, dtype=np.float32)
    K = np.exp(-np.square(pixels[:, None] - pixels) / np.float32(2 * w * w))
    ink: Array = K @ C.astype(np.float32) @ K.T
    return ink
