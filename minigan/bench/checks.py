"""Nothing is timed before it is right: the check of an iteration, and what happens otherwise.

    difference = max |theta - reference| / max |reference - theta before|

    distance   = |theta - reference| / |reference - theta before|                (Euclid)

over the parameters of one player, after a few iterations from the same theta on the same draws; the
larger of the two players' counts. The denominator is how far theta has moved: a wrong step is a
difference and a distance of order 1. The difference is what is told. The distance decides, because
of kinks: where two pieces of a maxout unit, or a rectifier's input and 0, are equal to the last
digits of float32, rounding decides which way one row of one unit goes, and two right programs
differ there by more than their rounding, but in one unit's weights alone.

For the check D starts with `AMPLIFIED` times its weights, because with those of the recipe G hardly
moves at first: 1e-6 of its weights, where float32 has seven digits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minigan.arrays import Array

ITERATIONS = 3
AMPLIFIED = 40  # D's spread becomes 0.2; training from there would diverge after a while
TOLERANCE = 1e-3  # float32 against float64: 24 bits, sums of a thousand terms, three iterations


class WrongResult(RuntimeError):
    """What was to be timed does not compute what it should: there is nothing to time."""


def difference(theta: Array, reference: Array, before: Array) -> float:
    """max |theta - reference| / max |reference - before|; inf where a number is not finite."""
    moved = float(np.abs(reference - before).max())
    apart = float(np.abs(theta - reference).max())
    return apart / moved if np.isfinite(apart) and moved > 0 else float("inf")


def of_players(
    theta: Sequence[Array], reference: Sequence[Array], before: Sequence[Array]
) -> float:
    """The largest `difference` of the players, each given as its flat theta."""
    return max(difference(*player) for player in zip(theta, reference, before, strict=True))


def distance(theta: Array, reference: Array, before: Array) -> float:
    """|theta - reference| / |reference - before|, Euclid; inf where a number is not finite."""
    moved, apart = np.linalg.norm(reference - before), np.linalg.norm(theta - reference)
    return float(apart / moved) if np.isfinite(apart) and moved > 0 else float("inf")


def agreed(
    what: str, theta: Sequence[Array], reference: Sequence[Array], before: Sequence[Array]
) -> float:
    """`of_players`. Raises WrongResult where a player's distance is beyond the tolerance."""
    require(what, max(distance(*player) for player in zip(theta, reference, before, strict=True)))
    return of_players(theta, reference, before)


def relative(result: Array, expected: Array) -> float:
    """max |result - expected| / max |expected|; inf where a number is not finite."""
    return difference(result, expected, np.zeros_like(expected))


def require(what: str, difference: float, tolerance: float = TOLERANCE) -> float:
    """The difference. Raises WrongResult where it is beyond the tolerance."""
    if not difference <= tolerance:
        raise WrongResult(
            f"{what}: the difference {difference:.2g} is beyond {tolerance:.2g}, so it is not timed"
        )
    return difference
