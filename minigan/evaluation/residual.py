"""The residual |x - G(z)| of a row, its gradient in z, and gradient descent in z.

    f_i = |y_i - x_i|^2, y = G(z)    df_i/dy = 2 (y_i - x_i)    df_i/dz by G's backward pass
    z_i <- z_i - eta_i df_i/dz       if this makes f_i smaller; then eta_i <- 3/2 eta_i
    z_i unchanged                    otherwise; then eta_i <- eta_i / 2

Each row has a rate eta_i of its own, so f_i never increases. The first rate is
f_i / (2 |df_i/dz|^2), half of the step that would make f_i zero if f_i were linear. theta_g does
not change.

The mean of f over the rows is also a loss of an inference network E, at z_i = E(x_i):

    J = 1/m sum_i |x_i - G(E(x_i))|^2        dJ/de_i = (df_i/dz_i) / m
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from minigan.arrays import Array, array_module
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.trace import Trace

ROWS_AT_A_TIME = 1000
LONGER, SHORTER = 1.5, 0.5  # factors of eta_i


def squared_residual(y: Array, x: Array) -> Array:
    """f (m,): the squared distance of each row of y = G(z) (m, n) to the row of x (m, n)."""
    f: Array = ((y - x) * (y - x)).sum(axis=1)
    return f


def residual_gradient(G: Network, g: Trace, x: Array) -> Array:
    """df/dz (m, z_size) by G's backward pass, given its trace g at z. A buffer of the trace."""
    return G.backward(g, 2 * (g.y - x), params=False)[1]


def reconstruction_error(y: Array, x: Array) -> Any:
    """J for reconstructions y = G(E(x)) (m, n) of x (m, n)."""
    return squared_residual(y, x).sum() / len(x)


def reconstruction_gradient(G: Network, g: Trace, x: Array) -> Array:
    """dJ/de (m, z_size) by G's backward pass, given its trace g at e = E(x)."""
    return residual_gradient(G, g, x) / len(x)


def refined(
    G: Network,
    theta_g: Parameters,
    x: Array,
    z: Array,
    steps: int,
    after: Callable[[float], None] = lambda mean: None,
) -> Array:
    """z (N, z_size) after `steps` steps of gradient descent on |G(z) - x|^2, x (N, n).

    `after` is called after each step of each 1,000 rows with the mean residual |x - G(z)| of these
    rows. All arrays are on one device. z is not changed in place.
    """
    starts = range(0, len(z), ROWS_AT_A_TIME)
    slices = [slice(start, start + ROWS_AT_A_TIME) for start in starts]
    blocks = [_refined_rows(G, theta_g, x[rows], z[rows], steps, after) for rows in slices]
    result: Array = array_module(z).concatenate(blocks)
    return result


def _refined_rows(
    G: Network,
    theta_g: Parameters,
    x: Array,
    z: Array,
    steps: int,
    after: Callable[[float], None],
) -> Array:
    xp = array_module(z)
    trace = G.trace(len(z), z.dtype, xp)
    f = squared_residual(G.forward(theta_g, z, trace=trace).y, x)
    dz = residual_gradient(G, trace, x).copy()  # the next pass overwrites the buffer
    size = (dz * dz).sum(axis=1)
    eta = f / xp.where(size > 0, 2 * size, xp.inf)
    for _ in range(steps):
        trial = z - eta[:, None] * dz
        f_trial = squared_residual(G.forward(theta_g, trial, trace=trace).y, x)
        better = f_trial < f
        f = xp.where(better, f_trial, f)
        z = xp.where(better[:, None], trial, z)
        dz = xp.where(better[:, None], residual_gradient(G, trace, x), dz)
        eta = xp.where(better, LONGER * eta, SHORTER * eta)
        after(float(xp.sqrt(f).mean()))
    return z
