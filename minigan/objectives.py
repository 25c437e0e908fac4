"""The objectives of D and G as functions of D's logits: Eq. 1 and its gradients.

    (Eq. 1)          V(D, G) = mean log D(x) + mean log(1 - D(G(z)))       D ascends V
    minimax          mean log(1 - D(G(z)))                                 G descends this
    non-saturating   -mean log D(G(z))     (section 3: "maximise log D")   G descends this

D's last layer returns a logit a, and D = sigma(a) is the probability that x is from the data. With
softplus(a) = log(1 + e^a), whose derivative is sigma(a),

    log D       = -softplus(-a)        d/da log D       = sigma(-a) = 1 - D
    log (1 - D) = -softplus(a)         d/da log (1 - D) = -sigma(a) = -D

All objectives are computed from a by these formulas. D itself is not rounded before the
logarithm, so no epsilon and no clipping is needed. The mean over the m rows of a minibatch
estimates the expectation; it gives the factor 1/m in each gradient.

Both objectives of G increase the logits of samples. Per row, the gradient has the magnitude D / m
(minimax) or (1 - D) / m (non-saturating). Where D rejects samples with confidence, D is near 0 and
the minimax gradient vanishes (section 3). sigma(a) is computed to full relative accuracy, so a
gradient that vanishes here is this effect and not a rounding error.
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
    return da_real, minimax_gradient(a_fake, out=da_fake)


def minimax_loss(a_fake: Array) -> Any:
    """mean log(1 - D(G(z))) in nats: the term of Eq. 1 that depends on G. -log 2 at equilibrium."""
    return -softplus(a_fake).mean()


def minimax_gradient(a_fake: Array, *, out: Array | None = None) -> Array:
    """d(minimax_loss)/da_fake = -sigma(a_fake) / m = -D / m, (m, 1). `out` may be a_fake."""
    da = sigmoid.forward(a_fake, out=out)
    da /= -len(a_fake)
    return da


def non_saturating_loss(a_fake: Array) -> Any:
    """-mean log D(G(z)) in nats (section 3). log 2 at the equilibrium."""
    return softplus(-a_fake).mean()


def non_saturating_gradient(a_fake: Array, *, out: Array | None = None) -> Array:
    """d(non_saturating_loss)/da_fake = -sigma(-a_fake) / m, (m, 1). `out` may be a_fake."""
    da = sigmoid.forward(-a_fake, out=out)
    da /= -len(a_fake)
    return da


class Equilibrium(NamedTuple):
    """The values of V, of G's loss and of D(x) where p_g = p_data and D is optimal."""

    V: float
    loss_g: float
    D: float


@dataclass(frozen=True)
class Objective:
    """The objectives of both players, as functions of D's logits (m, 1).

    name: the name in logs and reports.
    loss(a_fake): the scalar that G descends.
    loss_gradient(a_fake, *, out=None): d(loss)/da_fake, (m, 1).
    equilibrium: the values that logs and plots show for comparison.
    value(a_real, a_fake): the scalar that D ascends.
    value_gradient(a_real, a_fake, *, out=None): (dV/da_real, dV/da_fake), (m, 1) each.
    D(a): D's output as a function of the logit, elementwise.
    unit: the unit of value and loss, for example "nats"; "" for none.

    The defaults are those of Eq. 1. To define a custom objective, make another instance
    (docs/extending.md) and check its gradients with `minigan.check_objective`.
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
        """V of the logits a (2m, 1), examples first; writes weight * dV/da to out (2m, 1)."""
        m = len(a) // 2
        halves = out[:m], out[m:]
        for half, da in zip(halves, self.value_gradient(a[:m], a[m:], out=halves), strict=True):
            if da is not half:  # a function that returned a new array
                half[...] = da
        out *= weight
        return self.value(a[:m], a[m:])

    def loss_with_gradient(self, a: Array, *, out: Array) -> Any:
        """G's loss of the logits a (m, 1) of samples; writes its gradient to out (m, 1)."""
        da = self.loss_gradient(a, out=out)
        if da is not out:
            out[...] = da
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
