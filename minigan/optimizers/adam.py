"""Adam: a momentum, divided by the root of the mean square of the gradient.

    m <- beta1 m + (1 - beta1) g          m_hat = m / (1 - beta1^t)
    s <- beta2 s + (1 - beta2) g^2        s_hat = s / (1 - beta2^t)
    theta <- theta - eta m_hat / (sqrt(s_hat) + epsilon)          descend; ascend adds

g: the gradient of update t = 1, 2, ...; m, s: its mean and mean square, both 0 before the first
update. Derivation of m_hat: if g has the mean E, then m has the mean (1 - beta1^t) E, because m
started at 0; the division removes this factor. So the first update is eta g / (|g| + epsilon).
Source: Kingma and Ba 2015, arXiv:1412.6980, Algorithm 1. The 2014 paper uses momentum only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from minigan.arrays import Array, array_module
from minigan.optimizers.blocks import blocks
from minigan.parameters import Parameters
from minigan.schedules import Schedule


@dataclass
class Adam:
    """Adam, an `Optimizer`: one player's theta, the means m and s, and the number of updates.

    `eta` is a schedule: update number t = 0, 1, 2, ... uses eta(t).
    """

    theta: Parameters
    eta: Schedule
    beta1: float
    beta2: float
    epsilon: float
    updates: int = 0
    m: Array = field(init=False)
    s: Array = field(init=False)

    def __post_init__(self) -> None:
        xp = array_module(self.theta.vector)
        self.m, self.s = xp.zeros_like(self.theta.vector), xp.zeros_like(self.theta.vector)

    def descend(self, g: Parameters) -> None:
        """theta <- theta - eta m_hat / (sqrt(s_hat) + epsilon)."""
        self._update(g, -self.eta(self.updates))

    def ascend(self, g: Parameters) -> None:
        """theta <- theta + eta m_hat / (sqrt(s_hat) + epsilon)."""
        self._update(g, self.eta(self.updates))

    def state(self) -> dict[str, Array]:
        """The means: {"m": m, "s": s}."""
        return {"m": self.m, "s": self.s}

    def hyperparameters(self, t: int) -> dict[str, float]:
        """The learning rate of update t: {"eta": eta(t)}."""
        return {"eta": self.eta(t)}

    def _update(self, g: Parameters, eta: float) -> None:
        self.updates += 1
        t, xp = self.updates, array_module(self.m)
        for block in blocks(self.m):
            g_b, m, s = g.vector[block], self.m[block], self.s[block]
            m += (1 - self.beta1) * (g_b - m)
            s += (1 - self.beta2) * (g_b * g_b - s)
            m_hat, s_hat = m / (1 - self.beta1**t), s / (1 - self.beta2**t)
            self.theta.vector[block] += eta * m_hat / (xp.sqrt(s_hat) + self.epsilon)
        self.theta.changed()
