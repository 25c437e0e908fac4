"""Gradient ascent and descent with momentum: the verbs of Algorithm 1.

    descend     v <- mu v - eta g        ascend     v <- mu v + eta g
                theta <- theta + v                  theta <- theta + v

theta: the flat parameter vector, g: its gradient, v: the velocity (0 before the first update),
eta: the learning rate, mu: the momentum. "We used momentum in our experiments" (Algorithm 1);
this form of it, with eta and mu following schedules, is that of the published configurations.

The vectors of a large network do not fit into a core's cache, so there they are taken in blocks:
a block stays in the cache from its first operation to its last, and each vector comes from memory
once. Each number gets the same operations in the same order, so the result has the same bits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from minigan.arrays import Array, array_module
from minigan.parameters import Parameters
from minigan.schedules import Schedule

BLOCK = 1 << 15  # numbers: four blocks of them in float32 are half a megabyte


class Optimizer(Protocol):
    """What a game and a run need of one player's optimizer.

    It owns the player's theta and any number of vectors of the same size, by name: they are saved
    with the run and restored. An optimizer of your own has these members: docs/extending.md.
    """

    theta: Parameters
    updates: int  # how many were made so far

    def ascend(self, g: Parameters) -> None:
        """One update of theta up the gradient g; counts it."""

    def descend(self, g: Parameters) -> None:
        """One update of theta down the gradient g; counts it."""

    def state(self) -> dict[str, Array]:
        """Its vectors by name, the arrays themselves: for Momentum {"v": v}."""

    def hyperparameters(self, t: int) -> dict[str, float]:
        """The numbers that update t uses, for the log: for Momentum eta and mu."""


def descend(theta: Parameters, g: Parameters, v: Array, *, eta: float, mu: float) -> None:
    """v <- mu v - eta g; theta <- theta + v. Writes v and theta.vector, both of shape (size,)."""
    xp = array_module(v)
    size = BLOCK if xp is np else max(1, len(v))  # a GPU takes all at once
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
    """v <- mu v + eta g; theta <- theta + v: descent with the sign of eta reversed."""
    descend(theta, g, v, eta=-eta, mu=mu)


@dataclass
class Momentum:
    """One player's theta, its velocity v, and how many updates were made: an `Optimizer`.

    `eta` and `mu` are schedules of that number: the first update uses eta(0) and mu(0).
    """

    theta: Parameters
    eta: Schedule
    mu: Schedule
    updates: int = 0
    v: Array = field(init=False)

    def __post_init__(self) -> None:
        self.v = array_module(self.theta.vector).zeros_like(self.theta.vector)

    def descend(self, g: Parameters) -> None:
        """One `descend` of theta along g."""
        descend(self.theta, g, self.v, **self.hyperparameters(self.updates))
        self.updates += 1

    def ascend(self, g: Parameters) -> None:
        """One `ascend` of theta along g."""
        ascend(self.theta, g, self.v, **self.hyperparameters(self.updates))
        self.updates += 1

    def state(self) -> dict[str, Array]:
        """The velocity: {"v": v}."""
        return {"v": self.v}

    def hyperparameters(self, t: int) -> dict[str, float]:
        """Learning rate and momentum of update t: {"eta": eta(t), "mu": mu(t)}."""
        return {"eta": self.eta(t), "mu": self.mu(t)}
