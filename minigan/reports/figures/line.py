"""p_g on the line, exactly: every sliver of z keeps its mass, wherever G puts it.

z is uniform on an interval and G is piecewise linear (rectifiers, linear output). Cut the interval
into n equal cells with ends z_0 < z_1 < ... < z_n and write x_i = G(z_i). Where G is linear on a
cell, the cell's mass 1/n lies evenly between x_i and x_(i+1), so that

    F(e) = P(G(z) <= e) = 1/n sum_i clip((e - lo_i) / (hi_i - lo_i), 0, 1)

           lo_i = min(x_i, x_(i+1)),   hi_i = max(x_i, x_(i+1))

and the mass of p_g between two edges is F(e_(j+1)) - F(e_j). No kernel, no sample: nothing is
smoothed and no mass is lost. A cell with a kink of G inside is out by less than its own 1/n, and
so is F. Where hi_i = lo_i (G is flat there), the fraction is the step from 0 to 1 at lo_i.

p_data is a mixture of Gaussians, whose masses need no grid: F(e) = sum_j w_j Phi((e - mu_j) / s).

The first and the last bin are open to the outside, for both: their masses always sum to 1.
"""

from __future__ import annotations

import math

import numpy as np

from minigan.arrays import Array
from minigan.data.toys import Mixture


def masses_of_map(x: Array, edges: Array) -> Array:
    """The mass of p_g in each bin, float64 (bins,), given x = G(z) at n + 1 evenly spaced z.

    x (n + 1,) in the order of z; edges (bins + 1,), rising. The outermost bins take all that lies
    beyond them. Raises ValueError where x is not finite, or holds fewer than two numbers.
    """
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 1 or len(x) < 2 or not np.isfinite(x).all():
        raise ValueError("x must be two or more finite numbers, G at evenly spaced z")
    lo, hi = np.minimum(x[:-1], x[1:]), np.maximum(x[:-1], x[1:])
    flat, width = hi == lo, np.where(hi == lo, 1, hi - lo)
    F = np.empty(len(edges))
    for j, e in enumerate(edges):
        F[j] = np.where(flat, e >= lo, np.clip(e - lo, 0, width) / width).mean()
    return _between(F)


def masses_of_mixture(p_data: Mixture, edges: Array) -> Array:
    """The mass of p_data in each bin, float64 (bins,), from the error function; edges as above.

    Raises ValueError for a mixture that is not on the line.
    """
    if p_data.means.shape[1] != 1:
        raise ValueError("the mixture must be one on the line")
    t = (np.asarray(edges)[:, None] - p_data.means[:, 0]) / (p_data.s * math.sqrt(2))
    Phi = np.array([[(1 + math.erf(one)) / 2 for one in row] for row in t])
    return _between(Phi @ p_data.weights)


def _between(F: Array) -> Array:
    """F(e_(j+1)) - F(e_j), with F = 0 before the first bin and 1 after the last."""
    F[0], F[-1] = 0, 1
    masses: Array = np.diff(F)
    return masses
