"""Gradient ascent and descent with momentum: the updates of Algorithm 1.

    descend     v <- mu v - eta g        ascend     v <- mu v + eta g
                theta <- theta + v                  theta <- theta + v

theta: the flat parameter vector; g: its gradient; v: the velocity, 0 before the first update;
eta: the learning rate; mu: the momentum. The paper says only "We used momentum in our experiments"
(Algorithm 1). This form, with schedules for eta and mu, is that of the authors' published
configurations.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from minigan.arrays import Array, array_module
from minigan.optimizers.blocks import blocks
from minigan.parameters import Parameters
from minigan.schedules import Schedule


def descend(theta: Parameters, g: Parameters, v: Array, *, eta: float, mu: float) -> None:
    """v <- mu v - eta g; theta <- theta + v. Changes v and theta.vector, both (size,), in place."""
    for block in blocks(v):
        v_b, theta_b = v[block], theta.vector[block]
        v_b *= mu
        v_b -= eta * g.vector[block]
        theta_b += v_b
    theta.changed()


def ascend(theta: Parameters, g: Parameters, v: Array, *, eta: float, mu: float) -> None:
    """v <- mu v + eta g; theta <- theta + v. Equal to `descend` with -eta."""
    descend(theta, g, v, eta=-eta, mu=mu)


@dataclass
class Momentum:
    """Momentum, an `Optimizer`: one player's theta, its velocity v, and the number of updates.

    `eta` and `mu` are schedules: update number t = 0, 1, 2, ... uses eta(t) and mu(t).
    """

    theta: Parameters
    eta: Schedule
    mu: Schedule
    updates: int = 0
    v: Array = field(init=False)

    def __post_init__(self) -> None:
        self.v = array_module(self.theta.vector).zeros_like(self.theta.vector)

    def descend(self, g: Parameters) -> None:
        """v <- mu v - eta g; theta <- theta + v."""
        descend(self.theta, g, self.v, **self.hyperparameters(self.updates))
        self.updates += 1

    def ascend(self, g: Parameters) -> None:
        """v <- mu v + eta g; theta <- theta + v."""
        ascend(self.theta, g, self.v, **self.hyperparameters(self.updates))
        self.updates += 1

    def state(self) -> dict[str, Array]:
        """The velocity: {"v": v}."""
        return {"v": self.v}

    def hyperparameters(self, t: int) -> dict[str, float]:
        """Learning rate and momentum of update t: {"eta": eta(t), "mu": mu(t)}."""
        return {"eta": self.eta(t), "mu": self.mu(t)}
