"""RMSProp: the gradient, divided by the root of its mean square.

    s <- decay s + (1 - decay) g^2
    theta <- theta - eta g / (sqrt(s) + epsilon)                  descend; ascend adds

g: the gradient; s: its mean square, 0 before the first update. Each parameter moves by about eta,
whatever the size of its gradient. Source: Tieleman and Hinton 2012, lecture 6e of "Neural Networks
for Machine Learning". The experiments of Arjovsky et al. 2017 (WGAN) use it, without momentum.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from minigan.arrays import Array, array_module
from minigan.optimizers.blocks import blocks
from minigan.parameters import Parameters
from minigan.schedules import Schedule


@dataclass
class RMSProp:
    """RMSProp, an `Optimizer`: one player's theta, the mean square s, and the number of updates.

    `eta` is a schedule: update number t = 0, 1, 2, ... uses eta(t).
    """

    theta: Parameters
    eta: Schedule
    decay: float
    epsilon: float
    updates: int = 0
    s: Array = field(init=False)

    def __post_init__(self) -> None:
        self.s = array_module(self.theta.vector).zeros_like(self.theta.vector)

    def descend(self, g: Parameters) -> None:
        """theta <- theta - eta g / (sqrt(s) + epsilon)."""
        self._update(g, -self.eta(self.updates))

    def ascend(self, g: Parameters) -> None:
        """theta <- theta + eta g / (sqrt(s) + epsilon)."""
        self._update(g, self.eta(self.updates))

    def state(self) -> dict[str, Array]:
        """The mean square: {"s": s}."""
        return {"s": self.s}

    def hyperparameters(self, t: int) -> dict[str, float]:
        """The learning rate of update t: {"eta": eta(t)}."""
        return {"eta": self.eta(t)}

    def _update(self, g: Parameters, eta: float) -> None:
        xp = array_module(self.s)
        for block in blocks(self.s):
            g_b, s = g.vector[block], self.s[block]
            s += (1 - self.decay) * (g_b * g_b - s)
            self.theta.vector[block] += eta * g_b / (xp.sqrt(s) + self.epsilon)
        self.theta.changed()
        self.updates += 1
