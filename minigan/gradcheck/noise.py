"""A bound on the rounding error of y, from second differences along a line.

    s(d) = |y(x + dv) - 2 y(x) + y(x - dv)| / 2

s is proportional to d**2 where rounding errors are small. Where it does not decrease with d like
that, it is noise, unless y changes with less noise for several smaller d: then y has structure on
the scale of d, for example a kink or a wave.

A part of y that is computed in float32, or from a saturated function, is a staircase: for the
smallest d, it does not change, and s is that of the other parts alone. So s falls at once where d
becomes smaller than a stair, and y jumps on both sides. The noise of larger d is kept there.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.pair import Line

SMALLEST = 2.0**-1074
QUIET = 3  # smaller steps in succession with less noise
FINEST_STRUCTURE = 50  # structure on a scale below 2**-50 of x is float64 inside long double
REACH, COARSEST = 2.0**18, 2.0**-5  # a jump is searched for at up to REACH d, and up to this step
HALVINGS, JUMP = 32, 2.0**-8  # of the interval with a jump; its size, relative to the noise


@np.errstate(all="ignore")
def rounding_noise(line: Line) -> Array:
    """A bound on the rounding error of each entry of y.

    At least a unit in the last place is assumed, and at least the same relative noise in all
    entries.
    """
    line = replace(line, pair=line.pair.extended)
    y = line.pair.y
    size = np.abs(y)
    least = noise = np.maximum(line.pair.epsilon * size, SMALLEST)
    larger: Array = np.full_like(size, np.inf)
    quiet, stairs = np.zeros_like(size), np.zeros(size.shape, dtype=bool)
    for power in range(5, 63, 3):
        d = 2.0**-power
        ahead, behind = line.y_or_nan(d), line.y_or_nan(-d)
        s = np.abs(ahead - 2 * y + behind) / 2
        s = np.where(np.isfinite(s), s, 0.0)
        moved = (ahead != y) | (behind != y)
        less = noise * np.where(quiet >= QUIET, 2.0**-2, 2.0**-8)
        quieter = moved & (s <= less) & ~stairs
        fell = quieter & (quiet == QUIET - 1)
        if np.any(fell):
            loudest = int(np.argmax(np.where(fell, noise, 0.0)))
            stairs |= fell & is_staircase(line, d, loudest, noise[loudest])
        quiet = np.where(quieter & ~stairs, quiet + 1, 0)
        rough = s > larger / 16  # a smooth function would give larger / 64
        noise = np.maximum(noise, np.where(rough, 2 * s, 0.0))
        if power <= FINEST_STRUCTURE:  # below, long double moves, but a float64 inside does not
            noise = np.where(quiet >= QUIET, np.maximum(least, 2 * s), noise)
        larger = s
    typical = float(np.linalg.norm(size)) / max(size.size, 1) ** 0.5
    relative = float(np.max(noise / np.maximum(size, typical or 1.0), initial=0.0))
    return np.maximum(noise, relative * size)


def is_staircase(line: Line, d: float, j: int, noise: float) -> bool:
    """Does y_j jump by about its noise on both sides of x, farther away than d?"""
    return all(has_jump(line, side * d, j, JUMP * noise) for side in (1, -1))


def has_jump(line: Line, d: float, j: int, size: float) -> bool:
    """Does y_j jump by more than `size` between the steps d and `REACH` d?

    Bisection of the change of y_j beyond its line through the steps 0 and d: of two halves, the one
    with the larger change is kept. A jump stays in an interval of any length; the change at a kink
    becomes small with it.
    """
    slope = (line.y_or_nan(d)[j] - line.pair.y[j]) / d

    def beyond(t: float) -> float:
        """y_j without the slope of the line."""
        return float(line.y_or_nan(t)[j] - slope * t)

    low, high = d, float(np.clip(REACH * d, -COARSEST, COARSEST))
    at_low, at_high = beyond(low), beyond(high)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        at_middle = beyond(middle)
        if abs(at_middle - at_low) >= abs(at_high - at_middle):
            high, at_high = middle, at_middle
        else:
            low, at_low = middle, at_middle
        if not abs(at_high - at_low) > size:
            return False
    return True
