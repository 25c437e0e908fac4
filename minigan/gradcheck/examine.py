"""Compare the analytic gradient of one input with its numeric derivatives.

    |analytic_i - numeric_i| <= tolerance * max|numeric| + error_i + floor_i ?

`error` bounds the error of the numeric derivatives, `floor` that of rounding in backward. An input
with too many entries to compare them all is sampled; dense random directions, which depend on every
entry, are compared in addition.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.comparison import ComparedEntries
from minigan.gradcheck.differences import slope_along
from minigan.gradcheck.leaf import to_numpy
from minigan.gradcheck.numeric import (
    COMPLEX_STEP,
    Estimator,
    H,
    NumericDerivatives,
    complex_step,
    largest,
    noise_of,
    scales_of,
    typical_size,
)
from minigan.gradcheck.options import Options
from minigan.gradcheck.pair import Line, Pair
from minigan.gradcheck.report import Worst
from minigan.gradcheck.rounding import rounding_of_backward, rounding_of_forward, spread_nearby

DIRECTIONS = 4  # dense directions of every input
SAMPLE = 16  # lines that are compared at points nearby
FINEST, COARSEST = 1e-10, 1e-3  # default tolerances: of the complex step, and of rough differences
ERRATIC = 1e-3  # of max|numeric|: a larger distance is not called a rounding error
EPSILON = 64 * 2.0**-52  # of the natural size: nor is this, where all derivatives vanish
FORWARD, NATURAL = 64.0, 1024.0  # times the rounding error of forward, and of the natural size


@dataclass(frozen=True)
class CheckedInput:
    """Input k: its analytic gradient (of any shape), lines through x_k, and their derivatives.

    The first lines are single entries of x_k, the others are dense directions.
    """

    pair: Pair
    k: int
    gradient: Array
    lines: tuple[Line, ...]
    numeric: NumericDerivatives
    options: Options
    epsilon: float

    @cached_property
    def entries(self) -> int:
        """The number of lines that are single entries."""
        return sum(isinstance(line.direction, int) for line in self.lines)

    @property
    def name(self) -> str:
        """The input's name."""
        return self.pair.leaves[self.k].name

    @property
    def shape(self) -> tuple[int, ...]:
        """The input's shape. A correct gradient has the same shape."""
        shape: tuple[int, ...] = self.pair.leaves[self.k].x.shape
        return shape

    @cached_property
    def analytic(self) -> Array:
        """The analytic derivative along each line; NaN if the gradient has the wrong shape."""
        if self.gradient.shape != self.shape:
            return np.full(len(self.lines), np.nan)
        return np.array([line.along(self.gradient) for line in self.lines])

    @cached_property
    def expected(self) -> Array:
        """The numeric derivative along each line; at a kink, the correct value that is nearest to
        the analytic derivative."""
        return self.numeric.nearest(self.analytic)

    @cached_property
    def scale(self) -> float:
        """max|numeric|."""
        return self.numeric.scale

    @cached_property
    def distance(self) -> Array:
        """|analytic - numeric|; infinite where the analytic gradient is not finite."""
        with np.errstate(invalid="ignore"):
            distance = np.abs(self.analytic - self.expected)
        return np.where(np.isfinite(self.analytic), distance, np.inf)

    @property
    def error(self) -> Array:
        """The error bound of the numeric derivative."""
        return self.numeric.error

    @cached_property
    def tolerance(self) -> Array:
        """The tolerance of each line: the given one; by default 1e-10, or the smallest power of 10
        that differences resolve, up to 1e-3."""
        if self.options.tolerance is not None:
            return np.full(len(self.lines), self.options.tolerance)
        resolved = np.maximum(self.error / (self.scale or 1.0), FINEST)
        return np.clip(10.0 ** np.ceil(np.log10(resolved)), 128 * self.epsilon, COARSEST)

    @cached_property
    def allowed(self) -> Array:
        """The distance that the tolerance allows, or the option `absolute`."""
        return np.maximum(self.tolerance * self.scale, self.options.absolute)

    @cached_property
    def floor(self) -> Array:
        """The rounding error of both gradients, measured if a distance is not allowed."""
        if not np.any(self.distance > self.allowed) or self.gradient.shape != self.shape:
            return np.zeros(len(self.lines))
        noise = self.rounding + self.along(rounding_of_forward(self.pair, self.k))
        floor: Array = np.maximum(noise, self.spread(noise))
        return floor

    def spread(self, noise: Array) -> float:
        """How erratic a distance is at points nearby, if it is larger than the noise, but so small
        that rounding errors of the terms of y and of the gradients may explain it."""
        wrong = self.distance > self.allowed + self.error + noise
        if not np.any(wrong):
            return 0.0
        natural, distance = self.natural_size, self.distance[wrong]
        forward = self.along(rounding_of_forward(self.pair, self.k))[wrong]
        explained = np.maximum(FORWARD * forward / self.pair.epsilon, NATURAL * natural)
        small = np.max(distance) <= max(ERRATIC * self.scale, EPSILON * natural)
        if not small or np.any(distance > self.noise * explained):
            return 0.0
        worst = np.flatnonzero(wrong)[np.argsort(-self.distance[wrong])][:SAMPLE]
        lines = [self.lines[i] for i in worst.tolist()]
        unit = largest(self.expected[worst]) or 1.0
        numeric = partial(numeric_derivative, self)
        return unit * spread_nearby(self.pair, self.k, [line.direction for line in lines], numeric)

    @cached_property
    def noise(self) -> float:
        """The largest rounding error of y, relative to its largest entry, along any input."""
        size, each = largest(self.pair.y), (noise_of(self.pair, k) for k in self.pair.floating)
        return max(self.epsilon, *(largest(one) / (size or 1.0) for one in each))

    @property
    def natural_size(self) -> float:
        """The size of the numbers whose sums are y and the gradients: a gradient that vanishes has
        rounding errors of this size times the rounding unit."""
        gradients = map(to_numpy, self.pair.gradients(self.pair.dy))
        terms = [self.pair.dy * self.pair.y, *(one for one in gradients if one.dtype.kind == "f")]
        return max(float(np.sum(np.abs(one))) for one in terms if np.all(np.isfinite(one)))

    @cached_property
    def rounding(self) -> Array:
        """The rounding error of the analytic derivatives."""
        return self.along(rounding_of_backward(self.pair, self.k, self.gradient))

    def along(self, each: Array) -> Array:
        """The error along each line, from the errors of the entries."""
        each_direction: list[Any] = [line.direction for line in self.lines]
        lines = (Line(self.pair, self.k, abs(v)) for v in each_direction)
        return np.array([line.along(each) for line in lines])

    @cached_property
    def bad(self) -> Array:
        """True for the lines where the two gradients differ by more than all errors explain."""
        bad: Array = ~(self.distance <= self.allowed + self.error + self.floor)
        return bad

    @property
    def cosine(self) -> float:
        """The cosine of the angle between both gradients at the compared entries; 0 if one is 0,
        NaN if one is not finite."""
        a, n = self.analytic[: self.entries], self.expected[: self.entries]
        if not np.all(np.isfinite(a)):
            return np.nan
        a, n = (v / (np.max(np.abs(v), initial=0.0) or 1.0) for v in (a, n))
        lengths = float(np.linalg.norm(a) * np.linalg.norm(n))
        return float(np.sum(a * n)) / lengths if lengths else 0.0

    def compared(self) -> ComparedEntries:
        """The entries compared one by one, as the diagnosis needs them."""
        directions = [line.direction for line in self.lines[: self.entries]]
        return ComparedEntries(
            self.name,
            self.shape,
            self.gradient,
            np.array(directions, dtype=np.intp),
            self.expected[: self.entries],
            self.error[: self.entries],
            self.bad[: self.entries],
        )


def examine(
    pair: Pair, k: int, gradient: Array, options: Options, seconds: float, epsilon: float
) -> CheckedInput:
    """Compute the numeric derivatives of input k in about `seconds`.

    `epsilon` is the rounding unit of y or of the gradient, the larger of the two.
    """
    tolerance = FINEST if options.tolerance is None else options.tolerance
    entries = [Line(pair, k, i) for i in entries_of(pair.leaves[k].x.shape, k, options)]
    dense = dense_lines(pair, k, options.seed)
    lines, numeric = Estimator(entries, dense, tolerance, seconds, options.tick).derivatives()
    return CheckedInput(pair, k, gradient, tuple(lines), numeric, options, epsilon)


def entries_of(shape: tuple[int, ...], k: int, options: Options) -> list[int]:
    """At most `max_entries` entries of input k: corners, then others, in random order."""
    order = np.random.default_rng([options.seed, k]).permutation(math.prod(shape))
    index = np.unravel_index(order, shape) if shape else ()
    inner = np.zeros(order.size, dtype=bool)
    for i, length in zip(index, shape, strict=True):
        inner |= (i > 0) & (i < length - 1)
    chosen: list[int] = order[np.argsort(inner, kind="stable")][: options.max_entries].tolist()
    return chosen


def dense_lines(pair: Pair, k: int, seed: int) -> list[Line]:
    """Directions that depend on every entry, each by its own scale."""
    x, rng = pair.leaves[k].x, np.random.default_rng([seed, k, 1])
    size = np.maximum(np.abs(x), typical_size(x) / 8)
    lines = []
    for _ in range(DIRECTIONS):
        sign = np.where(rng.random(x.shape) < 0.5, -1.0, 1.0)
        lines.append(Line(pair, k, np.asarray(sign * rng.uniform(0.5, 1.0, x.shape) * size)))
    return lines


def numeric_derivative(checked: CheckedInput, line: Line, error: float = 0.0) -> float:
    """The derivative along a line, by the numeric method that was used for this input, with about
    this error (by default the smallest)."""
    if checked.numeric.method == COMPLEX_STEP:
        return complex_step(line)
    target = max(error, FINEST * checked.scale)
    return slope_along(line, noise_of(line.pair, line.k), target, scales_of(line)).value


def forward_product(checked: CheckedInput) -> Array:
    """J v for v = dy, where J is the Jacobian of y in x and both have the same size."""
    line = Line(checked.pair, checked.k, checked.pair.dy.reshape(checked.shape))
    if checked.numeric.method == COMPLEX_STEP:
        return line.y(complex(0.0, H)).imag / H
    h = 2.0**-17 * typical_size(line.pair.leaves[line.k].x)
    return np.asarray((line.y_or_nan(h) - line.y_or_nan(-h)) / (2 * h))


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
    i = int(np.argmax(np.where(checked.bad, checked.distance, -1.0)[: checked.entries]))
    index = checked.lines[i].index or ()
    return Worst(
        index, float(checked.analytic[i]), float(checked.expected[i]), float(checked.error[i])
    )


def bisect_wrong_entry(checked: CheckedInput, line: Line) -> Worst:
    """Find a wrong entry by bisection of a dense direction: keep the half with the larger error."""
    low, high = 0, checked.gradient.size
    v = np.ravel(line.direction)

    def gap(low: int, high: int, error: float = 0.0) -> float:
        """The difference of the two derivatives along a part of v, times the length of the part."""
        part = np.where((np.arange(v.size) >= low) & (np.arange(v.size) < high), v, 0.0)
        half = replace(line, direction=part.reshape(checked.shape))
        numeric = numeric_derivative(checked, half, error / half.length)
        return (half.along(checked.gradient) - numeric) * half.length

    both = gap(low, high)
    while high - low > 1:
        middle = (low + high) // 2
        left = gap(low, middle, abs(both) / 16)
        chosen = abs(left) >= abs(both - left)
        low, high, both = (low, middle, left) if chosen else (middle, high, both - left)
    entry = replace(line, direction=low)
    return Worst(
        entry.index or (), entry.along(checked.gradient), numeric_derivative(checked, entry)
    )
