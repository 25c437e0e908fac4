"""A discrete density gives each point of a finite set a probability; this is how one is checked.

    p(x) >= 0 and finite,   |sum_x p(x) - 1| <= SUM_TOLERANCE = 1e-9

    E_{x~p}[h(x)] = sum_x p(x) h(x),   where p(x) = 0 counts 0, even if h(x) is infinite

Densities are arrays of any one shape, each entry a point x; all arithmetic is in float64. The
tolerance lets any rounding of a float64 normalisation through, and stops a density on a grid that
was not multiplied by the width of its cells. Sums are made by `math.fsum`, which rounds once:
they do not depend on the order of the points.

Ratios are taken apart before their logarithm is: with p = m_p 2^e_p and q = m_q 2^e_q,

    log(p / q) = log(m_p / m_q) + (e_p - e_q) log 2,

which never overflows as p / q may, and loses no digits as log p - log q does near -690.
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
    """`values` in float64, refused with a ValueError unless non-negative and at most 8.9e307.

    These are the values of a density that need not sum to one, such as those on a grid; the bound
    is half the largest float64, so that two of them can be added.
    """
    array = np.asarray(values, dtype=np.float64)
    if not np.all((array >= 0) & (array <= LARGEST_MASS)):
        raise ValueError(f"{name} must be finite and non-negative; it holds a value that is not.")
    return array


def same_shape(first: Density, second: Density, names: tuple[str, str]) -> None:
    """Refuses, with a ValueError, two arrays that do not describe the same points."""
    if first.shape != second.shape:
        raise ValueError(
            f"{names[0]} has shape {first.shape} and {names[1]} has shape {second.shape}; "
            "give both on the same points."
        )


def density_pair(
    first: ArrayLike, second: ArrayLike, names: tuple[str, str] = ("p_data", "p_g")
) -> tuple[Density, Density]:
    """Two densities on the same points, in float64; a ValueError says what is wrong with them."""
    p, q = masses(first, names[0]), masses(second, names[1])
    same_shape(p, q, names)
    for density, name in zip((p, q), names, strict=True):
        total = add_up(density)
        if abs(total - 1) > SUM_TOLERANCE:
            raise ValueError(f"{name} sums to {total:.12g}, not to 1; divide it by its sum.")
    return p, q


def add_up(terms: Density) -> float:
    """The sum of all entries, rounded once; the order of the entries plays no part."""
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
