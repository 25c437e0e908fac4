"""Least squares: D's answer a should be 1 for data and 0 for samples (Mao et al. 2017).

    V(D, G) = -1/2 mean (a_real - 1)^2 - 1/2 mean a_fake^2          D ascends V
    loss    =  1/2 mean (a_fake - 1)^2                              G descends this

D's answer is a itself, not sigma(a). For fixed G the best is D* = p_data / (p_data + p_g), as
in Prop. 1. At the equilibrium D = 1/2, so V = -1/4 and the loss is 1/8. The values have no unit.
"""

from __future__ import annotations

from typing import Any

from minigan.arrays import Array, array_module
from minigan.objectives.objective import Equilibrium, Objective


def least_squares_value(a_real: Array, a_fake: Array) -> Any:
    """-1/2 mean (a_real - 1)^2 - 1/2 mean a_fake^2."""
    return -((a_real - 1) ** 2).mean() / 2 - (a_fake**2).mean() / 2


def least_squares_value_gradient(
    a_real: Array, a_fake: Array, *, out: tuple[Array, Array] | None = None
) -> tuple[Array, Array]:
    """((1 - a_real) / m, -a_fake / m), (m, 1) each. `out` may be (a_real, a_fake)."""
    xp = array_module(a_real)
    da_real, da_fake = (None, None) if out is None else out
    da_real = xp.divide(1 - a_real, len(a_real), out=da_real)
    return da_real, xp.divide(a_fake, -len(a_fake), out=da_fake)


def least_squares_loss(a_fake: Array) -> Any:
    """1/2 mean (a_fake - 1)^2."""
    return ((a_fake - 1) ** 2).mean() / 2


def least_squares_gradient(a_fake: Array, *, out: Array | None = None) -> Array:
    """(a_fake - 1) / m, (m, 1). `out` may be a_fake."""
    da: Array = array_module(a_fake).divide(a_fake - 1, len(a_fake), out=out)
    return da


def identity(a: Array) -> Array:
    """a: D's answer is the output of its last layer."""
    return a


least_squares = Objective(
    "least_squares",
    least_squares_loss,
    least_squares_gradient,
    Equilibrium(V=-1 / 4, loss_g=1 / 8, D=1 / 2),
    least_squares_value,
    least_squares_value_gradient,
    D=identity,
    unit="",
)
