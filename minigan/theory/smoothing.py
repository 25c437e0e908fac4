"""Why G may learn through its own samples: noise on x, made small, leaves the gradient of f.

    lim_{sigma -> 0}  grad_x E_{e ~ N(0, sigma^2)}[f(x + e)] = grad_x f(x)

The paper backpropagates through a generative process with this observation. The left-hand side
needs no derivative of f: differentiating the Gaussian instead of f,

    d/dx E[f(x + e)] = E[f(x + e) e] / sigma^2 = E[f(x + sigma t) t] / sigma,   t ~ N(0, 1),

so the two sides are computed in different ways. Example: E[(x + e)^3] = x^3 + 3 x sigma^2 has the
derivative 3 x^2 + 3 sigma^2, which goes to 3 x^2.

The limit needs an x that can move a little. Where x is discrete, f(round(x)) is flat almost
everywhere, its gradient is 0 and G learns nothing: GANs cannot model discrete data directly.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from minigan.theory.densities import Density


def smoothed_gradient(
    f: Callable[[Density], Density], x: ArrayLike, sigma: float, nodes: int = 32
) -> Density:
    """d/dx E[f(x + e)], e ~ N(0, sigma^2), at every entry of x, for an f that acts on entries.

    Gauss-Hermite quadrature with that many nodes, exact for polynomials f of degree up to
    2 nodes - 2; the rounding error is about 1e-16 |f| / sigma. Raises ValueError unless sigma > 0.
    """
    if not 0 < sigma < math.inf:
        raise ValueError(f"sigma is {sigma}; give a standard deviation above 0.")
    t, weights = np.polynomial.hermite_e.hermegauss(nodes)
    x = np.asarray(x, dtype=np.float64)[..., np.newaxis]
    return np.asarray(f(x + sigma * t) @ (weights * t)) / (sigma * math.sqrt(2 * math.pi))
