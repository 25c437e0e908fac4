"""The derivative of L along lines through one input, and what is known of its error.

    L'(x) = Im L(x + ih) / h,  h = 2**-300         no subtraction, so no cancellation

The complex step is exact to rounding for code that is holomorphic on the branch it takes (Squire
and Trapp, "Using complex variables to estimate derivatives of real functions", 1998). It is wrong,
without an error, for code that drops the imaginary part. It is therefore used only where it is

- proved: a traced call has seen every operation, and all of them are holomorphic (tracing.py); or
- confirmed: along dense directions, which depend on all entries, it agrees with finite differences
  that resolve the tolerance (differences.py).

Otherwise finite differences are used, at the precision that they reach.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.differences import CENTRAL, ONE_SIDED, Slope, slope_along
from minigan.gradcheck.layout import exception_text
from minigan.gradcheck.leaf import GradcheckInputError
from minigan.gradcheck.noise import rounding_noise
from minigan.gradcheck.pair import Line, Pair
from minigan.gradcheck.tracing import TracedCall, trace

T = TypeVar("T")
COMPLEX_STEP = "complex step"
H = 2.0**-300  # far below an x of 1e-40; added to x^2, the term h^2 is lost to rounding
TINY = 2.0**-500  # smaller derivatives may be the term h^2, or h times them may be subnormal
SMALLER = 2.0**-10  # of h: how the complex step changes with h shows the term h^2
LOST = 2.0**-1074 / (H * SMALLER)  # by the rounding of one subnormal Im y_j
ZERO = 2.0**-400  # an input whose numbers are all smaller counts as 0: no square underflows
SMALLEST_SCALE = 2.0**-1030  # the smallest step is 2**-44 of it, and 2**-1074 the smallest number
ROUNDING = 2.0**-44  # relative rounding error of a complex step
PROVED_STEPS, STEPS, DIFFERENCES = 0.5, 0.2, 0.6  # parts of the time after which they end
FEWEST = 4  # entries that are compared even if time is short
CONFIRMING = 2  # dense directions that confirm the complex step
PROVED = 1e-8  # the tolerance of the confirmation, where only kinks and branches are searched for


@dataclass(frozen=True)
class NumericDerivatives:
    """Derivatives along lines. Any number in [low, high] is correct; low = high except at kinks.

    `error` bounds the error of each. `reason` says why the complex step is not used, `operations`
    which operations of forward are the cause. `kinks` are the estimates at kinks, by position in
    the sequence of lines. `proved` means that the complex step is exact.
    """

    method: str
    low: Array
    high: Array
    error: Array
    reason: str = ""
    operations: tuple[str, ...] = ()
    kinks: dict[int, Slope] = field(default_factory=dict)
    proved: bool = False

    def nearest(self, analytic: Array) -> Array:
        """The correct value nearest to each analytic derivative; `low` where that is NaN."""
        nearest: Array = np.clip(analytic, self.low, self.high)
        return np.where(np.isnan(analytic), self.low, nearest)

    @property
    def scale(self) -> float:
        """The largest derivative; at a kink, the larger slope counts. Errors are relative to it."""
        return largest(np.maximum(np.abs(self.low), np.abs(self.high)))


def complex_step(line: Line, h: float = H) -> float:
    """Im L(x + ihv) / h|v|, from dy and Im y only; the division by a power of 2 is exact."""
    step = float(np.sum(line.pair.dy * line.y(complex(0.0, h)).imag) / h)
    return step / line.length


@dataclass(frozen=True)
class Estimator:
    """The derivatives along `entries`, the lines of single entries, by one of the two methods.

    `dense` are directions that confirm the complex step. The differences try to resolve `tolerance`
    times the largest derivative. `tick` is called after each line.
    """

    entries: Sequence[Line]
    dense: Sequence[Line]
    tolerance: float
    seconds: float
    tick: Callable[[], None] = lambda: None
    began: float = field(default_factory=time.perf_counter)

    def derivatives(self) -> tuple[list[Line], NumericDerivatives]:
        """The lines for which there is time (see `in_time`), and the derivatives along them."""
        first = self.dense[0]
        try:
            checks = [complex_step(line) for line in self.dense]
            seen = trace(first, H)
            proved = seen.proves(first, first.y(complex(0.0, H)))
            lines, found = self.in_time(complex_step, self.dense, PROVED_STEPS if proved else STEPS)
            bounds = errors_of_small(lines, np.array(found))
            steps = np.where(np.abs(found) <= bounds, 0.0, found)
            rough = largest(bounds) > ROUNDING * largest(steps)
            hidden = rough and 0 < largest(first.y(1j).imag) < TINY
        except GradcheckInputError:
            raise
        except Exception as error:
            text = f"forward raises an exception for complex numbers ({exception_text(error)})"
            return self.differences(text)
        if not np.all(np.isfinite([*checks, *found])):
            return self.differences("forward returns NaN or Inf at the complex point x + ih")
        if hidden:
            return self.differences("the derivatives are too small for the complex step")
        exact = NumericDerivatives(COMPLEX_STEP, steps, steps, bounds, proved=proved)
        if proved and not (seen.ties or seen.asks_dtype):
            return lines, exact
        reason = self.contradiction(checks, exact.scale, proved)
        if not reason:
            return lines, exact
        done = {line.index for line in lines}  # at other entries, a complex step may be impossible
        known = replace(self, entries=[one for one in self.entries if one.index in done])
        lines, numeric = known.differences(reason, exact.scale)
        steps = np.array([complex_step(line) for line in lines])
        if proved and numeric.kinks:
            return lines, with_branches(lines, steps, numeric)
        return lines, explained(lines, steps, numeric, seen)

    def contradiction(self, checks: Sequence[float], scale: float, proved: bool) -> str:
        """Why the dense directions do not confirm the complex step; "" if they do.

        `checks` are the complex steps along them, and `scale` is the largest of all. An error of
        one entry changes the derivative along v by at least min|v| / |v| times the error. Where the
        complex step is proved on its branch, kinks and other branches for complex numbers are
        searched for: they change a derivative by much more than the tolerance.
        """
        pair = self.dense[0].pair
        noise = pair.epsilon * np.abs(pair.y) if proved else noise_of(pair, self.dense[0].k)
        for line, step in zip(self.dense[: 1 if proved else CONFIRMING], checks, strict=False):
            least = scale * float(np.min(np.abs(line.direction), initial=np.inf)) / line.length
            target, allowed = self.tolerance * least, ROUNDING * (abs(step) + scale)
            if proved:
                natural = float(np.sum(np.abs(pair.dy * pair.y))) / line.length
                allowed = target = max(target, PROVED * least) + self.tolerance * natural
            seen = slope_along(line, noise, target / 2, [1.0])
            if seen.jump:
                return "forward has a kink along a dense direction"
            if abs(seen.value - step) > 2 * seen.error + allowed:
                return "the complex step and the differences disagree"
            if seen.error > target:
                return "differences confirm the complex step only roughly"
        return ""

    def differences(self, reason: str, scale: float = 0.0) -> tuple[list[Line], NumericDerivatives]:
        """The derivatives by differences alone; an interval at kinks.

        `scale` is the largest derivative that is known before.
        """

        def slope(line: Line) -> Slope:
            """The slope along a line."""
            nonlocal scale
            noise = noise_of(line.pair, line.k)
            found = slope_along(line, noise, self.tolerance * scale, scales_of(line))
            scale = float(np.fmax(scale, abs(found.value)))  # without NaN
            return found

        lines, slopes = self.in_time(slope, self.dense[:CONFIRMING], DIFFERENCES)
        low = np.array([min(one.left, one.right) for one in slopes])
        high = np.array([max(one.left, one.right) for one in slopes])
        kinks = {i: one for i, one in enumerate(slopes) if one.jump}
        for i in kinks:
            if lines[i].index is None:  # where several kinks meet, their jumps may cancel
                low[i], high[i] = -np.inf, np.inf
        method = ONE_SIDED if all(one.method == ONE_SIDED for one in slopes) else CENTRAL
        error = np.array([one.error for one in slopes])
        return lines, NumericDerivatives(method, low, high, error, reason, kinks=kinks)

    def in_time(
        self, function: Callable[[Line], T], dense: Sequence[Line], part: float
    ) -> tuple[list[Line], list[T]]:
        """Lines, and function(line) for each: entries in ascending order, at least `FEWEST`.

        No further one is begun after a part of the time. The dense directions follow if an entry of
        the input is left out.
        """
        found: list[tuple[Line, T]] = []
        for line in self.entries:
            if len(found) >= FEWEST and time.perf_counter() > self.began + part * self.seconds:
                break
            found.append((line, function(line)))
            self.tick()
        found.sort(key=lambda one: one[0].direction)
        if len(found) < dense[0].pair.leaves[dense[0].k].x.size:
            found += [(line, function(line)) for line in dense]
        return [line for line, _ in found], [value for _, value in found]


def errors_of_small(lines: Sequence[Line], steps: Array) -> Array:
    """The error bounds of complex steps; 0 unless all of them are smaller than `TINY`."""
    if not lines or largest(steps) >= TINY:
        return np.zeros_like(steps)
    others = np.array([complex_step(line, H * SMALLER) for line in lines])
    lost = LOST * float(np.sum(np.abs(lines[0].pair.dy)))
    return np.asarray(2 * np.abs(steps - others) + lost)


def with_branches(
    lines: Sequence[Line], steps: Array, differences: NumericDerivatives
) -> NumericDerivatives:
    """The complex steps, which differentiate the branch that forward takes at a kink.

    A branch may depend on the sign of the perturbation: np.maximum compares imaginary parts at a
    tie. Then both branches are correct.
    """
    low, high = steps.copy(), steps.copy()
    for i in differences.kinks:
        other, dense = complex_step(lines[i], -H), lines[i].index is None
        low[i] = differences.low[i] if dense else min(other, steps[i])
        high[i] = differences.high[i] if dense else max(other, steps[i])
    zero = np.zeros_like(steps)
    return NumericDerivatives(COMPLEX_STEP, low, high, zero, kinks=differences.kinks, proved=True)


def explained(
    lines: Sequence[Line], steps: Array, differences: NumericDerivatives, seen: TracedCall
) -> NumericDerivatives:
    """The differences, with the reason why the complex steps are not used."""
    nearest = differences.nearest(steps)
    excess = np.abs(steps - nearest) - 2 * differences.error - ROUNDING * largest(steps)
    worst = int(np.argmax(np.where(np.isfinite(excess), excess, -np.inf)))
    if not excess[worst] > 0:
        reason = "no difference confirms the complex step to the tolerance"
        return replace(differences, reason=reason)
    step, difference, index = steps[worst], nearest[worst], lines[worst].index
    where = "along a dense direction" if index is None else f"at entry {index}"
    reason = f"{where} the complex step is {step:.6g}, the central difference {difference:.6g}"
    if abs(step) <= 1e-6 * abs(difference):
        reason += ": forward drops the imaginary part"
    elif abs(step + difference) <= 1e-6 * abs(difference):
        reason += ": forward conjugates"
    return replace(differences, reason=reason, operations=seen.operations)


def scales_of(line: Line) -> list[float]:
    """The scales on which L may change along a line, in the units of v."""
    if not isinstance(line.direction, int):
        return [1.0]
    x = line.pair.leaves[line.k].x
    own, typical = float(abs(x.reshape(-1)[line.direction])), typical_size(x)
    scales = [power_of_two(max(own, typical))]
    own_scale = SMALLEST_SCALE <= own < scales[0] / 2**8
    return [*scales, power_of_two(own)] if own_scale else scales


def typical_size(x: Array) -> float:
    """The root mean square of x; 1 if no number is larger than `ZERO`."""
    size = float(np.max(np.abs(x), initial=0.0))
    return size * float(np.sqrt(np.mean((x / size) ** 2))) if size > ZERO else 1.0


def power_of_two(x: float) -> float:
    """The smallest power of two >= x."""
    return float(2.0 ** np.ceil(np.log2(x)))


def noise_of(pair: Pair, k: int) -> Array:
    """The rounding noise of y, along a line on which all entries of leaf k change in proportion."""
    if k not in pair.noise:
        x = pair.leaves[k].x
        sign = np.where(np.arange(x.size).reshape(x.shape) % 2, -1.0, 1.0)
        v = np.asarray(sign * np.where(x, np.abs(x), typical_size(x) / 8))
        pair.noise[k] = rounding_noise(Line(pair, k, v))
    return pair.noise[k]


def largest(values: Array) -> float:
    """max|value|, NaN and Inf excluded."""
    return float(np.max(np.where(np.isfinite(values), np.abs(values), 0.0), initial=0.0))
