"""Section 2: the gradient of f under Gaussian noise has the gradient of f as its limit.

    lim_{sigma -> 0}  grad_x E_{e ~ N(0, sigma^2 I)}[f(x + e)] = grad_x f(x),    f: R^n -> R

The paper backpropagates through a generative process with this observation. The left-hand side
needs no derivative of f. Differentiating the Gaussian instead of f gives

    grad_x E[f(x + e)] = E[f(x + e) e] / sigma^2 = E[f(x + sigma t) t] / sigma,   t ~ N(0, I),

so both sides can be computed independently and compared. Example for n = 1: E[(x + e)^3] =
x^3 + 3 x sigma^2 has the derivative 3 x^2 + 3 sigma^2, which tends to 3 x^2.

The limit needs an x that can change continuously. For a discrete x, f(round(x)) is constant almost
everywhere: its gradient is 0, and G receives no gradient. So a GAN cannot model discrete data
directly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike

from minigan.theory.densities import Density

MOST_POINTS = 1 << 24


def smoothed_gradient(
    f: Callable[[Density], Density], x: ArrayLike, sigma: float, nodes: int = 32
) -> Density:
    """grad_x E[f(x + e)], e ~ N(0, sigma^2 I), for f: R^n -> R at one x (n,); shape (n,).

    f maps N points as rows (N, n) to N values (N,). The expectation is a Gauss-Hermite quadrature
    on a grid of N = nodes^n points, exact for polynomials whose degree in each variable is at most
    2 nodes - 2; the rounding error is about 1e-16 |f| / sigma. Raises ValueError where sigma is
    not positive and finite, x is not a vector, or nodes^n is above MOST_POINTS = 2^24.
    """
    if not 0 < sigma < math.inf:
        raise ValueError(f"sigma is {sigma}; give a standard deviation above 0.")
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 1 or x.size == 0:
        raise ValueError(f"x has shape {x.shape}; give one point as a vector (n,), n >= 1.")
    n = len(x)
    if nodes**n > MOST_POINTS:
        raise ValueError(f"{nodes} nodes for each of {n} variables are too many; give fewer nodes.")
    t_1, w_1 = np.polynomial.hermite_e.hermegauss(nodes)
    t = np.stack([axis.ravel() for axis in np.meshgrid(*[t_1] * n, indexing="ij")], axis=1)
    w = reduce(np.multiply.outer, [w_1 / math.sqrt(2 * math.pi)] * n).ravel()
    return np.asarray((w * f(x + sigma * t)) @ t / sigma)
