"""How well samples of p(x | c) show their class c, and how varied they are within each class.

    own(c)       = share of the samples of class c that are assigned to c
    diversity(c) = spread(N samples of class c) / spread(N real examples of class c)

Images are assigned to classes by a classifier that was trained on the real images: its own error
limits what `own` can say. Points are assigned by `minigan.evaluation.modes.modes_of`.
`spread` is the median distance to the nearest other example (`minigan.evaluation.diversity`): a G
that maps all z to one image per class has own = 1 and a diversity of 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array
from minigan.draws.minibatches import Examples
from minigan.evaluation.diversity import spread


@dataclass(frozen=True)
class ClassStatistics:
    """own(c) and diversity(c) of `count` samples of one class; NaN for fewer than two examples."""

    name: str
    count: int
    own: float
    diversity: float


def class_statistics(
    samples: Array,
    c: Array,
    assigned: Array,
    names: Sequence[str],
    train: Examples,
    labels: Array,
) -> tuple[ClassStatistics, ...]:
    """The statistics of each class.

    samples (N, n) of the classes c (N,) are assigned to the classes `assigned` (N,); the examples
    `train` have the classes `labels`. At least one sample of each class is needed.
    """
    rows = []
    for number, name in enumerate(names):
        x, own = samples[c == number], (assigned[c == number] == number).mean()
        real = np.flatnonzero(labels == number)[: len(x)]
        diversity = math.nan
        if len(real) > 1:
            of_real = spread(train.gather(real))
            diversity = spread(x[: len(real)]) / of_real if of_real else math.nan
        rows.append(ClassStatistics(name, len(x), float(own), diversity))
    return tuple(rows)
