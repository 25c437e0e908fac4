"""Kullback-Leibler and Jensen-Shannon divergence, in nats.

    KL(p || q)  = sum_x p log(p / q)
    JSD(p || q) = 1/2 KL(p || m) + 1/2 KL(q || m),   m = (p + q) / 2

Near p = q the terms p log(p/q) have both signs and cancel: rounding errors of 1e-16 would hide a
divergence of 1e-17. Both densities sum to one, so each term may be replaced by

    excess(p, q) = p log(p / q) - p + q  >= 0,

which has the same sum, and no term is negative. With v = (p - q) / (p + q),
log(p / q) = 2 atanh(v), so

    excess(p, q) = (p - q) v + 2 p (v^3/3 + v^5/5 + v^7/7 + ...),

which is used for |v| < 1/10, where p - q is exact in floating point. The relative error of a
divergence is about 1e-14, also where only entries near 1e-300 differ.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from minigan.theory.densities import Density, add_up, density_pair, log_ratio, weighted

SERIES_BELOW = 0.1
LAST_POWER = 17  # at v = 1/10 the next term, v^19/19, is below 1e-20: less than float64 resolves


def kl(p: ArrayLike, q: ArrayLike) -> float:
    """KL(p || q) in nats, >= 0; inf where q(x) = 0 < p(x), 0 exactly where p = q.

    A q that sums to 1 + s gives a result larger by s (at most 1e-9, see `densities`). Raises
    ValueError for an argument that is not a density and for two different shapes.
    """
    p, q = density_pair(p, q, ("p", "q"))
    return add_up(excess(p, q, p - q))


def jsd(p: ArrayLike, q: ArrayLike) -> float:
    """JSD(p || q) in nats, symmetric: 0 only where p = q, log 2 for disjoint supports.

    As accurate as `kl`, also for densities that differ in their last digit. It uses 2p and
    p + q = 2m, with excess(c p, c q) = c excess(p, q): these are exact, while m of the smallest
    numbers would round to 0. Raises ValueError for an argument that is not a density and for two
    different shapes.
    """
    p, q = density_pair(p, q, ("p", "q"))
    return (add_up(excess(2 * p, p + q, p - q)) + add_up(excess(2 * q, p + q, q - p))) / 4


def excess(p: Density, q: Density, difference: Density) -> Density:
    """p log(p / q) - p + q >= 0. `difference` is p - q, which the caller may have more exactly."""
    total = p + q
    v = np.divide(difference, total, out=np.zeros(total.shape), where=total > 0)
    near = np.abs(v) < SERIES_BELOW
    w = np.where(near, v, 0.0)
    series = np.zeros(total.shape)
    for power in range(LAST_POWER, 1, -2):
        series = (series + 1 / power) * w**2
    far = weighted(p, log_ratio(p, q)) - difference
    return np.where(near, difference * w + 2 * p * (w * series), far)
