"""Quality of the samples of a run: a summary for the log, and the metrics for model selection.

`assess_samples` returns class shares and nearest-neighbour distances for images, and the mode
coverage for points. Both have a `str` of one sentence.

Two metrics can select the best checkpoint. Both use validation examples, which training does not
use:

    validation_distance = mean over x of min_i |x - s_i|       x: validation examples, s_i: samples
    validation_LL       = log-likelihood of x, with the best sigma of the paper's grid

validation_distance is small if every validation example has a similar sample. Poor samples and
missing classes both increase it. (For a small sigma, the Parzen estimate depends mainly on the same
distances.) validation_LL is the paper's metric and takes about ten times as long.
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array
from minigan.data.images import Images
from minigan.data.points import Points
from minigan.data.sets import DataSet
from minigan.evaluation.modes import ModeCoverage, mode_coverage
from minigan.evaluation.nearest import NeighbourStatistics, nearest, neighbour_statistics
from minigan.evaluation.protocol import Choice, choose, validation_images

N_SAMPLES = 1000  # number of samples, and maximum number of held-out examples
NEIGHBOURS = 10_000  # maximum number of training images, which bounds the time to about a second


def assess_samples(samples: Array, data: DataSet) -> NeighbourStatistics | ModeCoverage | None:
    """Returns quality statistics of samples (N, n), or None if `data` are not images or points.

    Images are compared with the first NEIGHBOURS training images and N_SAMPLES held-out images.
    """
    train, test = data.train, data.held_out
    if isinstance(train, Points):
        return mode_coverage(samples, train.mixture)
    if isinstance(train, Images) and isinstance(test, Images):
        return neighbour_statistics(samples, train[:NEIGHBOURS], test[:N_SAMPLES])
    return None


def validation_distance(samples: Array, data: DataSet) -> float:
    """The mean distance of the first 1000 validation examples to their nearest samples (N, n)."""
    count = min(N_SAMPLES, len(data.validation))
    distance, _ = nearest(data.validation.gather(np.arange(count)), samples)
    return float(distance.mean())


def validation_LL(samples: Array, data: DataSet) -> Choice:
    """The best sigma for the first 1000 validation examples, with their mean LL in nats."""
    return choose(samples, validation_images(data.validation))
