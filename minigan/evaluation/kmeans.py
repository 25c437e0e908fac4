"""K-means clustering by Lloyd's algorithm.

    repeat    c(j) = argmin_i |x_j - s_i|        s_i = mean of the x_j with c(j) = i

The centres s_i are used as a baseline for the Parzen-window estimate. They are averages of images
and not images, but they score higher than the same number of real images, because averaging
removes the variation of the single images.
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array
from minigan.evaluation.parzen import squared_distances

ROWS = 5_000


def kmeans(x: Array, k: int, rng: np.random.Generator, iterations: int = 30) -> Array:
    """Returns k centres (k, d) float32 of x (N, d) float32.

    The initial centres are k different rows of x, chosen by rng. The iteration ends early when no
    example changes its centre. A centre without examples is not moved. Raises ValueError if k > N.
    """
    if k > len(x):
        raise ValueError(f"k = {k} centres need at least {k} examples, not {len(x)}")
    centres = x[rng.permutation(len(x))[:k]].astype(np.float32)
    nearest = np.full(len(x), -1)
    for _ in range(iterations):
        previous, sums = nearest.copy(), np.zeros((k, x.shape[1]))
        for start in range(0, len(x), ROWS):
            rows = slice(start, start + ROWS)
            nearest[rows] = squared_distances(x[rows], centres).argmin(axis=1)
            order = np.argsort(nearest[rows], kind="stable")
            used, first = np.unique(nearest[rows][order], return_index=True)
            sums[used] += np.add.reduceat(x[rows][order], first, axis=0, dtype=np.float64)
        if (nearest == previous).all():
            break
        counts = np.bincount(nearest, minlength=k)
        centres[counts > 0] = sums[counts > 0] / counts[counts > 0, None]
    return centres
