"""Relativistic pairs: D compares an example with a sample (Jolicoeur-Martineau 2019, R3GAN 2024).

    V(D, G) = -mean softplus(a_fake - a_real)         D ascends V
    loss    =  mean softplus(a_real - a_fake)         G descends this

softplus(t) = log(1 + e^t), so V = mean log sigma(a_real - a_fake): sigma(a_real - a_fake) is D's
probability that, of the two, x_i is the example and G(z_i) the sample. Row i is one pair. G's loss
is the same with both exchanged. The derivative of softplus is sigma:

    dV/da_real = sigma(a_fake - a_real) / m        dV/da_fake    = -dV/da_real
                                                   dloss/da_fake = -sigma(a_real - a_fake) / m

For a fixed G the best a is that of Prop. 1 plus any constant, log p_data/p_g + c, and then V =
-log 2 + JSD of the two orders of a pair (docs/objectives.md). At the equilibrium both orders of a
pair are equally likely: V = -log 2, and the loss is log 2. Only differences of a have a meaning.
Logs show a as D, with 0 as its equilibrium, which is one choice of c.
"""

from __future__ import annotations

from typing import Any

from minigan.arrays import Array
from minigan.layers import sigmoid
from minigan.objectives.equation_1 import LOG_2, softplus
from minigan.objectives.least_squares_game import identity
from minigan.objectives.objective import Equilibrium, Objective


def relativistic_value(a_real: Array, a_fake: Array) -> Any:
    """-mean softplus(a_fake - a_real) in nats."""
    return -softplus(a_fake - a_real).mean()


def relativistic_value_gradient(
    a_real: Array, a_fake: Array, *, out: tuple[Array, Array] | None = None
) -> tuple[Array, Array]:
    """(sigma(a_fake - a_real) / m, minus the same), (m, 1) each. `out` may be (a_real, a_fake)."""
    da_real, da_fake = (None, None) if out is None else out
    da_real = sigmoid.forward(a_fake - a_real, out=da_real)
    da_real /= len(a_real)
    if da_fake is None:
        return da_real, -da_real
    da_fake[...] = -da_real
    return da_real, da_fake


def relativistic_loss(a_fake: Array, a_real: Array) -> Any:
    """mean softplus(a_real - a_fake) in nats. log 2 at the equilibrium."""
    return softplus(a_real - a_fake).mean()


def relativistic_gradient(a_fake: Array, a_real: Array, *, out: Array | None = None) -> Array:
    """-sigma(a_real - a_fake) / m, (m, 1). `out` may be a_fake."""
    da = sigmoid.forward(a_real - a_fake, out=out)
    da /= -len(a_fake)
    return da


relativistic = Objective(
    "relativistic",
    relativistic_loss,
    relativistic_gradient,
    Equilibrium(V=-LOG_2, loss_g=LOG_2, D=0.0),
    relativistic_value,
    relativistic_value_gradient,
    D=identity,
    pairs=True,
)
