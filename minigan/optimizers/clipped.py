"""Clip theta after each update: the bound on a Wasserstein critic (Arjovsky et al. 2017).

    theta <- update of another optimizer
    theta_i <- min(max(theta_i, -bound), bound)

With bounded weights, the slopes of a critic are bounded too. The source is Algorithm 1 of
arXiv:1701.07875, which clips after the update. A critic that is clipped before it is used for its
first update only, and not after the last, has parameters beyond the bound whenever G sees it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from minigan.arrays import array_module
from minigan.optimizers.adjusted import Adjusted


@dataclass
class Clipped(Adjusted):
    """An `Optimizer` whose updates are those of another, then limited to [-bound, bound].

    Raises ValueError unless bound > 0.
    """

    bound: float

    def __post_init__(self) -> None:
        super().__post_init__()
        if not 0 < self.bound < math.inf:
            raise ValueError(f"the bound must be a number > 0, not {self.bound}")

    def adjust(self) -> None:
        """Limit every number of theta to [-bound, bound]."""
        theta = self.theta.vector
        xp = array_module(theta)
        xp.minimum(xp.maximum(theta, -self.bound, out=theta), self.bound, out=theta)
