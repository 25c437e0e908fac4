"""The quality of completions, compared with two simple ways to fill the missing pixels.

    mean         the mean of each pixel over the training images
    nearest      the pixels of the training image that is nearest in the observed pixels
    class        share of the completed pictures with the class of the picture, by a classifier
    rms          root of the mean squared difference of the missing pixels
    spread       root of the mean variance of the missing pixels, over the completions of a picture

The class says whether the completed picture makes sense. The rms says less: for an uncertain pixel
the mean of all possible values has the smallest rms, and no spread.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array
from minigan.evaluation.classifier import Classifier

PAIRS_AT_A_TIME = 2**22  # numbers in a block of distances


@dataclass(frozen=True)
class FillQuality:
    """The measures of one way to fill; `spread` is 0 if it gives one completion per picture.

    right: the share of completed pictures with the class of the picture; None without classes.
    """

    name: str
    right: float | None
    rms: float
    spread: float


def fill_quality(
    name: str,
    x: Array,
    s: Array,
    completed: Array,
    labels: Array | None = None,
    classifier: Classifier | None = None,
) -> FillQuality:
    """The measures of completions (N, count, n) of pictures x (N, n) with the masks s (N, n)."""
    missing = s == 0
    squares = np.square(completed.astype(np.float64) - x[:, None])
    variance = completed.astype(np.float64).var(axis=1)
    right = None
    if classifier is not None and labels is not None:
        found = classifier.classes(completed.reshape(-1, x.shape[1])).reshape(completed.shape[:2])
        right = float((found == labels[:, None]).mean())
    return FillQuality(
        name,
        right,
        float(np.sqrt(squares.mean(axis=1)[missing].mean())),
        float(np.sqrt(variance[missing].mean())),
    )


def fill_with_mean(x: Array, s: Array, train: Array) -> Array:
    """x with the mean of `train` (R, n) where s = 0, as (N, 1, n)."""
    filled: Array = np.where(s == 0, train.mean(axis=0), x)[:, None]
    return filled.astype(np.float32)


def fill_with_nearest(x: Array, s: Array, train: Array) -> Array:
    """x with the values of its nearest row of `train` (R, n) where s = 0, as (N, 1, n).

    The distance is sum_j s_j (x_j - t_j)^2. At a tie the first row is used.
    """
    index = np.empty(len(x), dtype=np.int64)
    squares = np.square(train, dtype=np.float64).T
    step = max(1, PAIRS_AT_A_TIME // len(train))
    for start in range(0, len(x), step):
        block = slice(start, start + step)
        weights = s[block].astype(np.float64)
        # sum_j s_j (x_j - t_j)^2 without sum_j s_j x_j^2, which is the same for each t.
        distance = weights @ squares - 2 * (weights * x[block]) @ train.T
        index[block] = distance.argmin(axis=1)
    filled: Array = np.where(s == 0, train[index], x)[:, None]
    return filled
