"""What D and G want, as functions of D's logits: Eq. 1 and its gradients.

D's last layer gives a logit a, and D = sigma(a) is the probability that x is data. In logits,

    log D       = -softplus(-a)        d/da = sigma(-a) = 1 - D
    log (1 - D) = -softplus(a)         d/da = -sigma(a) = -D

where softplus(a) = log(1 + e^a), whose slope is sigma(a). No logarithm ever sees a rounded 0 or 1:
no epsilon, no clip. The mean over the m rows of a minibatch estimates the expectation; it puts
the factor 1/m into each gradient.

    (Eq. 1)          V(D, G) = mean log D(x) + mean log(1 - D(G(z)))       D ascends V
    minimax          mean log(1 - D(G(z)))                                 G descends this
    non-saturating   -mean log D(G(z))     (section 3: "maximise log D")   G descends this

Both objectives of G pull each fake logit upwards, with strength D (minimax) and 1 - D
(non-saturating). Where D rejects samples with confidence, D is near 0 and only the second pulls:
the tail of sigma *is* the vanishing gradient of section 3, so it keeps all its digits here.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from minigan.arrays import Array, array_module, larger
from minigan.layers import sigmoid

LOG_4 = math.log(4)


def softplus(a: Array) -> Array:
    """log(1 + e^a) = larger(a, 0) + log1p(e^-|a|), any shape; never overflows."""
    xp = array_module(a)
    # a comes first: at a = 0 both terms must take the branch a >= 0, or the slope there is wrong.
    result: Array = larger(a, xp.zeros_like(a)) + xp.log1p(sigmoid.exp_minus_magnitude(a))
    return result


def value(a_real: Array, a_fake: Array) -> Any:
    """V(D, G) of Eq. 1 in nats, from the logits of m data rows and m samples, (m, 1) each.

    At the equilibrium D = 1/2 everywhere and V = -log 4 = -1.386.
    """
    return -softplus(-a_real).mean() - softplus(a_fake).mean()


def value_gradient(
    a_real: Array, a_fake: Array, *, out: tuple[Array, Array] | None = None
) -> tuple[Array, Array]:
    """(dV/da_real, dV/da_fake) = (sigma(-a_real) / m, -sigma(a_fake) / m), shapes of the logits.

    `out=(da_real, da_fake)` may be the logits themselves, in this order.
    """
    da_real, da_fake = (None, None) if out is None else out
    da_real = sigmoid.forward(-a_real, out=da_real)
    da_real /= len(a_real)
    return da_real, minimax_gradient(a_fake, out=da_fake)


def minimax_loss(a_fake: Array) -> Any:
    """mean log(1 - D(G(z))) in nats: G's half of Eq. 1. At the equilibrium -log 2."""
    return -softplus(a_fake).mean()


def minimax_gradient(a_fake: Array, *, out: Array | None = None) -> Array:
    """d/da_fake of `minimax_loss`: -sigma(a_fake) / m = -D / m. `out` may be a_fake."""
    da = sigmoid.forward(a_fake, out=out)
    da /= -len(a_fake)
    return da


def non_saturating_loss(a_fake: Array) -> Any:
    """-mean log D(G(z)) in nats (section 3). At the equilibrium log 2."""
    return softplus(-a_fake).mean()


def non_saturating_gradient(a_fake: Array, *, out: Array | None = None) -> Array:
    """d/da_fake of `non_saturating_loss`: -sigma(-a_fake) / m. `out` may be a_fake."""
    da = sigmoid.forward(-a_fake, out=out)
    da /= -len(a_fake)
    return da


def value_with_gradient(a: Array, weight: float, *, out: Array) -> Any:
    """V in nats of the logits a (2m, 1), data above samples; weight dV/da into out (2m, 1)."""
    m = len(a) // 2
    value_gradient(a[:m], a[m:], out=(out[:m], out[m:]))
    out *= weight
    return value(a[:m], a[m:])


@dataclass(frozen=True)
class GeneratorObjective:
    """A quantity that G descends: its loss and gradient as functions of the fake logits.

    `equilibrium` is the loss, in nats, where p_g = p_data and D = 1/2.
    """

    name: str
    loss: Callable[[Array], Any]
    gradient: Callable[..., Array]
    equilibrium: float


minimax = GeneratorObjective("minimax", minimax_loss, minimax_gradient, -math.log(2))
non_saturating = GeneratorObjective(
    "non_saturating", non_saturating_loss, non_saturating_gradient, math.log(2)
)
OBJECTIVES = {objective.name: objective for objective in (minimax, non_saturating)}
