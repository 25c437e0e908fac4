"""The optimal discriminator D* and the value V of any discriminator (Prop. 1, Eq. 1 to 3).

    (Eq. 2)   D*(x) = p_data(x) / (p_data(x) + p_g(x))
    (Eq. 3)   V(D, G) = sum_x p_data(x) log D(x) + p_g(x) log(1 - D(x))

V is one sum over x, and each x has its own term a log y + b log(1 - y), with a = p_data(x),
b = p_g(x), y = D(x). So the optimal D can be found at each point separately. The slope of the term,

    a/y - b/(1 - y) = (a (1 - y) - b y) / (y (1 - y)),

has the sign of a - (a + b) y: the term rises up to y = a / (a + b) and falls above it. That is
Prop. 1. It holds for a, b >= 0 that are not both 0 (the paper writes R^2 \\ {0}, which includes
negative numbers). Where both are 0, every D(x) gives the same V, and D* is NaN here.

V is also a log-likelihood, up to a factor 2. Toss a fair coin Y and draw x from p_data if Y = 1,
from p_g if Y = 0. If D(x) is the model of P(Y = 1 | x), then E[log P(Y | x)] = V(D, G) / 2.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from minigan.theory.densities import (
    Density,
    add_up,
    density_pair,
    log_ratio,
    masses,
    same_shape,
    weighted,
)


def optimal_discriminator(p_data: ArrayLike, p_g: ArrayLike) -> Density:
    """D*(x) of Eq. 2, in [0, 1]; NaN, without a warning, where p_data(x) = p_g(x) = 0.

    Accepts non-negative values of one shape, including those of densities on a grid. Correct to
    2 units in the last place unless D* is subnormal. 1 - D* is
    `optimal_discriminator(p_g, p_data)`, which keeps its digits where D* is close to 1.
    Raises ValueError for negative or non-finite values and for two different shapes.
    """
    p_data, p_g = masses(p_data, "p_data"), masses(p_g, "p_g")
    same_shape(p_data, p_g, ("p_data", "p_g"))
    total = p_data + p_g
    D_star: Density = np.divide(p_data, total, out=np.full(total.shape, np.nan), where=total > 0)
    return D_star


def optimal_logit(p_data: ArrayLike, p_g: ArrayLike) -> Density:
    """a*(x) = log p_data(x) - log p_g(x) in nats, the logit of D*: D* = sigma(a*).

    +inf where only p_g(x) is 0, -inf where only p_data(x) is 0, NaN where both are, all without a
    warning. Never overflows; the error is at most 4e-16 (1 + |a*|). Raises the errors of
    `optimal_discriminator`.
    """
    p_data, p_g = masses(p_data, "p_data"), masses(p_g, "p_g")
    same_shape(p_data, p_g, ("p_data", "p_g"))
    return log_ratio(p_data, p_g)


def integrand(a: ArrayLike, b: ArrayLike, y: ArrayLike) -> Density:
    """a log y + b log(1 - y) in nats, the term of Eq. 3 at one x; its maximum is at a / (a + b).

    Shapes broadcast. 0 log 0 = 0; -inf where y = 0 and a > 0, or y = 1 and b > 0. Where a = b = 0
    the result is 0 for every y, NaN included. Raises ValueError for a negative or non-finite a or
    b, and for a y outside [0, 1] where a or b is positive.
    """
    a, b, y = masses(a, "a"), masses(b, "b"), np.asarray(y, dtype=np.float64)
    if not np.all(((y >= 0) & (y <= 1)) | ((a == 0) & (b == 0))):
        raise ValueError("D must lie in [0, 1] wherever p_data or p_g is positive.")
    with np.errstate(divide="ignore", invalid="ignore"):
        return weighted(a, np.log(y)) + weighted(b, np.log1p(-y))


def game_value(p_data: ArrayLike, p_g: ArrayLike, D: ArrayLike) -> float:
    """V(D, G) of Eq. 1 in nats, written as the one sum of Eq. 3; p_data, p_g, D of one shape.

    -inf where D(x) = 0 at a point with p_data(x) > 0, or D(x) = 1 at a point with p_g(x) > 0. D is
    used exactly as given: a D*(x) that was rounded to 1 gives -inf for every positive p_g(x);
    `criterion` avoids that. D may be NaN where both densities are 0. Raises ValueError for
    an argument that is not a density, for different shapes and for D outside [0, 1].
    """
    p_data, p_g = density_pair(p_data, p_g)
    D = np.asarray(D)
    same_shape(p_data, D, ("p_data", "D"))
    return add_up(integrand(p_data, p_g, D))
