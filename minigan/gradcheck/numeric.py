"""The numeric derivative of L along lines: complex step first, central differences to confirm it.

    L'(x) = Im L(x + ih) / h,  h = 2**-100          nothing is subtracted, so no digit is lost
    L'(x) = (L(x + h) - L(x - h)) / 2h              real numbers only: confirms, or stands in

The complex step is exact for code that is holomorphic on the branch it takes (Squire and Trapp,
"Using complex variables to estimate derivatives of real functions", 1998). Code that drops the
imaginary part makes it silently wrong; hence each value is confirmed, and where it is not, the
central difference judges, unless the two one-sided slopes show a kink.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.exceptions import ComplexWarning
from numpy.typing import NDArray

from minigan.arrays import Array
from minigan.gradcheck.pair import GradcheckInputError, Line
from minigan.gradcheck.slopes import Slopes, rounding, slopes, y_or_nan
from minigan.gradcheck.tracing import coarse, non_holomorphic_operations

COMPLEX_STEP, CENTRAL = "complex step", "central difference"
COARSE = "forward computes with fewer digits than float64"
H = 2.0**-100
CENTRAL_STEP = 2.0**-17  # near eps**(1/3), where curvature and rounding cost about the same
AGREEMENT = 1e-6  # of max|gradient|: what a central difference can confirm
SMOOTH = 1e-3  # of max|gradient|: a larger jump in slope is looked at closely
ENOUGH_REFUTED = 32  # entries examined closely before the remaining ones are taken as they are


@dataclass(frozen=True)
class Numeric:
    """Derivatives along lines. Any number in [low, high] is right; low = high except at kinks.

    `resolution` is what the method cannot see: 0 for the complex step, the error of a central
    difference otherwise. `kinks` and `unsettled` (no limit seen) hold positions among the lines.
    `coarse` means that forward computes with fewer digits than float64: no method helps there.
    """

    method: str
    low: Array
    high: Array
    resolution: Array
    reason: str = ""
    kinks: dict[int, Slopes] = field(default_factory=dict)
    unsettled: tuple[int, ...] = ()
    coarse: bool = False

    def nearest(self, claimed: Array) -> Array:
        """The right value nearest to each claimed one."""
        nearest: Array = np.clip(claimed, self.low, self.high)
        return np.where(np.isnan(claimed), self.low, nearest)


def complex_step(line: Line, h: float = H) -> float:
    """Im L(x + ihv) / h: products of dy and Im y alone; the division by a power of 2 is exact."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", ComplexWarning)
        return float(np.sum(line.pair.dy * np.imag(line.y(complex(0.0, h)))) / h)


def differences(line: Line) -> tuple[float, float]:
    """(L(x + hv) - L(x - hv)) / 2h and how much steeper L is to the right than to the left.

    h = 2**-17 max(1, |x|); y is subtracted before the sum, which keeps the rounding small.
    """
    h, dy = CENTRAL_STEP * line.unit, line.pair.dy
    with np.errstate(all="ignore"):
        ahead, behind = y_or_nan(line, h) - line.pair.y, line.pair.y - y_or_nan(line, -h)
        right, left = float(np.sum(dy * ahead)) / h, float(np.sum(dy * behind)) / h
    return (right + left) / 2, right - left


def central_difference(line: Line) -> float:
    """(L(x + hv) - L(x - hv)) / 2h alone."""
    return differences(line)[0]


def derivatives(lines: Sequence[Line], claimed: Array) -> Numeric:
    """The derivative along each line; `claimed` says where a central difference needs refining."""
    try:
        steps = np.array([complex_step(line) for line in lines])
    except GradcheckInputError:
        raise
    except Exception as error:
        return by_central(lines, claimed, f"forward cannot take complex numbers ({brief(error)})")
    if not np.all(np.isfinite(steps)):
        return by_central(lines, claimed, "forward gives NaN or Inf at x + ih, in complex numbers")
    return confirmed(lines, steps, claimed)


def confirmed(lines: Sequence[Line], steps: Array, claimed: Array) -> Numeric:
    """The complex steps, if central differences confirm them; otherwise central differences."""
    quick, jump = quick_look(lines)
    scale = largest(lines, steps)
    low, high, kinks, unsettled = steps.copy(), steps.copy(), {}, []
    unconfirmed = np.flatnonzero(~agree(lines, steps, quick, jump, scale))
    if unconfirmed.size and coarse(lines[0]):
        return by_central(lines, claimed, COARSE)
    for i in unconfirmed.tolist():
        line, allowance = lines[i], AGREEMENT * scale * lines[i].length
        seen = slopes(line, enough=1e-3 * max(allowance, AGREEMENT * abs(quick[i])))
        if not seen.settled(allowance):
            unsettled.append(i)
        elif not seen.kink(allowance):
            if abs(steps[i] - seen.middle) > allowance + 10 * seen.error:
                return by_central(lines, claimed, disagreement(line, steps[i], seen.middle))
        elif reason := contradicted(replace(line, pair=line.pair.nearby)):
            return by_central(lines, claimed, reason)
        else:
            kinks[i] = seen
            other = complex_step(line, -H)
            if abs(other - steps[i]) > allowance:
                # The branch depends on the sign of the perturbation (np.maximum compares imaginary
                # parts at a tie): the function prefers neither slope, so either one is right.
                low[i], high[i] = min(other, steps[i]), max(other, steps[i])
    nothing = np.zeros_like(steps)
    return Numeric(COMPLEX_STEP, low, high, nothing, "", kinks, tuple(unsettled))


def contradicted(line: Line) -> str:
    """Why the complex step is wrong beside a kink, or nothing.

    At a kink it cannot be confirmed: where several kinks meet, the derivative of the branch taken
    need not even lie between the slopes. So the same code is tried where it is smooth.
    """
    if not np.all(np.isfinite(line.pair.y)):
        return ""
    step = complex_step(line)
    seen = slopes(line, enough=AGREEMENT**2 * abs(step))
    allowance = AGREEMENT * abs(step) + 10 * seen.error
    if not seen.settled(abs(step)) or seen.kink(allowance) or abs(step - seen.middle) <= allowance:
        return ""
    return f"beside a kink, {disagreement(line, step, seen.middle)}"


def by_central(lines: Sequence[Line], claimed: Array, reason: str) -> Numeric:
    """Central differences, refined wherever they contradict the claim; kinks give an interval."""
    quick, jump = quick_look(lines)
    scale = largest(lines, quick)
    low, high, kinks, unsettled, refuted = quick.copy(), quick.copy(), {}, [], 0
    resolution = np.array([rounding(line, CENTRAL_STEP * line.unit) for line in lines])
    if coarse(lines[0]):
        return Numeric(CENTRAL, low, high, resolution, COARSE, coarse=True)
    for i in np.flatnonzero(~agree(lines, claimed, quick, jump, scale)).tolist():
        if refuted >= ENOUGH_REFUTED and np.isfinite(quick[i]):
            continue
        allowance = AGREEMENT * scale * lines[i].length
        seen = slopes(lines[i], enough=1e-3 * allowance)
        low[i] = high[i] = seen.middle
        if not seen.settled(scale * lines[i].length + 1e3 * resolution[i]):
            unsettled.append(i)
        elif seen.kink(allowance):
            kinks[i] = seen
            low[i], high[i] = sorted((seen.left, seen.right))
        else:
            resolution[i] = 10 * seen.error
            refuted += not abs(claimed[i] - seen.middle) <= allowance + resolution[i]
    return Numeric(CENTRAL, low, high, resolution, reason, kinks, tuple(unsettled))


def quick_look(lines: Sequence[Line]) -> tuple[Array, Array]:
    """The central difference and the jump in slope along each line, for two calls of forward."""
    seen = np.array([differences(line) for line in lines]).reshape(-1, 2)
    return seen[:, 0], seen[:, 1]


def agree(
    lines: Sequence[Line], claimed: Array, quick: Array, jump: Array, scale: float
) -> NDArray[np.bool_]:
    """Where do central differences confirm the claimed derivatives, with no sign of a kink?

    NaN confirms nothing. A smooth function's slopes differ by h L'', far below SMOOTH.
    """
    length = np.array([line.length for line in lines])
    noise = np.array([rounding(line, CENTRAL_STEP * line.unit) for line in lines])
    close: NDArray[np.bool_] = np.abs(claimed - quick) <= AGREEMENT * scale * length + noise
    smooth: NDArray[np.bool_] = np.abs(jump) <= SMOOTH * scale * length + 2 * noise
    return close & smooth


def largest(lines: Sequence[Line], values: Array) -> float:
    """max|gradient| as seen along the lines: the scale that errors are relative to."""
    length = np.array([line.length for line in lines])
    finite = np.where(np.isfinite(values), np.abs(values) / length, 0.0)
    return float(np.max(finite, initial=0.0))


def disagreement(line: Line, step: float, difference: float) -> str:
    """Why the complex step is not believed: the two numbers, and what in forward explains them."""
    where = f"at entry {line.index}" if line.index is not None else "along a dense direction"
    numbers = f"{where} the complex step gives {step:.6g}, central differences {difference:.6g}"
    if abs(step) <= AGREEMENT * abs(difference):
        numbers += ": forward drops the imaginary part"
    elif abs(step + difference) <= AGREEMENT * abs(difference):
        numbers += ": forward conjugates"
    seen = non_holomorphic_operations(line)
    return f"{numbers}; seen in forward: {'; '.join(seen)}" if seen else numbers


def brief(error: BaseException) -> str:
    """An exception in one line: its type and the first line of its message."""
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
