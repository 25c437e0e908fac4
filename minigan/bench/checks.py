"""The check of an iteration before it is timed: a wrong result is never timed.

    difference = max |theta - reference| / max |reference - theta before|

    distance   = |theta - reference| / |reference - theta before|       (Euclidean norms)

Both are computed for the parameters of one player, after a few iterations from the same theta with
the same draws; the larger value of the two players counts. The denominator is the distance that
theta has moved, so a wrong step has a difference and a distance of order 1.

The difference is reported. The distance decides, because of near ties: if two pieces of a maxout
unit, or the input of a rectifier and 0, are equal up to rounding, then rounding decides where the
gradient of that row goes. Two correct programs can therefore differ by more than their rounding
errors, but only in the weights of one unit.

For the check, the weights of D are multiplied by `AMPLIFIED`. With the recipe's own weights G
hardly moves at first, by 1e-6 of its weights, and float32 has only seven digits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minigan.arrays import Array

ITERATIONS = 3
AMPLIFIED = 40  # the spread of D's outputs becomes 0.2; longer training from here would diverge
TOLERANCE = 1e-3  # float32 and float64: 24 bits, sums of a thousand terms, three iterations


class WrongResult(RuntimeError):
    """The result of a computation that was to be timed is wrong."""


def difference(theta: Array, reference: Array, before: Array) -> float:
    """max |theta - reference| / max |reference - before|; inf if a number is not finite."""
    moved = float(np.abs(reference - before).max())
    largest = float(np.abs(theta - reference).max())
    return largest / moved if np.isfinite(largest) and moved > 0 else float("inf")


def largest_difference(
    theta: Sequence[Array], reference: Sequence[Array], before: Sequence[Array]
) -> float:
    """The largest `difference` of the players; each sequence has one flat theta per player."""
    return max(difference(*player) for player in zip(theta, reference, before, strict=True))


def distance(theta: Array, reference: Array, before: Array) -> float:
    """|theta - reference| / |reference - before|, Euclidean; inf if a number is not finite."""
    moved, error = np.linalg.norm(reference - before), np.linalg.norm(theta - reference)
    return float(error / moved) if np.isfinite(error) and moved > 0 else float("inf")


def require_agreement(
    what: str, theta: Sequence[Array], reference: Sequence[Array], before: Sequence[Array]
) -> float:
    """`largest_difference`. Raises WrongResult if a player's distance exceeds `TOLERANCE`."""
    require(what, max(distance(*player) for player in zip(theta, reference, before, strict=True)))
    return largest_difference(theta, reference, before)


def relative_difference(result: Array, expected: Array) -> float:
    """max |result - expected| / max |expected|; inf if a number is not finite."""
    return difference(result, expected, np.zeros_like(expected))


def require(what: str, difference: float, tolerance: float = TOLERANCE) -> float:
    """The difference. Raises WrongResult if it exceeds the tolerance or is NaN."""
    if not difference <= tolerance:
        raise WrongResult(
            f"{what}: the difference {difference:.2g} is larger than the tolerance "
            f"{tolerance:.2g}, so it is not timed"
        )
    return difference
