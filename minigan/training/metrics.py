"""The metrics of one iteration: V, the loss of G, and the mean of D(x) and of D(G(z)).

The objective defines V and the loss of G with their unit (nats for Eq. 1), D as a function of the
logit, and the values of all three at the equilibrium p_g = p_data. With a penalty on D's input
gradient, its value is a metric too.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from minigan.algorithm_1 import Logits
from minigan.objectives import Objective
from minigan.training import collapse


@dataclass(frozen=True)
class Metrics:
    """V, D_x and D_Gz of the last D step of an iteration, and loss_g of its last G step.

    D_x and D_Gz are the means of D(x) and of D(G(z)) over the minibatch, with dropout. `penalty` is
    that of the last D step; None without one.
    """

    V: float
    loss_g: float
    D_x: float
    D_Gz: float
    penalty: float | None = None

    def line(self) -> dict[str, float]:
        """The metrics by name, without a penalty that is None."""
        return {name: value for name, value in vars(self).items() if value is not None}

    def describe(self, objective: Objective) -> str:
        """One line of text, with the equilibrium values in brackets.

        D comes first, because a narrow terminal cuts the end of the line.
        """
        V, loss_g, D = objective.equilibrium
        return (
            f"D(x) {self.D_x:.2f}  D(G(z)) {self.D_Gz:.2f} [{D:.2f}]  "
            f"V {self.V:.3f} [{V:.3f}]  G {self.loss_g:.3f} [{loss_g:.3f}]"
            + ("" if self.penalty is None else f"  penalty {self.penalty:.3f}")
        )


METRICS = tuple(field.name for field in fields(Metrics))  # in every line of the log, in this order
SAVE_METRICS = ("validation_distance", "validation_LL", "sigma", *collapse.FIELDS)  # at each save


def compute_metrics(logits: Logits, objective: Objective, P: Any = None) -> Metrics:
    """The metrics of one iteration, from D's logits and the penalty P if there is one."""
    return Metrics(
        V=float(objective.value(logits.real, logits.fake)),
        loss_g=float(objective.loss(*objective.logits_of_loss(logits.sample, logits.paired))),
        D_x=float(objective.D(logits.real).mean()),
        D_Gz=float(objective.D(logits.fake).mean()),
        penalty=None if P is None else float(P),
    )
