"""What the logits of one iteration say: both losses, D(x) and D(G(z)), in nats and probabilities.

At the equilibrium p_g = p_data, where D = 1/2: V = -log 4, G's loss is log 2 (non-saturating) or
-log 2 (minimax), D(x) = D(G(z)) = 1/2.
"""

from __future__ import annotations

from dataclasses import dataclass

from minigan import objectives
from minigan.algorithm1 import Logits
from minigan.layers import sigmoid
from minigan.objectives import GeneratorObjective


@dataclass(frozen=True)
class Metrics:
    """V and D's mean answers on the last D step of an iteration; G's loss on its G step."""

    V: float
    loss_g: float
    D_x: float
    D_Gz: float

    def words(self, objective: GeneratorObjective) -> str:
        """One line for people; the equilibrium values stand in brackets."""
        return (
            f"V {self.V:.3f} [{-objectives.LOG_4:.3f}]  "
            f"G {self.loss_g:.3f} [{objective.equilibrium:.3f}]  "
            f"D(x) {self.D_x:.2f}  D(G(z)) {self.D_Gz:.2f} [0.50]"
        )


def measure(logits: Logits, objective: GeneratorObjective) -> Metrics:
    """The measures of one iteration."""
    return Metrics(
        V=float(objectives.value(logits.real, logits.fake)),
        loss_g=float(objective.loss(logits.sample)),
        D_x=float(sigmoid.forward(logits.real).mean()),
        D_Gz=float(sigmoid.forward(logits.fake).mean()),
    )
