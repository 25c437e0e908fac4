"""The Wasserstein-1 distance on the line: the area between two distribution functions.

    W1(p, q) = integral |F(x) - F_q(x)| dx,     F(x) = P(X <= x) of p, F_q of q

W1 is the least mean distance by which mass has to move to turn q into p. By Kantorovich and
Rubinstein it is also the largest difference of two means,

    W1(p, q) = max over f with |f'| <= 1 of  E_p[f] - E_q[f] = - integral f' (F - F_q) dx,

where the equation on the right is integration by parts. So the best f falls with the slope -1 where
F > F_q, and rises with the slope 1 where F < F_q.

W1 depends on the distance of the points, which KL and JSD do not: two masses at 0 and at theta have
W1 = |theta| with the slope -1 or 1, and JSD = log 2 with the slope 0, for every theta except 0.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from minigan.theory.densities import Density, add_up, density_pair, same_shape


def w1(x: ArrayLike, p_data: ArrayLike, p_g: ArrayLike) -> float:
    """W1 of two densities on the points x (n,) of the line, in the unit of x.

    x increases. Raises ValueError for an x that does not, for an argument that is not a density,
    and for different shapes.
    """
    p_data, p_g = density_pair(p_data, p_g)
    x = _increasing(x)
    same_shape(x, p_data, ("x", "p_data"))
    h = np.cumsum(p_data - p_g)[:-1]  # F - F_g, constant from each point to the next
    return add_up(abs(h) * np.diff(x))


def area_between(x: ArrayLike, F: ArrayLike, F_g: ArrayLike) -> float:
    """W1 of two distribution functions that are linear between the points x (n,).

    F and F_g (n,) are their values at x. With h = F - F_g from a to b in a gap of the width d,

        integral |h| = d (|a| + |b|) / 2                    if a and b have the same sign
                       d (a^2 + b^2) / (2 (|a| + |b|))      if not: two triangles

    The area outside of x is not counted. Raises ValueError for an x that does not increase and
    for different shapes.
    """
    x, F, F_g = _increasing(x), np.asarray(F, dtype=np.float64), np.asarray(F_g, dtype=np.float64)
    same_shape(F, F_g, ("F", "F_g"))
    same_shape(x, F, ("x", "F"))
    a, b = (F - F_g)[:-1], (F - F_g)[1:]
    total = abs(a) + abs(b)
    crossed = np.divide(a * a + b * b, total, out=np.zeros(a.shape), where=total > 0)
    return add_up(np.diff(x) * np.where(a * b < 0, crossed, total) / 2)


def _increasing(x: ArrayLike) -> Density:
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 1 or not np.all(np.diff(x) > 0) or not np.isfinite(x).all():
        raise ValueError("x must be a vector of finite numbers that increase.")
    return x
