"""Four numbers for a set of images without labels, each beside those of the data and of baselines.

    nearest      median distance to the nearest training image, divided by that of held-out images
    Frechet      distance of the pixels averaged to 8 x 8, between the set and training images
    components   share of the variance along the first 10 principal components of training images
    slope        exponent of the power spectrum

The paper has no number for CIFAR-10. nearest is below 1 for copies of training images and for
images that are smoother than real ones; the other numbers distinguish the two. All sets have the
same size. The row "training images" has the first training images. The Frechet distance compares
each set with the last ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array
from minigan.draws import generator
from minigan.evaluation.frechet import averaged, frechet_distance
from minigan.evaluation.kmeans import kmeans
from minigan.evaluation.nearest import nearest
from minigan.evaluation.principal import principal_components, variance_share
from minigan.evaluation.spectrum import spectrum_slope

SIZE = 1_000
CENTRES = 100
TRAINING = "training images"


@dataclass(frozen=True)
class ImageStatistics:
    """The four numbers of one set of images; NaN where a number is not defined."""

    name: str
    nearest: float
    frechet: float
    components: float
    slope: float


def image_statistics(
    sets: Mapping[str, Array], train: Array, held_out: Array, shape: tuple[int, int, int]
) -> tuple[ImageStatistics, ...]:
    """The numbers of named sets of images (N, n) for training images (R, n).

    The Frechet distance is to as many training images as a set has, the last ones. The set TRAINING
    must be the first rows of `train`; for it, the nearest *other* image is used. Memory: `train`
    once more and a matrix (n, n), both in float64, for the components.
    """
    components = principal_components(train)
    unit = float(np.median(nearest(held_out, train)[0]))
    rows = []
    for name, x in sets.items():
        distance = _to_others(x, train) if name == TRAINING else nearest(x, train)[0]
        rows.append(
            ImageStatistics(
                name,
                float(np.median(distance)) / unit if unit else float("nan"),
                frechet_distance(averaged(x, shape), averaged(train[-len(x) :], shape)),
                variance_share(x, components),
                spectrum_slope(x, shape),
            )
        )
    return tuple(rows)


def baselines(train: Array, count: int = SIZE) -> Iterator[tuple[str, Array]]:
    """(name, images) of what is compared with samples: data, and simple models of the data.

    The centres are those after 10 iterations of k-means.
    """
    rng = generator(0, "image-statistics", 0)
    mean = train.mean(axis=0, dtype=np.float64)
    yield TRAINING, train[:count]
    yield "mean image", np.repeat(mean[None].astype(np.float32), count, axis=0)
    k = min(CENTRES, len(train) // 2)
    centres = kmeans(train, k, generator(0, "k-means", k), iterations=10)
    yield f"k-means, {k} centres", centres[rng.integers(0, k, count)]
    # A random sum of the centred images / sqrt R has their covariance.
    weights = rng.standard_normal((count, len(train))).astype(np.float32)
    weights -= weights.mean(axis=1)[:, None]  # then the images need not be centred
    yield "Gaussian", weights @ train / np.float32(np.sqrt(len(train))) + mean.astype(np.float32)


def _to_others(x: Array, train: Array) -> Array:
    """The distance of the first rows of `train` to their nearest other rows."""
    rest = nearest(x, train[len(x) :])[0]
    within = nearest(x, x, exclude_self=True)[0]
    distance: Array = np.minimum(rest, within)
    return distance
