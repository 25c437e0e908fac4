"""The metrics of one iteration, from its logits: both losses, D(x) and D(G(z)).

The objective defines them all: V and G's loss in its own unit (nats for Eq. 1), D as its function
of the logit, and the values of the three at the equilibrium, where p_g = p_data.
"""

from __future__ import annotations

from dataclasses import dataclass

from minigan.algorithm1 import Logits
from minigan.objectives import Objective


@dataclass(frozen=True)
class Metrics:
    """V and D's mean answers on the last D step of an iteration; G's loss on its G step."""

    V: float
    loss_g: float
    D_x: float
    D_Gz: float

    def describe(self, objective: Objective) -> str:
        """One line for people, with the equilibrium values in brackets."""
        V, loss_g, D = objective.equilibrium
        return (
            f"V {self.V:.3f} [{V:.3f}]  G {self.loss_g:.3f} [{loss_g:.3f}]  "
            f"D(x) {self.D_x:.2f}  D(G(z)) {self.D_Gz:.2f} [{D:.2f}]"
        )


def compute_metrics(logits: Logits, objective: Objective) -> Metrics:
    """The metrics of one iteration."""
    return Metrics(
        V=float(objective.value(logits.real, logits.fake)),
        loss_g=float(objective.loss(logits.sample)),
        D_x=float(objective.D(logits.real).mean()),
        D_Gz=float(objective.D(logits.fake).mean()),
    )
