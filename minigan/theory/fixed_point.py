"""Section 3: the minimax and the non-saturating objective of G have the same fixed point.

    minimax          G descends   E_{x~p_g}[h(x)],   h = log(1 - D)
    non-saturating   G descends   E_{x~p_g}[h(x)],   h = -log D

Here G is a table of probabilities, p_g = softmax(theta_g), and D is held fixed in an update of G:

    d/dtheta_g(x) E_{p_g}[h] = p_g(x) s(x),      s(x) = h(x) - E_{p_g}[h]

Call s the slope. For a positive p_g the gradient is 0 exactly where h has the same value at every
point. Both h are strictly decreasing functions of D, so each is constant exactly where D is
constant. With D = D* = p_data / (p_data + p_g) this means: p_g / p_data is constant, so
p_g = p_data, because both sum to one. This is the only fixed point of either objective; D* = 1/2
there.

Both objectives also converge to it. Let r = log(p_g / p_data). The step p_g exp(-eta s) / Z gives,
up to a constant that is the same at all points,

    minimax          r <- r + eta log(1 + e^-r)      dr_new/dr = 1 - eta sigma(-r)
    non-saturating   r <- r - eta log(1 + e^r)       dr_new/dr = 1 - eta sigma(r)

For 0 < eta <= 1 both derivatives are between 0 and 1, so each step reduces max r - min r, down to
0 in the limit. The two differ in speed: minimax is slow where p_g is much larger than p_data (D*
near 0, the saturation of section 3), non-saturating where p_g is much smaller.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from minigan.theory.criterion import minus_softplus
from minigan.theory.densities import Density, add_up, density_pair
from minigan.theory.discriminator import optimal_logit


class GeneratorSlopes(NamedTuple):
    """s(x) = h(x) - E_{p_g}[h] of both objectives of G in nats; each has mean 0 under p_g."""

    minimax: Density
    non_saturating: Density


def generator_slopes(p_data: ArrayLike, p_g: ArrayLike) -> GeneratorSlopes:
    """The slopes of both objectives of G for D = D*, in the shape of the densities.

    Both are exactly 0 everywhere where p_g = p_data, and neither is 0 everywhere for another p_g.
    Raises ValueError for an argument that is not a density, for two different shapes, and for a
    density that is 0 at a point: there D* is 0 or 1 and one of the slopes is infinite.
    """
    p_data, p_g = density_pair(p_data, p_g)
    if not np.all((p_data > 0) & (p_g > 0)):
        raise ValueError("p_data and p_g must be positive at every point.")
    a = optimal_logit(p_data, p_g)
    log_D, log_one_minus_D = minus_softplus(-a), minus_softplus(a)
    return GeneratorSlopes(_centred(p_g, log_one_minus_D), _centred(p_g, -log_D))


def _centred(p_g: Density, h: Density) -> Density:
    """h - E_{p_g}[h]."""
    # Relative to its first entry a constant h is exactly 0, and so is the result.
    difference = h - h.flat[0]
    return np.asarray(difference - add_up(p_g * difference))
