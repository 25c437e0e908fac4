"""Figure 2: random samples with their nearest training examples, and a test for memorisation.

    s_i = G(z_i), z_i ~ p_z                  the first 100 draws of the seed, without selection
    r_i = argmin_r |s_i - r|                 over all training examples r; Euclidean distance

The rightmost column, with a yellow frame, shows r_i of the sample to its left (section 5 of the
paper, Figure 2).

Ten pairs are too few to detect memorisation. Therefore two statistics are computed for 1000 samples
and compared with the same statistics of test images, which were not used for training:

    d_i = |s_i - r_i|
    q_i = d_i / (distance from s_i to the nearest training example in the other half of the set)

The halves are the examples of even and odd index, and the other half is the one without r_i. If G
has memorised training examples, its samples are closer to them than test images are. q is near 1 if
s_i is not a copy of a training example, and small if it is one, also if the copy has noise. q
depends less than d on the class of the image: two images of the digit 1 are closer to each other
than two images of the digit 8.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.data.contrast import NormalisedImages, picture_values
from minigan.data.images import Images
from minigan.evaluation.nearest import nearest
from minigan.training.pictures.sheets import GREY, sheet
from minigan.training.sampler import Sampler

ROWS, COLUMNS = 10, 10  # of samples
CHECKED = 1000  # number of samples, and maximum number of test images
ENLARGED = 2  # scale factor, relative to a sample sheet
YELLOW = np.array([255, 205, 30], dtype=np.uint8)

QUANTILES = (0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0)
VERY, MIDDLE = QUANTILES.index(0.01), QUANTILES.index(0.5)
SUSPICIOUS = 0.1  # share of the samples below the 1 % quantile of the test images: ten times chance


@dataclass(frozen=True)
class MemorisationCheck:
    """Distances of samples and test images to their nearest training examples.

    `samples` and `tests` are the numbers of samples and test images. `of_samples` and `of_tests`
    are the QUANTILES of d, from the smallest to the largest value; a distance of 1 is one pixel
    from black to white. `nearer` is the share of samples with a d below the 1 % quantile of the
    test images. `copies` is the same share for q.
    """

    samples: int
    tests: int
    of_samples: tuple[float, ...]
    of_tests: tuple[float, ...]
    nearer: float
    copies: float

    def to_json(self) -> dict[str, Any]:
        """All fields, the quantile levels and the text as a JSON object."""
        return {**asdict(self), "quantiles": QUANTILES, "sentences": str(self)}

    def __str__(self) -> str:
        """The median distances, both shares and the conclusion, as sentences."""
        return (
            f"The median distance to the nearest training example is "
            f"{self.of_samples[MIDDLE]:.2f} for samples and {self.of_tests[MIDDLE]:.2f} for "
            f"held-out images. {100 * self.nearer:.1f} % of the samples have a smaller distance d "
            f"than the 1 % quantile of the held-out images, and {100 * self.copies:.1f} % have a "
            f"smaller ratio q. {self._verdict()}"
        )

    def _verdict(self) -> str:
        if not self.of_tests[VERY]:
            return "No conclusion about G: some held-out images are copies of training examples."
        if self.copies > SUSPICIOUS:
            return (
                "G seems to copy training examples: compare the two rightmost columns. Train on "
                "more examples or for fewer iterations."
            )
        if self.nearer > SUSPICIOUS:
            return (
                "G does not copy training examples, but its samples cover few classes or are too "
                "smooth: check which classes are missing."
            )
        return "There is no sign that G copies training examples."


def to_nearest(samples: Array, x: Array) -> tuple[Array, Array, Array]:
    """Returns (d, index, q) of samples (N, n) for the training examples x (R, n), each (N,).

    x[index[i]] is the training example r_i. At a tie the lowest index is returned. q is 1 if both
    distances are 0. Raises ValueError if x has fewer than two examples.
    """
    if len(x) < 2:
        raise ValueError(f"at least two training examples are needed, not {len(x)}")
    (d_even, even), (d_odd, odd) = (nearest(samples, x[first::2]) for first in (0, 1))
    even, odd = 2 * even, 2 * odd + 1
    first = (d_even < d_odd) | ((d_even == d_odd) & (even < odd))
    d, other = np.minimum(d_even, d_odd), np.maximum(d_even, d_odd)
    q = np.divide(d, other, out=np.ones_like(d), where=other > 0)
    return d, np.where(first, even, odd), q


def memorisation_check(
    of_samples: tuple[Array, Array], of_tests: tuple[Array, Array]
) -> MemorisationCheck:
    """Compares (d, q) of samples, each of shape (N,), with (d, q) of test images, each (T,).

    Raises ValueError if N or T is 0.
    """
    (d, q), (d_test, q_test) = of_samples, of_tests
    if not len(d) or not len(d_test):
        raise ValueError("at least one sample and one test image are needed")
    at, at_test = np.quantile(d, QUANTILES), np.quantile(d_test, QUANTILES)
    return MemorisationCheck(
        len(d),
        len(d_test),
        tuple(map(float, at)),
        tuple(map(float, at_test)),
        float((d < at_test[VERY]).mean()),
        float((q < np.quantile(q_test, QUANTILES[VERY])).mean()),
    )


def draw(
    sampler: Sampler,
    train: Images,
    test: Images,
    seed: int = 0,
    log: Callable[[str], None] = lambda message: None,
) -> tuple[Array, MemorisationCheck]:
    """Returns Figure 2 (uint8 RGB) and the check of 1000 samples and at most 1000 test images.

    The samples are those of `minigan sample` with the same seed; of a conditional run, samples of
    all classes are shown. `log` is called with a description of the search before it starts. Raises
    ValueError if the outputs of G are not images of the size of `train`.
    """
    n = train.height * train.width * train.channels
    if sampler.n != n:
        raise ValueError(f"G has {sampler.n} outputs, but the images have {n} numbers")
    samples = sampler.samples(sampler.noise(CHECKED, seed))
    x = train.all()
    log(f"the nearest of {len(x):,} training examples")
    d, index, q = to_nearest(samples, x)
    d_test, _, q_test = to_nearest(test[:CHECKED].all(), x)
    last = slice(COLUMNS - 1, ROWS * COLUMNS, COLUMNS)
    shape = (train.height, train.width, train.channels)
    step = CHECKED // (ROWS * COLUMNS) if sampler.classes else 1
    shown, neighbours = samples[::step][: ROWS * COLUMNS], x[index[::step][last]]
    if isinstance(train, NormalisedImages):
        largest = float(np.abs(shown).max())
        shown, neighbours = (picture_values(each, largest) for each in (shown, neighbours))
    picture = side_by_side(shown, neighbours, shape)
    return picture, memorisation_check((d, q), (d_test, q_test))


def side_by_side(samples: Array, neighbours: Array, shape: tuple[int, int, int]) -> Array:
    """A picture of samples (R C, n) in R rows, with the neighbours (R, n) right of the rows.

    All images are in [0, 1] and have the shape (height, width, channels). The neighbours have
    yellow frames.
    """
    rows = len(neighbours)
    left = _colour(sheet(samples, *shape, columns=math.ceil(len(samples) / rows)))
    right = _colour(sheet(neighbours, *shape, columns=1))
    # In a sheet of black images, the grey pixels are the frames.
    frames = _colour(sheet(np.zeros_like(neighbours), *shape, columns=1))[:, :, 0] == GREY
    right[frames] = YELLOW
    picture: Array = np.concatenate([left, right], axis=1)
    return picture.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)


def _colour(picture: Array) -> Array:
    """A copy of the picture with three colour channels."""
    if picture.ndim == 2:
        return np.repeat(picture[:, :, None], 3, axis=2)
    return picture.copy()
