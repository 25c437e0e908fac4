"""What the best discriminator says, and how much any discriminator is worth (Prop. 1, Eq. 1-3).

    (Eq. 2)   D*(x) = p_data(x) / (p_data(x) + p_g(x))
    (Eq. 3)   V(D, G) = sum_x p_data(x) log D(x) + p_g(x) log(1 - D(x))

V is one sum over x, and each x has a term of its own, a log y + b log(1 - y) with a = p_data(x),
b = p_g(x), y = D(x). So the best D is found point by point. The slope of the term,

    a/y - b/(1 - y) = (a (1 - y) - b y) / (y (1 - y)),

has the sign of a - (a + b) y: the term rises up to y = a / (a + b) and falls from there on. That
is Prop. 1. It holds for a, b >= 0 that are not both 0 (the paper writes R^2 \\ {0}, which would
let negative numbers in). Where both are 0, every D(x) is as good as any other, and D* is NaN.

Up to a factor 2, V is also a log-likelihood. Toss a fair coin Y and draw x from p_data if Y = 1,
from p_g if Y = 0. When D(x) is taken for P(Y = 1 | x), then E[log P(Y | x)] = V(D, G) / 2.
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

    Takes any non-negative values of one shape, also those of densities on a grid. Correct to
    2 units in the last place as long as D* is not subnormal. 1 - D* is
    `optimal_discriminator(p_g, p_data)`, which keeps its digits where 1 - D*(x) would round to 0.
    Raises ValueError for negative or non-finite values and for two shapes.
    """
    p_data, p_g = masses(p_data, "p_data"), masses(p_g, "p_g")
    same_shape(p_data, p_g, ("p_data", "p_g"))
    total = p_data + p_g
    D_star: Density = np.divide(p_data, total, out=np.full(total.shape, np.nan), where=total > 0)
    return D_star


def optimal_logit(p_data: ArrayLike, p_g: ArrayLike) -> Density:
    """a*(x) = log p_data(x) - log p_g(x) in nats, the logit of D*: D* = sigma(a*).

    +inf where p_g(x) = 0, -inf where p_data(x) = 0, NaN where both are, all without a warning.
    Never overflows, however far apart the densities are; the error is at most 4e-16 (1 + |a*|).
    Raises as `optimal_discriminator` does.
    """
    p_data, p_g = masses(p_data, "p_data"), masses(p_g, "p_g")
    same_shape(p_data, p_g, ("p_data", "p_g"))
    return log_ratio(p_data, p_g)


def integrand(a: ArrayLike, b: ArrayLike, y: ArrayLike) -> Density:
    """a log y + b log(1 - y) in nats, the term of Eq. 3 at one x; its maximum is at a / (a + b).

    Shapes broadcast. 0 log 0 = 0; -inf where y rules out what has a > 0 (y = 0) or b > 0 (y = 1).
    Where a = b = 0 it is 0, whatever y is, NaN included. Raises ValueError for a negative or
    non-finite a or b, and for a y outside [0, 1] where a or b is positive.
    """
    a, b, y = masses(a, "a"), masses(b, "b"), np.asarray(y, dtype=np.float64)
    if not np.all(((y >= 0) & (y <= 1)) | ((a == 0) & (b == 0))):
        raise ValueError("D must lie in [0, 1] wherever p_data or p_g is positive.")
    with np.errstate(divide="ignore", invalid="ignore"):
        return weighted(a, np.log(y)) + weighted(b, np.log1p(-y))


def game_value(p_data: ArrayLike, p_g: ArrayLike, D: ArrayLike) -> float:
    """V(D, G) of Eq. 1 in nats, written as the one sum of Eq. 3; p_data, p_g, D of one shape.

    -inf where D is sure and wrong: D(x) = 0 at a point of the data, D(x) = 1 at one of G's. D(x)
    counts as it is given: a D*(x) that was rounded to 1 rules out p_g(x), however small, which
    `criterion` avoids. D may be NaN where both densities are 0. Raises ValueError for
    densities that are none, for other shapes and for D outside [0, 1].
    """
    p_data, p_g = density_pair(p_data, p_g)
    D = np.asarray(D, dtype=np.float64)
    same_shape(p_data, D, ("p_data", "D"))
    return add_up(integrand(p_data, p_g, D))
