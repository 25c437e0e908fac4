"""Gradient ascent and descent with momentum: the verbs of Algorithm 1.

    descend     v <- mu v - eta g        ascend     v <- mu v + eta g
                theta <- theta + v                  theta <- theta + v

theta: the flat parameter vector, g: its gradient, v: the velocity (0 before the first update),
eta: the learning rate, mu: the momentum. "We used momentum in our experiments" (Algorithm 1);
the published configurations set it this way, and change eta and mu by a schedule.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from minigan.arrays import Array, array_module
from minigan.parameters import Parameters
from minigan.schedules import Schedule


def descend(theta: Parameters, g: Parameters, v: Array, *, eta: float, mu: float) -> None:
    """v <- mu v - eta g; theta <- theta + v. Writes v and theta.vector, both of shape (size,)."""
    v *= mu
    v -= array_module(v).multiply(g.vector, eta)
    theta.vector += v
    theta.changed()


def ascend(theta: Parameters, g: Parameters, v: Array, *, eta: float, mu: float) -> None:
    """v <- mu v + eta g; theta <- theta + v: descent with the sign of g turned."""
    descend(theta, g, v, eta=-eta, mu=mu)


@dataclass
class Momentum:
    """The memory of one player's updates: theta, its velocity v, the count t of updates made.

    `eta` and `mu` are schedules: update t uses eta(t) and mu(t).
    """

    theta: Parameters
    eta: Schedule
    mu: Schedule
    t: int = 0
    v: Array = field(init=False)

    def __post_init__(self) -> None:
        self.v = array_module(self.theta.vector).zeros_like(self.theta.vector)

    def descend(self, g: Parameters) -> None:
        """One `descend` of theta along g."""
        descend(self.theta, g, self.v, eta=self.eta(self.t), mu=self.mu(self.t))
        self.t += 1

    def ascend(self, g: Parameters) -> None:
        """One `ascend` of theta along g."""
        ascend(self.theta, g, self.v, eta=self.eta(self.t), mu=self.mu(self.t))
        self.t += 1
