"""Learn only from some rows: a player ignores the rows that it gets right by more than a margin.

    D ascends     1/m sum_i [D(x_i) < 1/2 + e] log D(x_i)
                  + 1/m sum_i [D(G(z_i)) > 1/2 - e] log(1 - D(G(z_i)))
    G descends    1/m sum_i [D(G(z_i)) < 1/2 + e] loss(a_i)

e is the margin of the player, and [c] is 1 where c is true, else 0. With e = 1/2 every row counts:
Eq. 1. With e = 0 for G only, G learns where D < 1/2, as in `ThresholdedAdversaryCost` of the
authors' code. With a margin for both players, each learns from its mistakes and from rows within
the margin of 1/2, as in `LazyAdversaryCost`. As there, the sums are divided by m, and not by the
number of rows that count.

With the logit a, D < p exactly where a < log(p / (1 - p)). The factors are constant on both sides
of this point, so a gradient is that of the objective, times its factor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from minigan.arrays import Array
from minigan.layers import sigmoid
from minigan.objectives.equation_1 import softplus, value_gradient
from minigan.objectives.objective import Objective

EVERY_ROW = 1 / 2


def with_margins(objective: Objective, of_G: float, of_D: float) -> Objective:
    """The objective with a margin 0 <= e <= 1/2 for each player; D's value must be Eq. 1.

    A margin of 1/2 does not change the objective of that player.
    """
    if of_G < EVERY_ROW:
        part = PartOfLoss(objective.loss, objective.loss_gradient, _threshold(of_G))
        objective = replace(objective, loss=part.loss, loss_gradient=part.gradient)
    if of_D < EVERY_ROW:
        V = PartOfV(_threshold(of_D))
        objective = replace(objective, value=V.value, value_gradient=V.gradient)
    return objective


def _threshold(margin: float) -> float:
    """The logit of p = 1/2 + margin. It is computed from 1 - p, which does not round to 0."""
    return -float(sigmoid.logit(np.array(0.5 - margin)))


class PartOfV(NamedTuple):
    """V of the rows with a_real < t and a_fake > -t."""

    t: float

    def value(self, a_real: Array, a_fake: Array) -> Any:
        """V in nats, from the logits (m, 1) of m examples and of m samples."""
        real, fake = a_real.real < self.t, a_fake.real > -self.t
        return -(real * softplus(-a_real)).mean() - (fake * softplus(a_fake)).mean()

    def gradient(
        self, a_real: Array, a_fake: Array, *, out: tuple[Array, Array] | None = None
    ) -> tuple[Array, Array]:
        """(dV/da_real, dV/da_fake), (m, 1) each. `out=(da_real, da_fake)` may be the logits."""
        real, fake = a_real.real < self.t, a_fake.real > -self.t
        da_real, da_fake = value_gradient(a_real, a_fake, out=out)
        da_real *= real
        da_fake *= fake
        return da_real, da_fake


class PartOfLoss(NamedTuple):
    """The loss of the rows with a_fake < t: a mean over all m rows, to which the others add 0."""

    whole: Callable[[Array], Any]
    whole_gradient: Callable[..., Array]
    t: float

    def loss(self, a_fake: Array) -> Any:
        """1/m times the sum of the loss over these rows."""
        a = a_fake[a_fake.real < self.t]
        return self.whole(a) * (len(a) / len(a_fake)) if len(a) else a.sum()

    def gradient(self, a_fake: Array, *, out: Array | None = None) -> Array:
        """d(loss)/da_fake, (m, 1). `out` may be a_fake."""
        learned = a_fake.real < self.t
        da = self.whole_gradient(a_fake, out=out)
        da *= learned
        return da
