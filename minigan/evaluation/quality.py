"""What the samples of a run are worth, in one sentence and in one number.

The sentence answers what people ask of samples: of images, do all classes occur, and are samples
as near to training images as real images are; of points, which modes were found.

The number decides which checkpoint is the best, by examples that training never sees:

    validation_distance = mean over x of min_i |x - s_i|       x: validation examples, s_i: samples

Small where every kind of example has a sample nearby: samples that are poor, and kinds that are
missing, both raise it. (The Parzen estimate with a small sigma is led by the same distances.)

The paper's own measure costs ten times as much, and can decide instead:

    validation_LL = log-likelihood of validation examples, with the best sigma of the paper's grid
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array
from minigan.data.images import Images
from minigan.data.points import Points
from minigan.data.sets import DataSet
from minigan.evaluation.modes import Covered, covered
from minigan.evaluation.nearest import Recognisable, nearest, recognisable
from minigan.evaluation.protocol import Choice, choose, validation_images

N_SAMPLES = 1000  # samples, and at most as many held-out examples
NEIGHBOURS = 10_000  # at most as many training images, so that it takes a second on any data set


def judge(samples: Array, data: DataSet) -> Recognisable | Covered | None:
    """The judgement of samples (N, n); its `str` is the sentence. None for other kinds of data.

    Images are compared with the first NEIGHBOURS training images and N_SAMPLES test images.
    """
    train, test = data.train, data.test
    if isinstance(train, Points):
        return covered(samples, train.mixture)
    if isinstance(train, Images) and isinstance(test, Images):
        return recognisable(samples, train[:NEIGHBOURS], test[:N_SAMPLES])
    return None


def validation_distance(samples: Array, data: DataSet) -> float:
    """The mean distance of the first 1000 validation examples to their nearest samples (N, n)."""
    count = min(N_SAMPLES, len(data.validation))
    distance, _ = nearest(data.validation.gather(np.arange(count)), samples)
    return float(distance.mean())


def validation_LL(samples: Array, data: DataSet) -> Choice:
    """The best sigma for the first 1000 validation examples, and their mean LL, in nats."""
    return choose(samples, validation_images(data.validation))
