"""Maximum likelihood: G descends -e^a, and with D = D* this descends KL(p_data || p_g).

    D ascends Eq. 1, G descends -mean e^a                       Goodfellow 2014, arXiv:1412.6515

Derivation. The loss is -sum_x p_g e^a. With D = D*, e^a = D / (1 - D) = p_data / p_g. D is fixed in
a G step, so only p_g depends on theta_g, and the gradient of the loss is

    -sum_x (dp_g/dtheta) e^a = -sum_x (dp_g/dtheta) p_data / p_g = -d/dtheta sum_x p_data log p_g

This is the gradient of KL(p_data || p_g), and minus that of the log-likelihood. At the equilibrium
a = 0, so the loss is -1. e^a overflows above a = 88 in float32; the run then stops with the name of
the loss.
"""

from __future__ import annotations

from typing import Any

from minigan.arrays import Array, array_module
from minigan.objectives.equation_1 import LOG_4
from minigan.objectives.objective import Equilibrium, Objective


def maximum_likelihood_loss(a_fake: Array) -> Any:
    """-mean e^a_fake. -1 at the equilibrium."""
    return -array_module(a_fake).exp(a_fake).mean()


def maximum_likelihood_gradient(a_fake: Array, *, out: Array | None = None) -> Array:
    """-e^a_fake / m, (m, 1). `out` may be a_fake."""
    da: Array = array_module(a_fake).exp(a_fake, out=out)
    da /= -len(a_fake)
    return da


maximum_likelihood = Objective(
    "maximum_likelihood",
    maximum_likelihood_loss,
    maximum_likelihood_gradient,
    Equilibrium(V=-LOG_4, loss_g=-1.0, D=1 / 2),
)
