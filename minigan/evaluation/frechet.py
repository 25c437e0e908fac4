"""The Frechet distance between two sets of numbers, each described by its mean and covariance.

    F^2 = |m1 - m2|^2 + tr(C1 + C2 - 2 (C1^1/2 C2 C1^1/2)^1/2)

F is the Wasserstein-2 distance of two Gaussians with these means and covariances. Images are
averaged to 8 x 8 pixels before, so a colour image has 192 numbers. The distance of two finite sets
from one distribution is not 0: compare it with that of two sets of data of the same size.
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array

SIDE = 8


def frechet_distance(x1: Array, x2: Array) -> float:
    """F for x1 (N1, d) and x2 (N2, d), in float64. Raises ValueError below two rows."""
    if min(len(x1), len(x2)) < 2:
        raise ValueError("a covariance needs at least two examples")
    x1, x2 = x1.astype(np.float64), x2.astype(np.float64)
    C1, C2 = (np.atleast_2d(np.cov(x, rowvar=False)) for x in (x1, x2))
    values, vectors = np.linalg.eigh(C1)
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(root @ C2 @ root), 0)).sum()
    shift = np.square(x1.mean(axis=0) - x2.mean(axis=0)).sum()
    squared = shift + np.trace(C1) + np.trace(C2) - 2 * cross
    return float(np.sqrt(max(squared, 0)))


def averaged(x: Array, shape: tuple[int, int, int]) -> Array:
    """Images (N, n) of a shape as means over blocks of equal size: at most 8 x 8 per channel.

    Rows and columns that do not fill a block, at the bottom and on the right, are left out.
    """
    height, width, channels = shape
    down, right = max(1, height // SIDE), max(1, width // SIDE)
    rows, columns = min(SIDE, height), min(SIDE, width)
    images = x.reshape(-1, height, width, channels)[:, : rows * down, : columns * right]
    blocks = images.reshape(-1, down, columns, right, channels)
    means: Array = blocks.mean(axis=(1, 3), dtype=np.float64)
    return means.reshape(len(x), -1)
