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
from typing import Any, NamedTuple

from minigan.arrays import Array, array_module, larger
from minigan.layers import sigmoid

LOG_2, LOG_4 = math.log(2), math.log(4)


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


class Equilibrium(NamedTuple):
    """The values where p_g = p_data and D is optimal: D's objective V, G's loss, D's answer."""

    V: float
    loss_g: float
    D: float


@dataclass(frozen=True)
class Objective:
    """What both players want, and all that depends on it, as functions of D's logits.

    `value(a_real, a_fake)` is what D ascends, `loss(a_fake)` what G descends; `value_gradient` and
    `loss_gradient` are their gradients, in the logits. Each takes (m, 1) logits; a gradient has an
    `out=` for its result. `D(a)` is D's answer as a function of the logit. `unit` is that of value
    and loss ("" for none). An objective of your own is another instance: docs/extending.md.
    """

    name: str
    loss: Callable[[Array], Any]
    loss_gradient: Callable[..., Array]
    equilibrium: Equilibrium
    value: Callable[[Array, Array], Any] = value
    value_gradient: Callable[..., tuple[Array, Array]] = value_gradient
    D: Callable[[Array], Array] = sigmoid.forward
    unit: str = "nats"

    def value_with_gradient(self, a: Array, weight: float, *, out: Array) -> Any:
        """V of the logits a (2m, 1), data above samples; writes weight dV/da into out (2m, 1)."""
        m = len(a) // 2
        self.value_gradient(a[:m], a[m:], out=(out[:m], out[m:]))
        out *= weight
        return self.value(a[:m], a[m:])

    def loss_with_gradient(self, a: Array, *, out: Array) -> Any:
        """G's loss of the logits a (m, 1); writes its gradient into out (m, 1)."""
        self.loss_gradient(a, out=out)
        return self.loss(a)


minimax = Objective(
    "minimax", minimax_loss, minimax_gradient, Equilibrium(V=-LOG_4, loss_g=-LOG_2, D=1 / 2)
)
non_saturating = Objective(
    "non_saturating",
    non_saturating_loss,
    non_saturating_gradient,
    Equilibrium(V=-LOG_4, loss_g=LOG_2, D=1 / 2),
)
OBJECTIVES = {objective.name: objective for objective in (minimax, non_saturating)}
