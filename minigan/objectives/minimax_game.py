"""Minimax: G descends the term of Eq. 1 that depends on G.

    mean log(1 - D(G(z)))

Per row, the gradient in the logit of a sample has the magnitude D / m. Where D rejects samples with
confidence, D is near 0 and the gradient vanishes (section 3). sigma(a) is computed to full relative
accuracy, so a gradient that vanishes here is this effect and not a rounding error.
"""

from __future__ import annotations

from typing import Any

from minigan.arrays import Array
from minigan.layers import sigmoid
from minigan.objectives.equation_1 import LOG_2, LOG_4, softplus
from minigan.objectives.objective import Equilibrium, Objective


def minimax_loss(a_fake: Array) -> Any:
    """mean log(1 - D(G(z))) in nats: the term of Eq. 1 that depends on G. -log 2 at equilibrium."""
    return -softplus(a_fake).mean()


def minimax_gradient(a_fake: Array, *, out: Array | None = None) -> Array:
    """d(minimax_loss)/da_fake = -sigma(a_fake) / m = -D / m, (m, 1). `out` may be a_fake."""
    da = sigmoid.forward(a_fake, out=out)
    da /= -len(a_fake)
    return da


minimax = Objective(
    "minimax", minimax_loss, minimax_gradient, Equilibrium(V=-LOG_4, loss_g=-LOG_2, D=1 / 2)
)
