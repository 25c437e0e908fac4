"""Clip theta after each update: the bound on a Wasserstein critic (Arjovsky et al. 2017).

    theta <- update of another optimizer
    theta_i <- min(max(theta_i, -bound), bound)

With bounded weights, the slopes of a critic are bounded too. The source is Algorithm 1 of
arXiv:1701.07875, which clips after the update. A critic that is clipped before it is used for its
first update only, and not after the last, has parameters beyond the bound whenever G sees it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from minigan.arrays import Array, array_module
from minigan.optimizers.optimizer import Optimizer
from minigan.parameters import Parameters


@dataclass
class Clipped:
    """An `Optimizer` whose updates are those of another, then limited to [-bound, bound].

    Raises ValueError unless bound > 0.
    """

    optimizer: Optimizer
    bound: float
    theta: Parameters = field(init=False)

    def __post_init__(self) -> None:
        self.theta = self.optimizer.theta
        if not 0 < self.bound < math.inf:
            raise ValueError(f"the bound must be a number > 0, not {self.bound}")

    @property
    def updates(self) -> int:
        """The number of updates so far."""
        return self.optimizer.updates

    @updates.setter
    def updates(self, count: int) -> None:
        self.optimizer.updates = count

    def ascend(self, g: Parameters) -> None:
        """Ascend, then clip."""
        self.optimizer.ascend(g)
        self._clip()

    def descend(self, g: Parameters) -> None:
        """Descend, then clip."""
        self.optimizer.descend(g)
        self._clip()

    def state(self) -> dict[str, Array]:
        """The arrays of the other optimizer."""
        return self.optimizer.state()

    def hyperparameters(self, t: int) -> dict[str, float]:
        """The hyperparameters of the other optimizer."""
        return self.optimizer.hyperparameters(t)

    def _clip(self) -> None:
        theta = self.theta.vector
        xp = array_module(theta)
        xp.minimum(xp.maximum(theta, -self.bound, out=theta), self.bound, out=theta)
        self.theta.changed()
