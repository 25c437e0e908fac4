"""Numeric derivatives of L: the complex step, confirmed by central differences.

    L'(x) = Im L(x + ih) / h,  h = 2**-100          no subtraction, so no cancellation
    L'(x) = (L(x + h) - L(x - h)) / 2h              real numbers only; confirms the complex step

The complex step is exact to rounding for code that is holomorphic on the branch it takes (Squire
and Trapp, "Using complex variables to estimate derivatives of real functions", 1998). It is wrong,
without an error, for code that drops the imaginary part. Each value is therefore compared with a
central difference. If the two disagree, the central difference is used instead, unless the
one-sided slopes differ: at a kink a central difference cannot confirm anything.
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
from minigan.gradcheck.slopes import Slopes, one_sided_slopes, rounding_error, y_or_nan
from minigan.gradcheck.tracing import has_low_precision, non_holomorphic_operations

COMPLEX_STEP, CENTRAL = "complex step", "central difference"
LOW_PRECISION = "forward computes with lower precision than float64"
H = 2.0**-100
CENTRAL_STEP = 2.0**-17  # near eps**(1/3), where truncation and rounding errors are about equal
AGREEMENT = 1e-6  # of max|gradient|: the accuracy to which a central difference can confirm
SMOOTH = 1e-3  # of max|gradient|: a larger difference of the slopes may be a kink
MAX_MISMATCHES = 32  # after this many, the remaining central differences are not refined


@dataclass(frozen=True)
class NumericDerivatives:
    """Derivatives along lines. Any number in [low, high] is correct; low = high except at kinks.

    `resolution` is the error of the method: 0 for the complex step, the error bound of a central
    difference otherwise. `reason` says why central differences were used. `kinks` and
    `unconverged` (no limit found) contain positions in the sequence of lines. `low_precision`
    means that forward computes with lower precision than float64: then no method is accurate.
    """

    method: str
    low: Array
    high: Array
    resolution: Array
    reason: str = ""
    kinks: dict[int, Slopes] = field(default_factory=dict)
    unconverged: tuple[int, ...] = ()
    low_precision: bool = False

    def nearest(self, analytic: Array) -> Array:
        """The correct value nearest to each analytic derivative; `low` where that is NaN."""
        nearest: Array = np.clip(analytic, self.low, self.high)
        return np.where(np.isnan(analytic), self.low, nearest)


def complex_step(line: Line, h: float = H) -> float:
    """Im L(x + ihv) / h, from dy and Im y only; the division by a power of 2 is exact."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", ComplexWarning)
        return float(np.sum(line.pair.dy * np.imag(line.y(complex(0.0, h)))) / h)


def differences(line: Line) -> tuple[float, float]:
    """The central difference (L(x + hv) - L(x - hv)) / 2h, and right slope minus left slope.

    h = 2**-17 max(1, |x|), rounded up to a power of 2. y is subtracted before the sum over its
    entries, which keeps the rounding error small.
    """
    h, dy = CENTRAL_STEP * line.scale, line.pair.dy
    with np.errstate(all="ignore"):
        ahead, behind = y_or_nan(line, h) - line.pair.y, line.pair.y - y_or_nan(line, -h)
        right, left = float(np.sum(dy * ahead)) / h, float(np.sum(dy * behind)) / h
    return (right + left) / 2, right - left


def central_difference(line: Line) -> float:
    """(L(x + hv) - L(x - hv)) / 2h."""
    return differences(line)[0]


def derivatives(lines: Sequence[Line], analytic: Array) -> NumericDerivatives:
    """The derivative along each line.

    `analytic` are the derivatives to be checked: a central difference that disagrees with them is
    refined.
    """
    try:
        steps = np.array([complex_step(line) for line in lines])
    except GradcheckInputError:
        raise
    except Exception as error:
        reason = f"forward raises an exception for complex numbers ({exception_summary(error)})"
        return central_derivatives(lines, analytic, reason)
    if not np.all(np.isfinite(steps)):
        reason = "forward returns NaN or Inf at the complex point x + ih"
        return central_derivatives(lines, analytic, reason)
    return confirm_complex_steps(lines, steps, analytic)


def confirm_complex_steps(
    lines: Sequence[Line], steps: Array, analytic: Array
) -> NumericDerivatives:
    """The complex steps if central differences confirm them; otherwise central differences."""
    quick, jump = quick_differences(lines)
    scale = largest_derivative(lines, steps)
    low, high, kinks, unconverged = steps.copy(), steps.copy(), {}, []
    unconfirmed = np.flatnonzero(~confirmed_lines(lines, steps, quick, jump, scale))
    if unconfirmed.size and has_low_precision(lines[0]):
        return central_derivatives(lines, analytic, LOW_PRECISION)
    for i in unconfirmed.tolist():
        line, allowance = lines[i], AGREEMENT * scale * lines[i].length
        slopes = one_sided_slopes(line, enough=1e-3 * max(allowance, AGREEMENT * abs(quick[i])))
        if not slopes.converged(allowance):
            unconverged.append(i)
        elif not slopes.kink(allowance):
            if abs(steps[i] - slopes.middle) > allowance + 10 * slopes.error:
                reason = disagreement_text(line, steps[i], slopes.middle)
                return central_derivatives(lines, analytic, reason)
        elif reason := disagreement_nearby(replace(line, pair=line.pair.nearby)):
            return central_derivatives(lines, analytic, reason)
        else:
            kinks[i] = slopes
            other = complex_step(line, -H)
            if abs(other - steps[i]) > allowance:
                # The branch depends on the sign of the perturbation (np.maximum compares imaginary
                # parts at a tie), so the complex step selects neither slope: both are correct.
                low[i], high[i] = min(other, steps[i]), max(other, steps[i])
    zero = np.zeros_like(steps)
    return NumericDerivatives(COMPLEX_STEP, low, high, zero, "", kinks, tuple(unconverged))


def disagreement_nearby(line: Line) -> str:
    """Why the complex step is wrong at a smooth point near a kink; "" if it is not known to be.

    At a kink a central difference cannot confirm the complex step: where several kinks meet, the
    derivative of the branch taken may lie outside the interval of the two slopes. The same code is
    therefore checked at a point nearby where it is smooth.
    """
    if not np.all(np.isfinite(line.pair.y)):
        return ""
    step = complex_step(line)
    slopes = one_sided_slopes(line, enough=AGREEMENT**2 * abs(step))
    allowance = AGREEMENT * abs(step) + 10 * slopes.error
    agrees = abs(step - slopes.middle) <= allowance
    if not slopes.converged(abs(step)) or slopes.kink(allowance) or agrees:
        return ""
    return f"near a kink, {disagreement_text(line, step, slopes.middle)}"


def central_derivatives(lines: Sequence[Line], analytic: Array, reason: str) -> NumericDerivatives:
    """Central differences, refined where they disagree with `analytic`; an interval at kinks."""
    quick, jump = quick_differences(lines)
    scale = largest_derivative(lines, quick)
    low, high, kinks, unconverged, mismatches = quick.copy(), quick.copy(), {}, [], 0
    resolution = np.array([rounding_error(line, CENTRAL_STEP * line.scale) for line in lines])
    if has_low_precision(lines[0]):
        return NumericDerivatives(CENTRAL, low, high, resolution, LOW_PRECISION, low_precision=True)
    for i in np.flatnonzero(~confirmed_lines(lines, analytic, quick, jump, scale)).tolist():
        if mismatches >= MAX_MISMATCHES and np.isfinite(quick[i]):
            continue
        allowance = AGREEMENT * scale * lines[i].length
        slopes = one_sided_slopes(lines[i], enough=1e-3 * allowance)
        low[i] = high[i] = slopes.middle
        if not slopes.converged(scale * lines[i].length + 1e3 * resolution[i]):
            unconverged.append(i)
        elif slopes.kink(allowance):
            kinks[i] = slopes
            low[i], high[i] = sorted((slopes.left, slopes.right))
        else:
            resolution[i] = 10 * slopes.error
            mismatches += not abs(analytic[i] - slopes.middle) <= allowance + resolution[i]
    return NumericDerivatives(CENTRAL, low, high, resolution, reason, kinks, tuple(unconverged))


def quick_differences(lines: Sequence[Line]) -> tuple[Array, Array]:
    """`differences` along each line, as two arrays; two calls of forward per line."""
    pairs = np.array([differences(line) for line in lines]).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def confirmed_lines(
    lines: Sequence[Line], values: Array, quick: Array, jump: Array, scale: float
) -> NDArray[np.bool_]:
    """True where the central difference `quick` agrees with `values` and no kink is possible.

    False where a number is NaN. At a smooth point the slopes differ by about h L'', far below
    SMOOTH.
    """
    length = np.array([line.length for line in lines])
    noise = np.array([rounding_error(line, CENTRAL_STEP * line.scale) for line in lines])
    close: NDArray[np.bool_] = np.abs(values - quick) <= AGREEMENT * scale * length + noise
    smooth: NDArray[np.bool_] = np.abs(jump) <= SMOOTH * scale * length + 2 * noise
    return close & smooth


def largest_derivative(lines: Sequence[Line], values: Array) -> float:
    """max|value| / |v| over the lines, NaN and Inf excluded: errors are relative to it."""
    length = np.array([line.length for line in lines])
    finite = np.where(np.isfinite(values), np.abs(values) / length, 0.0)
    return float(np.max(finite, initial=0.0))


def disagreement_text(line: Line, step: float, difference: float) -> str:
    """Both derivatives where they disagree, and the operations of forward that may be the cause."""
    where = f"at entry {line.index}" if line.index is not None else "along a dense direction"
    text = f"{where} the complex step is {step:.6g}, the central difference {difference:.6g}"
    if abs(step) <= AGREEMENT * abs(difference):
        text += ": forward drops the imaginary part"
    elif abs(step + difference) <= AGREEMENT * abs(difference):
        text += ": forward conjugates"
    operations = non_holomorphic_operations(line)
    return f"{text}; found in forward: {'; '.join(operations)}" if operations else text


def exception_summary(error: BaseException) -> str:
    """An exception in one line: its type and the first line of its message."""
    first = str(error).strip().partition("\n")[0]
    return f"{type(error).__name__}: {first}" if first else type(error).__name__
