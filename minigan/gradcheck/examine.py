"""Compare the analytic gradient of one input with its numeric derivatives.

    error_i = |analytic_i - numeric_i| / max|numeric|,     bad_i: not error_i <= tolerance

An input with too many entries to compare them all is sampled, and in addition differentiated along
dense random directions, which depend on every entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.comparison import ComparedEntries
from minigan.gradcheck.numeric import (
    COMPLEX_STEP,
    NumericDerivatives,
    central_difference,
    complex_step,
    derivatives,
    largest_derivative,
)
from minigan.gradcheck.pair import Line, Pair
from minigan.gradcheck.report import Worst

COMPLEX_TOLERANCE, CENTRAL_TOLERANCE = 1e-10, 1e-6
DIRECTIONS = 4  # number of dense directions for a sampled input


@dataclass(frozen=True)
class Options:
    """Options of `minigan.gradcheck.check`, which describes them."""

    tolerance: float | None
    absolute: float
    seed: int
    max_entries: int


@dataclass(frozen=True)
class CheckedInput:
    """Input k: its analytic gradient (of any shape), lines through x_k, and their derivatives.

    The first `entries` lines are single entries of x_k, the others are dense directions.
    """

    pair: Pair
    k: int
    gradient: Array
    lines: tuple[Line, ...]
    entries: int
    numeric: NumericDerivatives
    tolerance: float
    absolute: float

    @property
    def name(self) -> str:
        """The input's name."""
        return self.pair.names[self.k]

    @property
    def shape(self) -> tuple[int, ...]:
        """The input's shape. A correct gradient has the same shape."""
        shape: tuple[int, ...] = self.pair.inputs[self.k].shape
        return shape

    @property
    def analytic(self) -> Array:
        """The analytic derivative along each line."""
        return directional_derivatives(self.lines, self.gradient, self.shape)

    @property
    def expected(self) -> Array:
        """The numeric derivative along each line; at a kink, the correct value that is nearest to
        the analytic derivative."""
        return self.numeric.nearest(self.analytic)

    @property
    def errors(self) -> Array:
        """|analytic - numeric| along each line, divided by |v| and by the scale

            max(max|numeric|, resolution / tolerance, absolute / tolerance),

        so that an error up to the resolution of the numeric method, or up to `absolute`, passes.
        """
        length = np.array([line.length for line in self.lines])
        error = np.abs(self.analytic - self.expected) / length
        smallest = np.maximum(self.numeric.resolution / length, self.absolute) / self.tolerance
        scale = np.maximum(largest_derivative(self.lines, self.expected), smallest)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(error == 0, 0.0, error / scale)

    @property
    def bad(self) -> Array:
        """True for the lines whose error exceeds the tolerance or is NaN."""
        bad: Array = ~(self.errors <= self.tolerance)
        return bad

    def compared(self) -> ComparedEntries:
        """The entries compared one by one, as the diagnosis needs them."""
        directions = [line.direction for line in self.lines[: self.entries]]
        resolution = float(np.max(self.numeric.resolution, initial=0.0))
        return ComparedEntries(
            self.name,
            self.shape,
            self.gradient,
            np.array(directions, dtype=np.intp),
            self.expected[: self.entries],
            resolution,
            self.bad[: self.entries],
        )


def examine(pair: Pair, k: int, gradient: Array, options: Options) -> CheckedInput:
    """Compute the numeric derivatives of input k along its lines."""
    lines, entries = lines_through(pair, k, options)
    analytic = directional_derivatives(lines, gradient, pair.inputs[k].shape)
    numeric = derivatives(lines, analytic)
    tolerance = COMPLEX_TOLERANCE if options.tolerance is None else options.tolerance
    if numeric.method != COMPLEX_STEP:
        tolerance = max(tolerance, CENTRAL_TOLERANCE)
    return CheckedInput(pair, k, gradient, lines, entries, numeric, tolerance, options.absolute)


def lines_through(pair: Pair, k: int, options: Options) -> tuple[tuple[Line, ...], int]:
    """The lines of input k, and how many of them are single entries.

    One line per entry of x_k; if there are more than `max_entries` entries, a random sample of
    that many, followed by DIRECTIONS dense directions.
    """
    shape, size = pair.inputs[k].shape, pair.inputs[k].size
    if size <= options.max_entries:
        return tuple(Line(pair, k, i) for i in range(size)), size
    rng = np.random.default_rng([options.seed, k])
    chosen = np.sort(rng.choice(size, options.max_entries, replace=False))
    dense = [Line(pair, k, rng.uniform(-1.0, 1.0, shape)) for _ in range(DIRECTIONS)]
    return (*(Line(pair, k, int(i)) for i in chosen), *dense), options.max_entries


def directional_derivatives(
    lines: Sequence[Line], gradient: Array, shape: tuple[int, ...]
) -> Array:
    """<gradient, v> along each line; NaN if the gradient does not have this shape."""
    if gradient.shape != shape:
        return np.full(len(lines), np.nan)
    return np.array([line.directional_derivative(gradient) for line in lines])


def numeric_for_unit_dy(checked: CheckedInput) -> Array:
    """The numeric derivatives at the compared entries for dy = 1, by the same method."""
    pair = replace(checked.pair, dy=np.ones_like(checked.pair.dy))
    lines = [replace(line, pair=pair) for line in checked.lines[: checked.entries]]
    return np.array([numeric_derivative(checked, line) for line in lines])


def numeric_derivative(checked: CheckedInput, line: Line) -> float:
    """The derivative along a line, by the numeric method that was used for this input."""
    by_step = checked.numeric.method == COMPLEX_STEP
    return complex_step(line) if by_step else central_difference(line)


def worst_entry(checked: CheckedInput) -> Worst | None:
    """The entry with the largest error.

    If all compared entries are correct but a dense direction is not, a wrong entry found by
    bisection. None if no line is wrong, or if the gradient has the wrong shape.
    """
    bad = np.flatnonzero(checked.bad)
    if not bad.size or checked.gradient.shape != checked.shape:
        return None
    first = int(bad[0])
    if first >= checked.entries:
        return bisect_wrong_entry(checked, checked.lines[first])
    i = int(np.argmax(np.where(checked.bad, checked.errors, -1.0)[: checked.entries]))
    index = checked.lines[i].index or ()
    return Worst(index, float(checked.analytic[i]), float(checked.expected[i]))


def bisect_wrong_entry(checked: CheckedInput, line: Line) -> Worst:
    """Find a wrong entry by bisection of a dense direction: keep the half with the larger error."""
    low, high = 0, checked.gradient.size
    v = np.asarray(line.direction, dtype=np.float64).reshape(-1)
    while high - low > 1:
        middle = (low + high) // 2
        errors = []
        for start, stop in ((low, middle), (middle, high)):
            part = np.zeros_like(v)
            part[start:stop] = v[start:stop]
            half = replace(line, direction=part.reshape(checked.shape))
            analytic = half.directional_derivative(checked.gradient)
            errors.append(abs(numeric_derivative(checked, half) - analytic))
        low, high = (low, middle) if errors[0] >= errors[1] else (middle, high)
    entry = replace(line, direction=low)
    analytic = entry.directional_derivative(checked.gradient)
    return Worst(entry.index or (), analytic, numeric_derivative(checked, entry))
