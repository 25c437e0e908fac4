"""Discrete densities: how one is checked, and how sums over its points are computed.

    p(x) >= 0 and finite,   |sum_x p(x) - 1| <= SUM_TOLERANCE = 1e-9

    E_{x~p}[h(x)] = sum_x p(x) h(x),   a point with p(x) = 0 adds 0, even if h(x) is infinite

A density is an array of any shape with one entry per point x; all arithmetic is in float64. The
tolerance accepts every rounding of a float64 normalisation, and rejects a density on a grid that
was not multiplied by the width of its cells. `math.fsum` computes the sums with a single rounding,
so a sum does not depend on the order of the points.

The logarithm of a ratio splits both numbers first: with p = m_p 2^e_p and q = m_q 2^e_q,

    log(p / q) = log(m_p / m_q) + (e_p - e_q) log 2.

p / q itself could overflow, and log p - log q would lose digits where both are near -690.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Density: TypeAlias = NDArray[np.float64]

SUM_TOLERANCE = 1e-9
LARGEST_MASS = float(np.finfo(np.float64).max) / 2


def masses(values: ArrayLike, name: str) -> Density:
    """`values` in float64, checked: non-negative and at most 8.9e307.

    The sum need not be one, so these may be the values of a density on a grid. The bound is half
    the largest float64, so the sum of two values cannot overflow. Raises ValueError, with `name`
    in the message, for a value outside these limits.
    """
    array = np.asarray(values, dtype=np.float64)
    if not np.all((array >= 0) & (array <= LARGEST_MASS)):
        raise ValueError(f"{name} must be finite and non-negative; it holds a value that is not.")
    return array


def same_shape(first: Density, second: Density, names: tuple[str, str]) -> None:
    """Raise ValueError where two arrays differ in shape, so are not on the same points."""
    if first.shape != second.shape:
        raise ValueError(
            f"{names[0]} has shape {first.shape} and {names[1]} has shape {second.shape}; "
            "give both on the same points."
        )


def density_pair(
    first: ArrayLike, second: ArrayLike, names: tuple[str, str] = ("p_data", "p_g")
) -> tuple[Density, Density]:
    """Two densities on the same points, in float64.

    Raises ValueError for a value that `masses` rejects, two different shapes, or a sum that is
    not 1; the message names the density.
    """
    p, q = masses(first, names[0]), masses(second, names[1])
    same_shape(p, q, names)
    for density, name in zip((p, q), names, strict=True):
        total = add_up(density)
        if abs(total - 1) > SUM_TOLERANCE:
            raise ValueError(f"{name} sums to {total:.12g}, not to 1; divide it by its sum.")
    return p, q


def add_up(terms: Density) -> float:
    """The sum of all entries, rounded once; it does not depend on their order."""
    return math.fsum(terms.ravel().tolist())


def weighted(p: Density, values: Density) -> Density:
    """p(x) h(x), and 0 wherever p(x) = 0, so that 0 log 0 = 0; shapes broadcast."""
    shape = np.broadcast_shapes(p.shape, values.shape)
    return np.multiply(p, values, out=np.zeros(shape), where=p > 0)


def log_ratio(p: Density, q: Density) -> Density:
    """log(p / q) in nats for non-negative p and q of one shape, within 4e-16 (1 + |log(p / q)|).

    inf where q = 0 < p, -inf where p = 0 < q, NaN where both are 0, all without a warning.
    """
    (m_p, e_p), (m_q, e_q) = np.frexp(p), np.frexp(q)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(m_p / m_q) + (e_p - e_q) * math.log(2))
