"""The slopes of a function to the left and to the right of a point, and whether they differ.

    right = lim (L(x + h) - L(x)) / h,     left = lim (L(x) - L(x - h)) / h,     h -> 0+

At a kink the two stay apart as h shrinks; at a smooth point, however curved, they meet. The limits
are extrapolated from a falling sequence of steps (Richardson's scheme for F(h) = F(0) + a h + b h^2
+ ...), and the step that balances curvature against rounding is chosen by the error it leaves
(Ridders, "Accurate computation of F'(x) and F'(x) F''(x)", 1982).
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
SHRINK = 4.0  # each step is a quarter of the one before


@dataclass(frozen=True)
class Slopes:
    """One-sided derivatives of L along a line, with the error of either (inf: no limit seen)."""

    left: float
    right: float
    error: float

    @property
    def middle(self) -> float:
        """The derivative where the slopes agree; what a central difference tends to elsewhere."""
        return (self.left + self.right) / 2

    def settled(self, scale: float) -> bool:
        """Is the error small beside the slopes, or beside a scale given?"""
        return self.error <= 1e-3 * max(scale, abs(self.left), abs(self.right))

    def kink(self, allowance: float) -> bool:
        """Do the slopes differ by more than the allowance and ten times their own error?"""
        return abs(self.right - self.left) > allowance + 10 * self.error


def rounding(line: Line, step: float) -> float:
    """How far rounding of L alone may move a difference quotient: 8 eps sum|dy y| / step."""
    return 8 * EPSILON * line.pair.magnitude / step


def y_or_nan(line: Line, t: float) -> Array:
    """y at a real point of the line; NaN where forward refuses the point (its domain may end)."""
    try:
        return line.y(t)
    except GradcheckInputError:
        raise
    except Exception:  # the unperturbed call succeeded, so this is about the point, not the code
        return np.full_like(line.pair.dy, np.nan)


def slopes(line: Line, enough: float) -> Slopes:
    """The one-sided derivatives at t = 0; steps stop shrinking once the error is <= enough."""
    pair, steps, right, left = line.pair, [], [], []
    best = Slopes(math.nan, math.nan, math.inf)
    for step in (fraction * line.unit for fraction in STEPS):
        steps.append(step)
        with np.errstate(all="ignore"):
            right.append(float(np.sum(pair.dy * (y_or_nan(line, step) - pair.y))) / step)
            left.append(float(np.sum(pair.dy * (pair.y - y_or_nan(line, -step)))) / step)
        noise = [2 * rounding(line, h) for h in steps]
        (to_left, error_left), (to_right, error_right) = limit(left, noise), limit(right, noise)
        best = Slopes(to_left, to_right, max(error_left, error_right))
        if best.error <= enough:
            break
    return best


def limit(values: Sequence[float], noise: Sequence[float]) -> tuple[float, float]:
    """F(0) and its error from F(h_0), F(h_1), ... with h_k = h_0 / 4^k and known rounding noise.

    First T1 = (4 F(h_k) - F(h_{k-1})) / 3, free of the term in h, then T2 = (16 T1 - T1') / 15,
    free of h^2. The error of T2 is its distance to the two T1 it came from, plus the noise; the T2
    of least error is the answer. (nan, inf) when there is none.
    """
    answer, least = math.nan, math.inf
    first = [extrapolated(a, b, SHRINK) for a, b in pairwise(values)]
    for k, (old, new) in enumerate(pairwise(first)):
        second = extrapolated(old, new, SHRINK**2)
        error = max(abs(second - old), abs(second - new)) + noise[k + 2]
        if error < least:
            answer, least = second, error
    return answer, least


def extrapolated(coarse: float, fine: float, ratio: float) -> float:
    """Richardson's step: what is left when a term `ratio` times smaller in `fine` is removed."""
    return (ratio * fine - coarse) / (ratio - 1)
