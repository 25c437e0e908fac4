"""Diversity of a set of samples: the median distance of a sample to its nearest neighbour.

    spread(x) = median over i of min_{j != i} |x_i - x_j|
    diversity = spread(N samples) / spread(N real examples)

The diversity is about 1 if the samples vary as much as real examples. It is near 0 if G maps many z
to nearly the same x ("the Helvetica scenario", section 6 of the paper). Noise on the samples
increases it, so a high diversity does not imply good samples.

The spread decreases as N grows. Only spreads of equally large sets can be compared.
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array
from minigan.evaluation.nearest import nearest


def spread(x: Array) -> float:
    """The median, over the rows of x (N, n), of the distance to the nearest other row.

    The distance of a row that occurs twice is 0. Raises ValueError if N < 2.
    """
    if len(x) < 2:
        raise ValueError(f"the spread needs at least two examples, not {len(x)}")
    distance, _ = nearest(x, x, exclude_self=True)
    return float(np.median(distance))
