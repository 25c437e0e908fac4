"""Limit the norm of each column of W after each update: the constraint of the paper's TFD networks.

    theta <- update of another optimizer
    n_j = sqrt(sum_i W_ij^2)                          over the inputs i of unit j
    W_ij <- W_ij min(n_j, limit) / (1e-7 + n_j)       for each matrix W; not for b

The velocity does not change. The formula is that of the library of the published configurations
(pylearn2, June 2014), where 1e-7 avoids a division by 0. It also shrinks a column below the limit,
by a factor of 1 - 1e-7 / n_j. The published limit is 1.9365 = sqrt(3.75).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from minigan.arrays import array_module
from minigan.optimizers.adjusted import Adjusted

TINY = 1e-7


@dataclass
class ColumnNorms(Adjusted):
    """An `Optimizer` whose updates are those of another, then with columns of norm <= limit.

    Raises ValueError unless limit > 0.
    """

    limit: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.limit < math.inf:
            raise ValueError(f"the limit must be a number > 0, not {self.limit}")

    def adjust(self) -> None:
        """Scale the columns of every matrix (n, u) of theta."""
        for W in self.theta.values():
            if W.ndim == 2:
                xp = array_module(W)
                n = xp.sqrt(xp.sum(W * W, axis=0))
                W *= xp.minimum(n, self.limit) / (TINY + n)
