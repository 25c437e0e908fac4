"""K-means: k centres such that every example is near one of them.

    repeat    c(j) = argmin_i |x_j - s_i|        s_i = mean of the x_j with c(j) = i

(Lloyd's algorithm.) Its centres are no images of anybody, yet under the Parzen-window estimate they
score above as many real images: each is an average, without the noise of a single image. They stand
beside every score for that reason.
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array
from minigan.evaluation.parzen import squared_distances

ROWS = 5_000


def kmeans(x: Array, k: int, rng: np.random.Generator, iterations: int = 30) -> Array:
    """k centres (k, d) float32 of x (N, d) float32, from k distinct examples drawn by rng.

    Ends early where no example changes its centre. A centre that loses all its examples stays
    where it is. Raises ValueError where k > N.
    """
    if k > len(x):
        raise ValueError(f"{k} centres need more than {len(x)} examples")
    centres = x[rng.permutation(len(x))[:k]].astype(np.float32)
    nearest = np.full(len(x), -1)
    for _ in range(iterations):
        before, sums = nearest.copy(), np.zeros((k, x.shape[1]))
        for start in range(0, len(x), ROWS):
            rows = slice(start, start + ROWS)
            nearest[rows] = squared_distances(x[rows], centres).argmin(axis=1)
            order = np.argsort(nearest[rows], kind="stable")
            taken, first = np.unique(nearest[rows][order], return_index=True)
            sums[taken] += np.add.reduceat(x[rows][order], first, axis=0, dtype=np.float64)
        if (nearest == before).all():
            break
        counts = np.bincount(nearest, minlength=k)
        centres[counts > 0] = sums[counts > 0] / counts[counts > 0, None]
    return centres
