"""An optimizer whose updates are those of another, each followed by a change of theta.

    theta <- update of another optimizer
    theta <- adjust(theta)

A constraint on theta is such a change: see `clipped` and `column_norms`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from minigan.arrays import Array
from minigan.optimizers.optimizer import Optimizer
from minigan.parameters import Parameters


@dataclass
class Adjusted:
    """An `Optimizer`: updates, state and hyperparameters are those of another.

    A subclass overrides `adjust`, which changes theta in place after each update.
    """

    optimizer: Optimizer
    theta: Parameters = field(init=False)

    def __post_init__(self) -> None:
        self.theta = self.optimizer.theta

    def adjust(self) -> None:
        """Change theta in place."""
        raise NotImplementedError(f"{type(self).__name__} has no adjust: define it")

    @property
    def updates(self) -> int:
        """The number of updates so far."""
        return self.optimizer.updates

    @updates.setter
    def updates(self, count: int) -> None:
        self.optimizer.updates = count

    def ascend(self, g: Parameters) -> None:
        """Ascend, then adjust."""
        self.optimizer.ascend(g)
        self._adjust()

    def descend(self, g: Parameters) -> None:
        """Descend, then adjust."""
        self.optimizer.descend(g)
        self._adjust()

    def state(self) -> dict[str, Array]:
        """The arrays of the other optimizer."""
        return self.optimizer.state()

    def hyperparameters(self, t: int) -> dict[str, float]:
        """The hyperparameters of the other optimizer."""
        return self.optimizer.hyperparameters(t)

    def _adjust(self) -> None:
        self.adjust()
        self.theta.changed()
