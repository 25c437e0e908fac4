"""Figure 2: random samples, and for the last of each row the training example it is nearest to.

    s_i = G(z_i), z_i ~ p_z                  drawn, not chosen: the first 100 of a seed's noise
    r_i = argmin_r |s_i - r|                 r: every training example; Euclidean distance of pixels

The rightmost column, framed in yellow, shows r_i of the sample to its left (section 5 of the paper,
Figure 2). Ten pairs prove little, so distances are told for many samples, and the same for test
images, which no G has seen; a G that knows its training examples by heart is nearer to them:

    d_i = |s_i - r_i|
    q_i = d_i / (distance from s_i to the nearest example of the half of the training set that r_i
          is not in: the examples of even or of odd index)

q is near 1 where s_i lies among training examples, and small where it is a copy of one of them, be
it with noise. It depends less than d on the kind of the example: two ones are nearer to each other
than two eights.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.data.images import Images
from minigan.evaluation.nearest import nearest
from minigan.training.pictures.sheets import GREY, sheet
from minigan.training.sampler import Sampler

ROWS, COLUMNS = 10, 10  # of samples
CHECKED = 1000  # samples, and at most as many test images
ENLARGED = 2  # times the size on a sample sheet
YELLOW = np.array([255, 205, 30], dtype=np.uint8)

QUANTILES = (0.0, 0.01, 0.25, 0.5, 0.75, 0.99, 1.0)
VERY, MIDDLE = QUANTILES.index(0.01), QUANTILES.index(0.5)
SUSPICIOUS = 0.1  # of the samples below the lowest 1 % of the test images: ten times chance


@dataclass(frozen=True)
class Memorising:
    """What `samples` samples and `tests` test images are to their nearest training examples.

    `of_samples` and `of_tests` are the distances d at the QUANTILES, 0 (the least) to 1 (the
    largest), in units of one pixel from black to white. `nearer` is the share of samples whose d
    is below that of the lowest 1 % of the test images, `copies` the same share by q.
    """

    samples: int
    tests: int
    of_samples: tuple[float, ...]
    of_tests: tuple[float, ...]
    nearer: float
    copies: float

    def to_json(self) -> dict[str, Any]:
        """Everything, for machines."""
        return {**asdict(self), "quantiles": QUANTILES, "sentences": str(self)}

    def __str__(self) -> str:
        """A few sentences for people, and what to do where they are bad news."""
        return (
            f"A sample's nearest training example is at a median distance of "
            f"{self.of_samples[MIDDLE]:.2f}, a test image's at {self.of_tests[MIDDLE]:.2f}. "
            f"Nearer than the nearest 1 % of the test images: {100 * self.nearer:.1f} % of the "
            f"samples; more like a copy than the 1 % most like one: {100 * self.copies:.1f} %. "
            f"{self._verdict()}"
        )

    def _verdict(self) -> str:
        if not self.of_tests[VERY]:
            return "That says nothing of G: some test images are training examples themselves."
        if self.copies > SUSPICIOUS:
            return (
                "G seems to repeat training examples: compare the two rightmost columns, and train "
                "it on more examples or for fewer iterations."
            )
        if self.nearer > SUSPICIOUS:
            return (
                "G does not copy, but makes few kinds of example, or smooth ones: look which kinds "
                "are missing."
            )
        return "No sign that G repeats training examples."


def to_nearest(samples: Array, x: Array) -> tuple[Array, Array, Array]:
    """(d, index, q) of samples (N, n) among the training examples x (R, n), shapes (N,).

    At a tie the first example is taken; q is 1 where both distances are 0.
    Raises ValueError where x has fewer than two examples.
    """
    if len(x) < 2:
        raise ValueError("two training examples are the least that can be told apart")
    (d_even, even), (d_odd, odd) = (nearest(samples, x[first::2]) for first in (0, 1))
    even, odd = 2 * even, 2 * odd + 1
    first = (d_even < d_odd) | ((d_even == d_odd) & (even < odd))
    d, other = np.minimum(d_even, d_odd), np.maximum(d_even, d_odd)
    q = np.divide(d, other, out=np.ones_like(d), where=other > 0)
    return d, np.where(first, even, odd), q


def memorising(of_samples: tuple[Array, Array], of_tests: tuple[Array, Array]) -> Memorising:
    """What (d, q) of samples, shapes (N,), and of test images, shapes (T,), say of G.

    Raises ValueError where there are none.
    """
    (d, q), (d_test, q_test) = of_samples, of_tests
    if not len(d) or not len(d_test):
        raise ValueError("there must be samples and test images")
    at, at_test = np.quantile(d, QUANTILES), np.quantile(d_test, QUANTILES)
    return Memorising(
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
    tell: Callable[[str], None] = lambda words: None,
) -> tuple[Array, Memorising]:
    """Figure 2 (uint8, red-green-blue) with its check on 1000 samples and at most 1000 test images.

    The samples are those of `minigan sample` with the same seed. `tell` hears what takes time.
    Raises ValueError where G does not make images of the size of `train`.
    """
    n = train.height * train.width * train.channels
    if sampler.G.outputs != n:
        raise ValueError(f"G makes {sampler.G.outputs} numbers, not images of {n}")
    samples = sampler.samples(sampler.noise(CHECKED, seed))
    x = train.all()
    tell(f"the nearest of {len(x):,} training examples")
    d, index, q = to_nearest(samples, x)
    d_test, _, q_test = to_nearest(test[:CHECKED].all(), x)
    last = slice(COLUMNS - 1, ROWS * COLUMNS, COLUMNS)
    shape = (train.height, train.width, train.channels)
    picture = side_by_side(samples[: ROWS * COLUMNS], x[index[last]], shape)
    return picture, memorising((d, q), (d_test, q_test))


def side_by_side(samples: Array, neighbours: Array, shape: tuple[int, int, int]) -> Array:
    """A picture of samples (R C, n), and right of each of the R rows its neighbour (R, n).

    Images of the shape (height, width, channels), in [0, 1]; the neighbours stand in yellow frames.
    """
    rows = len(neighbours)
    left = _colour(sheet(samples, *shape, columns=math.ceil(len(samples) / rows)))
    right = _colour(sheet(neighbours, *shape, columns=1))
    # The frames are what stays grey round images that have no grey at all.
    frames = _colour(sheet(np.zeros_like(neighbours), *shape, columns=1))[:, :, 0] == GREY
    right[frames] = YELLOW
    picture: Array = np.concatenate([left, right], axis=1)
    return picture.repeat(ENLARGED, axis=0).repeat(ENLARGED, axis=1)


def _colour(picture: Array) -> Array:
    """A picture with red, green and blue, of its own memory."""
    if picture.ndim == 2:
        return np.repeat(picture[:, :, None], 3, axis=2)
    return picture.copy()
