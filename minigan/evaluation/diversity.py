"""How varied are samples, whatever they show? By how far away each lies from the nearest other.

    spread(x) = median over i of min_{j != i} |x_i - x_j|
    diversity = spread(samples) / spread(as many real examples)

About 1 where samples are as varied as real examples; near 0 where many z are mapped to the same
x ("the Helvetica scenario", section 6 of the paper), as each sample then has another one beside it.
Noise on the samples raises it: a large diversity says nothing of their quality.

The more examples there are, the nearer is the nearest other one: only spreads of equally many can
be compared.
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array
from minigan.evaluation.nearest import nearest


def spread(x: Array) -> float:
    """The median distance of x (N, n) to the nearest other one; a copy of another has 0.

    Raises ValueError where N < 2.
    """
    if len(x) < 2:
        raise ValueError(f"the nearest other one of {len(x)} example: there must be two or more")
    distance, _ = nearest(x, x, others=True)
    return float(np.median(distance))
