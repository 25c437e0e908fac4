"""Nearest-neighbour distances between samples and real images.

    distance_i = min_j |s_i - r_j|        |s - r|^2 = |s|^2 - 2 s.r + |r|^2

The expanded square needs one matrix product for all distances of a block.

`NeighbourStatistics` summarises samples of labelled images. It contains the share of each class, by
the label of the nearest training image, and the median distance to the nearest training image
relative to that of held-out images.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array
from minigan.data.images import Images

ROWS_AT_A_TIME = 1000


def nearest(
    samples: Array, references: Array, *, exclude_self: bool = False
) -> tuple[Array, Array]:
    """Returns (distance, index) of the nearest reference of each sample, both of shape (N,).

    samples (N, n), references (R, n). Distances are Euclidean, in float64. At a tie the lowest
    index is returned. With `exclude_self`, reference i is not considered for sample i. This gives
    the nearest other sample if `references` are the samples themselves (N >= 2).

    Works in blocks of 1000 samples and 1000 references, so that the memory is about
    8 * 1000 * (1000 + n) bytes for any N and R.
    """
    distance, index = np.empty(len(samples)), np.zeros(len(samples), dtype=np.int64)
    for rows in _blocks(len(samples)):
        s = samples[rows].astype(np.float64)
        least = np.full(len(s), np.inf)
        for columns in _blocks(len(references)):
            r = references[columns].astype(np.float64)
            squares = np.square(s).sum(axis=1)[:, None] - 2 * s @ r.T
            squares += np.square(r).sum(axis=1)
            if exclude_self and columns == rows:
                np.fill_diagonal(squares, np.inf)
            best = squares.argmin(axis=1)
            closer = squares[np.arange(len(s)), best] < least
            index[rows][closer] = columns.start + best[closer]
            least[closer] = squares[closer, best[closer]]
        # Recomputed from the difference, because the expanded square is inaccurate for small
        # distances.
        distance[rows] = np.linalg.norm(s - references[index[rows]].astype(np.float64), axis=1)
    return distance, index


def _blocks(count: int) -> list[slice]:
    return [slice(start, start + ROWS_AT_A_TIME) for start in range(0, count, ROWS_AT_A_TIME)]


@dataclass(frozen=True)
class NeighbourStatistics:
    """Class shares and relative nearest-neighbour distance of a set of samples.

    `shares` holds the share of each class among the nearest training images of the samples. `ratio`
    is the median distance from a sample to its nearest training image, divided by the same median
    for held-out real images. It is about 1 if the samples are as close to the training images as
    real images are. It is NaN if the median of the held-out images is 0.
    """

    shares: tuple[float, ...]
    ratio: float

    def __str__(self) -> str:
        """A sentence with the classes, if there is more than one, and with the ratio."""
        distance = f"median distance {self.ratio:.2f} x that of held-out images"
        if math.isnan(self.ratio):
            distance = "no distance ratio, because held-out images are copies of training images"
        if len(self.shares) == 1:
            return f"nearest training images: {distance}"
        rarest = min(range(len(self.shares)), key=lambda label: self.shares[label])
        return (
            f"nearest training images: {sum(share > 0 for share in self.shares)} of "
            f"{len(self.shares)} classes occur, the rarest is {rarest} with "
            f"{100 * self.shares[rarest]:.1f} %; {distance}"
        )


def neighbour_statistics(samples: Array, train: Images, held_out: Images) -> NeighbourStatistics:
    """Compares samples (N, n) in [0, 1] with labelled training images and held-out images."""
    x = train.all()
    distance, index = nearest(samples, x)
    held_out_distance, _ = nearest(held_out.all(), x)
    counts = np.bincount(train.labels[index], minlength=int(train.labels.max()) + 1)
    shares = tuple(float(count) / len(samples) for count in counts)
    unit = float(np.median(held_out_distance))
    return NeighbourStatistics(shares, float(np.median(distance)) / unit if unit else math.nan)
