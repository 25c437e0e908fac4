"""The exact distributions of Figure 1 in one dimension: p_g of a piecewise linear G, and p_data.

z is uniform on an interval, and G is piecewise linear (rectifiers, linear output). The interval is
divided into n equal cells with ends z_0 < z_1 < ... < z_n, and x_i = G(z_i). If G is linear on a
cell, the mass 1/n of the cell is distributed uniformly between x_i and x_(i+1), so that

    F(e) = P(G(z) <= e) = 1/n sum_i clip((e - lo_i) / (hi_i - lo_i), 0, 1)

           lo_i = min(x_i, x_(i+1)),   hi_i = max(x_i, x_(i+1))

and the mass of p_g between two edges is F(e_(j+1)) - F(e_j). The method uses no kernel and no
samples, so there is no smoothing and no mass is lost. A cell that contains a kink of G contributes
an error of less than 1/n to F. If G is constant on a cell (hi_i = lo_i), the fraction is a step
from 0 to 1 at lo_i.

p_data is a mixture of Gaussians with F(e) = sum_j w_j Phi((e - mu_j) / s).

In the masses of both, the first and the last bin include everything outside the edges, so they sum
to 1.
"""

from __future__ import annotations

import math

import numpy as np

from minigan.arrays import Array
from minigan.data.toys import Mixture


def cdf_of_map(x: Array, edges: Array) -> Array:
    """F of p_g at each edge, float64 like `edges`, from x = G(z) at n + 1 evenly spaced z.

    x (n + 1,) is in the order of z. Raises ValueError if x is not finite or has fewer than two
    elements.
    """
    x = np.asarray(x, dtype=np.float64)
    if x.ndim != 1 or len(x) < 2 or not np.isfinite(x).all():
        raise ValueError("x must be a vector of two or more finite numbers")
    lo, hi = np.minimum(x[:-1], x[1:]), np.maximum(x[:-1], x[1:])
    flat = hi == lo
    width = np.where(flat, 1, hi - lo)
    F = np.empty(len(edges))
    for j, e in enumerate(edges):
        F[j] = np.where(flat, e >= lo, np.clip(e - lo, 0, width) / width).mean()
    return F


def cdf_of_mixture(p_data: Mixture, edges: Array) -> Array:
    """F of p_data at each edge, float64 like `edges`.

    Raises ValueError if the mixture is not one-dimensional.
    """
    if p_data.means.shape[1] != 1:
        raise ValueError(f"the mixture must have 1 dimension, not {p_data.means.shape[1]}")
    t = (np.asarray(edges)[:, None] - p_data.means[:, 0]) / (p_data.s * math.sqrt(2))
    Phi = np.array([[(1 + math.erf(one)) / 2 for one in row] for row in t])
    F: Array = Phi @ p_data.weights
    return F


def masses_of_map(x: Array, edges: Array) -> Array:
    """The mass of p_g in each bin, float64 (bins,), with x as in `cdf_of_map`.

    edges (bins + 1,) are increasing. The first and last bin include everything outside the edges.
    """
    return _between(cdf_of_map(x, edges))


def masses_of_mixture(p_data: Mixture, edges: Array) -> Array:
    """The mass of p_data in each bin, float64 (bins,), with edges as in `masses_of_map`."""
    return _between(cdf_of_mixture(p_data, edges))


def _between(F: Array) -> Array:
    """F(e_(j+1)) - F(e_j), with F = 0 at the first edge and 1 at the last."""
    F[0], F[-1] = 0, 1
    masses: Array = np.diff(F)
    return masses
