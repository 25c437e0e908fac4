"""Gradient ascent and descent with momentum: the updates of Algorithm 1.

    descend     v <- mu v - eta g        ascend     v <- mu v + eta g
                theta <- theta + v                  theta <- theta + v

theta: the flat parameter vector; g: its gradient; v: the velocity, 0 before the first update;
eta: the learning rate; mu: the momentum. The paper says only "We used momentum in our experiments"
(Algorithm 1). This form, with schedules for eta and mu, is that of the authors' published
configurations.

On a CPU the vectors are updated block by block. A block stays in the cache for all operations of
the update, so each vector is read from memory once, even where the whole vector does not fit into
the cache. Blocks do not change the operations on any number, so the result has the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from minigan.arrays import Array, array_module
from minigan.parameters import Parameters
from minigan.schedules import Schedule

BLOCK = 1 << 15  # numbers; the blocks of theta, g, v and eta g take half a megabyte in float32


def descend(theta: Parameters, g: Parameters, v: Array, *, eta: float, mu: float) -> None:
    """v <- mu v - eta g; theta <- theta + v. Changes v and theta.vector, both (size,), in place."""
    xp = array_module(v)
    size = BLOCK if xp is np else max(1, len(v))  # one block on a GPU
    eta_g = xp.empty_like(v[:size])
    for start in range(0, len(v), size):
        block = slice(start, start + size)
        v_b, theta_b, g_b = v[block], theta.vector[block], g.vector[block]
        xp.multiply(g_b, eta, out=eta_g[: len(g_b)])
        v_b *= mu
        v_b -= eta_g[: len(g_b)]
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
