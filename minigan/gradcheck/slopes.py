"""One-sided derivatives at a point, used to detect kinks.

    right = lim (L(x + h) - L(x)) / h,     left = lim (L(x) - L(x - h)) / h,     h -> 0+

At a smooth point the two limits are equal, at a kink they differ. Each limit is extrapolated from
difference quotients at decreasing steps h (Richardson's method for F(h) = F(0) + a h + b h^2
+ ...). Of the estimates at all steps, the one with the smallest error is returned; its step
balances truncation error against rounding error (Ridders, "Accurate computation of F'(x) and
F'(x) F''(x)", 1982).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.pair import GradcheckInputError, Line

EPSILON = float(np.finfo(np.float64).eps)
STEPS = tuple(2.0**-power for power in range(8, 50, 2))
SHRINK = 4.0  # ratio of two consecutive steps


@dataclass(frozen=True)
class Slopes:
    """The one-sided derivatives of L along a line; `error` bounds both (inf: no limit found)."""

    left: float
    right: float
    error: float

    @property
    def middle(self) -> float:
        """The mean of both slopes: the derivative at a smooth point, the limit of central
        differences at a kink."""
        return (self.left + self.right) / 2

    def converged(self, scale: float) -> bool:
        """Is the error at most 1e-3 of the larger slope, or 1e-3 of `scale` if that is larger?"""
        return self.error <= 1e-3 * max(scale, abs(self.left), abs(self.right))

    def kink(self, allowance: float) -> bool:
        """Do the slopes differ by more than the allowance plus ten times their error?"""
        return abs(self.right - self.left) > allowance + 10 * self.error


def rounding_error(line: Line, step: float) -> float:
    """A bound on the rounding error of a difference quotient: 8 eps sum|dy y| / step."""
    return 8 * EPSILON * line.pair.magnitude / step


def y_or_nan(line: Line, t: float) -> Array:
    """y at a real point of the line; NaN where forward raises (the point may be out of domain)."""
    try:
        return line.y(t)
    except GradcheckInputError:
        raise
    except Exception:  # the unperturbed call succeeded, so the cause is the point, not the code
        return np.full_like(line.pair.dy, np.nan)


def one_sided_slopes(line: Line, enough: float) -> Slopes:
    """The one-sided derivatives at t = 0; no smaller step is tried once the error is <= enough."""
    pair, steps, right, left = line.pair, [], [], []
    best = Slopes(math.nan, math.nan, math.inf)
    for step in (fraction * line.scale for fraction in STEPS):
        steps.append(step)
        with np.errstate(all="ignore"):
            right.append(float(np.sum(pair.dy * (y_or_nan(line, step) - pair.y))) / step)
            left.append(float(np.sum(pair.dy * (pair.y - y_or_nan(line, -step)))) / step)
        noise = [2 * rounding_error(line, h) for h in steps]
        left_limit, left_error = extrapolated_limit(left, noise)
        right_limit, right_error = extrapolated_limit(right, noise)
        best = Slopes(left_limit, right_limit, max(left_error, right_error))
        if best.error <= enough:
            break
    return best


def extrapolated_limit(values: Sequence[float], noise: Sequence[float]) -> tuple[float, float]:
    """F(0) and its error from F(h_0), F(h_1), ... with h_k = h_0 / 4^k and known rounding noise.

    T1 = (4 F(h_k) - F(h_{k-1})) / 3 has no term in h, and T2 = (16 T1 - T1') / 15 has none in h^2.
    The error of T2 is its larger distance to the two T1 that it is computed from, plus the noise.
    Returns the T2 of smallest error, or (nan, inf) if there is none.
    """
    best, least_error = math.nan, math.inf
    first = [extrapolated(a, b, SHRINK) for a, b in pairwise(values)]
    for k, (old, new) in enumerate(pairwise(first)):
        second = extrapolated(old, new, SHRINK**2)
        error = max(abs(second - old), abs(second - new)) + noise[k + 2]
        if error < least_error:
            best, least_error = second, error
    return best, least_error


def extrapolated(coarse: float, fine: float, ratio: float) -> float:
    """One Richardson step: removes an error term that is `ratio` times smaller in `fine`."""
    return (ratio * fine - coarse) / (ratio - 1)
