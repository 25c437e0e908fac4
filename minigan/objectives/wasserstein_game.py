"""Wasserstein: D is a critic a(x), and V estimates a distance (Arjovsky et al. 2017).

    V(D, G) = mean a_real - mean a_fake        D ascends V
    loss    = -mean a_fake                     G descends this

Over all critics with slopes of at most 1, the largest V is the Wasserstein-1 distance of p_data and
p_g (Kantorovich and Rubinstein). The slopes are bounded by a penalty on D's input gradient
(`minigan.objectives.penalties.WGANGP`) or by an optimizer that clips theta_d after each update;
without either, V has no bound. V has the unit of x, and is 0 at the equilibrium. A constant added
to a changes nothing, so only differences of a have a meaning. Logs show 0 as the equilibrium of D
and of the loss, which is one choice of this constant.
"""

from __future__ import annotations

from typing import Any

from minigan.arrays import Array, array_module
from minigan.objectives.least_squares_game import identity
from minigan.objectives.objective import Equilibrium, Objective


def wasserstein_value(a_real: Array, a_fake: Array) -> Any:
    """mean a_real - mean a_fake."""
    return a_real.mean() - a_fake.mean()


def wasserstein_value_gradient(
    a_real: Array, a_fake: Array, *, out: tuple[Array, Array] | None = None
) -> tuple[Array, Array]:
    """(1/m, -1/m) in each row, (m, 1) each. `out` may be (a_real, a_fake)."""
    da_real, da_fake = (None, None) if out is None else out
    da_real = array_module(a_real).empty_like(a_real) if da_real is None else da_real
    da_real[...] = 1 / len(a_real)
    return da_real, wasserstein_gradient(a_fake, out=da_fake)


def wasserstein_loss(a_fake: Array) -> Any:
    """-mean a_fake."""
    return -a_fake.mean()


def wasserstein_gradient(a_fake: Array, *, out: Array | None = None) -> Array:
    """-1/m in each row, (m, 1). `out` may be a_fake."""
    da: Array = array_module(a_fake).empty_like(a_fake) if out is None else out
    da[...] = -1 / len(a_fake)
    return da


wasserstein = Objective(
    "wasserstein",
    wasserstein_loss,
    wasserstein_gradient,
    Equilibrium(V=0.0, loss_g=0.0, D=0.0),
    wasserstein_value,
    wasserstein_value_gradient,
    D=identity,
    unit="",
)
