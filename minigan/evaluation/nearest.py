"""The nearest real image of each sample, and what it says about a set of samples.

    distance_i = min_j |s_i - r_j|        |s - r|^2 = |s|^2 - 2 s.r + |r|^2

The product form does all distances of a block in one matrix product. `Recognisable` answers two
questions about samples of labelled images: does each class occur (by the label of the nearest
training image), and are samples as close to training images as held-out real images are?
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array
from minigan.data.images import Images

ROWS_AT_A_TIME = 1000


def nearest(samples: Array, references: Array, *, others: bool = False) -> tuple[Array, Array]:
    """(distance, index) of the nearest reference of each sample, shapes (N,); the first at a tie.

    samples (N, n), references (R, n); Euclidean distance in float64. With `others`, row i of the
    references is not taken for sample i: of references that are the samples themselves, the
    nearest other one (N >= 2, or there is none). Works in blocks of 1000
    rows of each, so that it takes some 8 * 1000 * (1000 + n) bytes whatever N and R are.
    """
    distance, index = np.empty(len(samples)), np.zeros(len(samples), dtype=np.int64)
    for rows in _blocks(len(samples)):
        s = samples[rows].astype(np.float64)
        least = np.full(len(s), np.inf)
        for columns in _blocks(len(references)):
            r = references[columns].astype(np.float64)
            squares = np.square(s).sum(axis=1)[:, None] - 2 * s @ r.T
            squares += np.square(r).sum(axis=1)
            if others and columns == rows:
                np.fill_diagonal(squares, np.inf)
            here = squares.argmin(axis=1)
            closer = squares[np.arange(len(s)), here] < least
            index[rows][closer] = columns.start + here[closer]
            least[closer] = squares[closer, here[closer]]
        # Taken again from the difference: the product form loses the digits of a small distance.
        distance[rows] = np.linalg.norm(s - references[index[rows]].astype(np.float64), axis=1)
    return distance, index


def _blocks(count: int) -> list[slice]:
    return [slice(start, start + ROWS_AT_A_TIME) for start in range(0, count, ROWS_AT_A_TIME)]


@dataclass(frozen=True)
class Recognisable:
    """Shares of the classes among the samples, and distances in units of held-out images'.

    `ratio` is the median distance from a sample to its nearest training image, divided by the
    same median for held-out real images: about 1 for samples as plausible as real images, NaN
    where held-out images are copies of training images.
    """

    shares: tuple[float, ...]
    ratio: float

    def __str__(self) -> str:
        """Two sentences for people; the first only where there are classes."""
        distance = f"median distance {self.ratio:.2f} x that of held-out images"
        if math.isnan(self.ratio):
            distance = "no distance, as held-out images are copies of training images"
        if len(self.shares) == 1:
            return f"nearest training images: {distance}"
        rarest = min(range(len(self.shares)), key=lambda label: self.shares[label])
        return (
            f"nearest training images: {sum(share > 0 for share in self.shares)} of "
            f"{len(self.shares)} classes occur, the rarest is {rarest} with "
            f"{100 * self.shares[rarest]:.1f} %; {distance}"
        )


def recognisable(samples: Array, train: Images, held_out: Images) -> Recognisable:
    """Judge samples (N, n) in [0, 1] against labelled training and held-out images."""
    x = train.all()
    distance, index = nearest(samples, x)
    of_real, _ = nearest(held_out.all(), x)
    counts = np.bincount(train.labels[index], minlength=int(train.labels.max()) + 1)
    shares = tuple(float(count) / len(samples) for count in counts)
    unit = float(np.median(of_real))
    return Recognisable(shares, float(np.median(distance)) / unit if unit else math.nan)
