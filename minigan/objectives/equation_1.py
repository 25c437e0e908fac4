"""Eq. 1 as a function of D's logits, and its gradients.

    (Eq. 1)    V(D, G) = mean log D(x) + mean log(1 - D(G(z)))       D ascends V

D's last layer returns a logit a, and D = sigma(a) is the probability that x is from the data. With
softplus(a) = log(1 + e^a), whose derivative is sigma(a),

    log D       = -softplus(-a)        d/da log D       = sigma(-a) = 1 - D
    log (1 - D) = -softplus(a)         d/da log (1 - D) = -sigma(a) = -D

V is computed from a by these formulas. D itself is not rounded before the logarithm, so no epsilon
and no clipping is needed. The mean over the m rows of a minibatch estimates the expectation; it
gives the factor 1/m in each gradient.
"""

from __future__ import annotations

import math
from typing import Any

from minigan.arrays import Array, array_module, larger
from minigan.layers import sigmoid

LOG_2, LOG_4 = math.log(2), math.log(4)


def softplus(a: Array) -> Array:
    """log(1 + e^a), computed as larger(a, 0) + log1p(e^-|a|). Any shape; does not overflow."""
    xp = array_module(a)
    # a is the first argument: at a = 0, both terms must take the branch a >= 0. Otherwise the
    # derivative at 0 would be wrong.
    result: Array = larger(a, xp.zeros_like(a)) + xp.log1p(sigmoid.exp_minus_magnitude(a))
    return result


def value(a_real: Array, a_fake: Array) -> Any:
    """V(D, G) of Eq. 1 in nats, from the logits (m, 1) of m examples and of m samples.

    At the equilibrium D = 1/2 everywhere, and V = -log 4 = -1.386.
    """
    return -softplus(-a_real).mean() - softplus(a_fake).mean()


def value_gradient(
    a_real: Array, a_fake: Array, *, out: tuple[Array, Array] | None = None
) -> tuple[Array, Array]:
    """(dV/da_real, dV/da_fake) = (sigma(-a_real) / m, -sigma(a_fake) / m), (m, 1) each.

    `out=(da_real, da_fake)` may be (a_real, a_fake).
    """
    da_real, da_fake = (None, None) if out is None else out
    da_real = sigmoid.forward(-a_real, out=da_real)
    da_real /= len(a_real)
    da_fake = sigmoid.forward(a_fake, out=da_fake)
    da_fake /= -len(a_fake)
    return da_real, da_fake
