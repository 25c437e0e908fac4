"""Non-saturating: G descends -log D(G(z)) (section 3: "maximise log D").

    -mean log D(G(z))

Per row, the gradient in the logit of a sample has the magnitude (1 - D) / m, so it does not vanish
where D rejects samples with confidence. It has the sign of the minimax gradient.
"""

from __future__ import annotations

from typing import Any

from minigan.arrays import Array
from minigan.layers import sigmoid
from minigan.objectives.equation_1 import LOG_2, LOG_4, softplus
from minigan.objectives.objective import Equilibrium, Objective


def non_saturating_loss(a_fake: Array) -> Any:
    """-mean log D(G(z)) in nats (section 3). log 2 at the equilibrium."""
    return softplus(-a_fake).mean()


def non_saturating_gradient(a_fake: Array, *, out: Array | None = None) -> Array:
    """d(non_saturating_loss)/da_fake = -sigma(-a_fake) / m, (m, 1). `out` may be a_fake."""
    da = sigmoid.forward(-a_fake, out=out)
    da /= -len(a_fake)
    return da


non_saturating = Objective(
    "non_saturating",
    non_saturating_loss,
    non_saturating_gradient,
    Equilibrium(V=-LOG_4, loss_g=LOG_2, D=1 / 2),
)
