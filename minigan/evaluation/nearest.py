"""The nearest real image of each sample, and what it says about a set of samples.

    distance_i = min_j |s_i - r_j|        |s - r|^2 = |s|^2 - 2 s.r + |r|^2

The product form does all distances of a block in one matrix product. `Recognisable` answers two
questions about samples of labelled images: does each class occur (by the label of the nearest
training image), and are samples as close to training images as held-out real images are?
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array
from minigan.data.images import Images

ROWS_AT_A_TIME = 1000


def nearest(samples: Array, references: Array) -> tuple[Array, Array]:
    """(distance, index) of the nearest reference of each sample, shapes (N,); the first at a tie.

    samples (N, n), references (R, n); Euclidean distance in float64. Takes 8 * 1000 * R bytes.
    """
    s, r = samples.astype(np.float64), references.astype(np.float64)
    distance, index = np.empty(len(s)), np.empty(len(s), dtype=np.int64)
    for start in range(0, len(s), ROWS_AT_A_TIME):
        rows = slice(start, start + ROWS_AT_A_TIME)
        squares = np.square(s[rows]).sum(axis=1)[:, None] - 2 * s[rows] @ r.T
        squares += np.square(r).sum(axis=1)
        index[rows] = squares.argmin(axis=1)
        # Taken again from the difference: the product form loses the digits of a small distance.
        distance[rows] = np.linalg.norm(s[rows] - r[index[rows]], axis=1)
    return distance, index


@dataclass(frozen=True)
class Recognisable:
    """Shares of the classes among the samples, and distances in units of held-out images'.

    `ratio` is the median distance from a sample to its nearest training image, divided by the
    same median for held-out real images: about 1 for samples as plausible as real images.
    """

    shares: tuple[float, ...]
    ratio: float

    def __str__(self) -> str:
        """Two sentences for people."""
        rarest = min(range(len(self.shares)), key=lambda label: self.shares[label])
        return (
            f"nearest training images: {sum(share > 0 for share in self.shares)} of "
            f"{len(self.shares)} classes occur, the rarest is {rarest} with "
            f"{100 * self.shares[rarest]:.1f} %; median distance {self.ratio:.2f} x that of "
            "held-out images"
        )


def recognisable(samples: Array, train: Images, held_out: Images) -> Recognisable:
    """Judge samples (N, n) in [0, 1] against labelled training and held-out images."""
    distance, index = nearest(samples, train.all())
    of_real, _ = nearest(held_out.all(), train.all())
    counts = np.bincount(train.labels[index], minlength=int(train.labels.max()) + 1)
    shares = tuple(float(count) / len(samples) for count in counts)
    return Recognisable(shares, float(np.median(distance) / np.median(of_real)))
