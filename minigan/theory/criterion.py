"""C(G): what G descends when D is optimal (Eq. 4, Thm 1, Prop. 2).

    (Eq. 4)   C(G) = max_D V(D, G) = E_{x~p_data}[log D*(x)] + E_{x~p_g}[log(1 - D*(x))]
    (Thm 1)   C(G) >= -log 4, with equality exactly where p_g = p_data
    (Eq. 5)   C(G) = -log 4 + KL(p_data || m) + KL(p_g || m),   m = (p_data + p_g) / 2
    (Eq. 6)   C(G) = -log 4 + 2 JSD(p_data || p_g)

With the logit a* = log p_data - log p_g of D*, and softplus(a) = log(1 + e^a),

    log D* = -softplus(-a*)      log(1 - D*) = -softplus(a*),

so no logarithm is taken of a D* that was rounded to 0 or 1.

Prop. 2 uses three facts. U(p_g, D) = V(D, G) is, for each D, linear in p_g, hence convex.
C = max_D U is a maximum of convex functions, hence convex. The slope of the U that attains the
maximum, dU(p_g, D*)/dp_g = log(1 - D*), is a subgradient of C at p_g: for every density q

    C(q) >= U(q, D*) = C(p_g) + sum_x log(1 - D*(x)) (q(x) - p_g(x)).

So a step down the slope of U(p_g, D*) is a step down C, and C has no local minimum except p_data.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from minigan.theory.densities import Density, add_up, density_pair, weighted
from minigan.theory.discriminator import optimal_logit


def criterion(p_data: ArrayLike, p_g: ArrayLike) -> float:
    """C(G) of Eq. 4 in nats, from -log 4 (p_g = p_data) to 0 (disjoint supports).

    The absolute error is a few 1e-16, so smaller differences of C are noise; `jsd` gives C + log 4
    to full relative accuracy. Raises ValueError for an argument that is not a density and for two
    different shapes.
    """
    p_data, p_g = density_pair(p_data, p_g)
    a = optimal_logit(p_data, p_g)
    log_D, log_one_minus_D = minus_softplus(-a), minus_softplus(a)
    return add_up(weighted(p_data, log_D)) + add_up(weighted(p_g, log_one_minus_D))


def subgradient(p_data: ArrayLike, p_g: ArrayLike) -> Density:
    """log(1 - D*(x)) = dU(p_g, D*)/dp_g(x) in nats, <= 0, in the shape of the densities.

    -inf where p_g(x) = 0 < p_data(x): C falls infinitely steeply as p_g(x) leaves 0. Where both
    are 0, every D(x) attains the maximum; this function takes D(x) = 0, which gives 0, the slope
    of C towards larger p_g(x). Raises ValueError for an argument that is not a density and for
    two different shapes.
    """
    p_data, p_g = density_pair(p_data, p_g)
    slope = minus_softplus(optimal_logit(p_data, p_g))
    return np.where((p_data == 0) & (p_g == 0), 0.0, slope)


def minus_softplus(a: Density) -> Density:
    """-log(1 + e^a), any shape; never overflows, and NaN in gives NaN out without a warning."""
    with np.errstate(invalid="ignore"):
        return np.asarray(-np.logaddexp(0, a))
