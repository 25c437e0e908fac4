"""One input examined: its analytic gradient beside the numeric one, entry by entry.

    error_i = |analytic_i - numeric_i| / max|numeric|,     bad_i: not error_i <= tolerance

An input too large to go through is sampled, and seen whole along dense random directions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.compared import Compared
from minigan.gradcheck.numeric import (
    COMPLEX_STEP,
    Numeric,
    central_difference,
    complex_step,
    derivatives,
    largest,
)
from minigan.gradcheck.pair import Line, Pair
from minigan.gradcheck.report import Worst

COMPLEX_TOLERANCE, CENTRAL_TOLERANCE = 1e-10, 1e-6
DIRECTIONS = 4  # dense directions that look at every entry of a tensor too large to go through


@dataclass(frozen=True)
class Options:
    """The caller's wishes: see `check`."""

    tolerance: float | None
    absolute: float
    seed: int
    max_entries: int


@dataclass(frozen=True)
class Examined:
    """Input k: its gradient (any shape), the lines looked along, and the derivatives there.

    The first `entries` lines are single entries of x_k, the others are dense directions.
    """

    pair: Pair
    k: int
    gradient: Array
    lines: tuple[Line, ...]
    entries: int
    numeric: Numeric
    tolerance: float
    absolute: float

    @property
    def name(self) -> str:
        """The input's name."""
        return self.pair.names[self.k]

    @property
    def shape(self) -> tuple[int, ...]:
        """The input's shape, which the gradient's should equal."""
        shape: tuple[int, ...] = self.pair.inputs[self.k].shape
        return shape

    @property
    def claimed(self) -> Array:
        """The analytic derivative along each line."""
        return claims(self.lines, self.gradient, self.shape)

    @property
    def right(self) -> Array:
        """The numeric derivative along each line: at a kink, the right one nearest to the claim."""
        return self.numeric.nearest(self.claimed)

    @property
    def errors(self) -> Array:
        """Errors along the lines, relative to the largest derivative (or what can be resolved)."""
        length = np.array([line.length for line in self.lines])
        error = np.abs(self.claimed - self.right) / length
        blind = np.maximum(self.numeric.resolution / length, self.absolute) / self.tolerance
        scale = np.maximum(largest(self.lines, self.right), blind)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(error == 0, 0.0, error / scale)

    @property
    def bad(self) -> Array:
        """The lines whose error is above the tolerance, NaN included."""
        bad: Array = ~(self.errors <= self.tolerance)
        return bad

    def compared(self) -> Compared:
        """What the diagnosis needs to see: the entries compared one by one."""
        directions = [line.direction for line in self.lines[: self.entries]]
        resolution = float(np.max(self.numeric.resolution, initial=0.0))
        return Compared(
            self.name,
            self.shape,
            self.gradient,
            np.array(directions, dtype=np.intp),
            self.right[: self.entries],
            resolution,
            self.bad[: self.entries],
        )


def examine(pair: Pair, k: int, gradient: Array, options: Options) -> Examined:
    """Compute the numeric derivatives of input k along its lines."""
    lines, entries = lines_through(pair, k, options)
    numeric = derivatives(lines, claims(lines, gradient, pair.inputs[k].shape))
    tolerance = COMPLEX_TOLERANCE if options.tolerance is None else options.tolerance
    if numeric.method != COMPLEX_STEP:
        tolerance = max(tolerance, CENTRAL_TOLERANCE)
    return Examined(pair, k, gradient, lines, entries, numeric, tolerance, options.absolute)


def lines_through(pair: Pair, k: int, options: Options) -> tuple[tuple[Line, ...], int]:
    """All entries of x_k, or a random choice of max_entries of them and DIRECTIONS dense lines."""
    shape, size = pair.inputs[k].shape, pair.inputs[k].size
    if size <= options.max_entries:
        return tuple(Line(pair, k, i) for i in range(size)), size
    rng = np.random.default_rng([options.seed, k])
    chosen = np.sort(rng.choice(size, options.max_entries, replace=False))
    dense = [Line(pair, k, rng.uniform(-1.0, 1.0, shape)) for _ in range(DIRECTIONS)]
    return (*(Line(pair, k, int(i)) for i in chosen), *dense), options.max_entries


def claims(lines: Sequence[Line], gradient: Array, shape: tuple[int, ...]) -> Array:
    """The derivative that a gradient claims along each line; NaN if it has the wrong shape."""
    if gradient.shape != shape:
        return np.full(len(lines), np.nan)
    return np.array([line.along(gradient) for line in lines])


def numeric_for_ones(it: Examined) -> Array:
    """The numeric derivatives at the compared entries for dy = 1, by the method that was used."""
    pair = replace(it.pair, dy=np.ones_like(it.pair.dy))
    return np.array([along(it, replace(line, pair=pair)) for line in it.lines[: it.entries]])


def along(it: Examined, line: Line) -> float:
    """The numeric derivative along a line by the method that was used for this input."""
    by_step = it.numeric.method == COMPLEX_STEP
    return complex_step(line) if by_step else central_difference(line)


def worst_of(it: Examined) -> Worst | None:
    """The entry of largest error; if all that were compared are right, one found by bisection."""
    bad = np.flatnonzero(it.bad)
    if not bad.size or it.gradient.shape != it.shape:
        return None
    first = int(bad[0])
    if first >= it.entries:
        return bisected(it, it.lines[first])
    i = int(np.argmax(np.where(it.bad, it.errors, -1.0)[: it.entries]))
    return Worst(it.lines[i].index or (), float(it.claimed[i]), float(it.right[i]))


def bisected(it: Examined, line: Line) -> Worst:
    """A wrong entry that a dense direction sees: halve the direction, keep the half that is off."""
    low, high = 0, it.gradient.size
    v = np.asarray(line.direction, dtype=np.float64).reshape(-1)
    while high - low > 1:
        middle = (low + high) // 2
        errors = []
        for start, stop in ((low, middle), (middle, high)):
            part = np.zeros_like(v)
            part[start:stop] = v[start:stop]
            half = replace(line, direction=part.reshape(it.shape))
            errors.append(abs(along(it, half) - half.along(it.gradient)))
        low, high = (low, middle) if errors[0] >= errors[1] else (middle, high)
    entry = replace(line, direction=low)
    return Worst(entry.index or (), entry.along(it.gradient), along(it, entry))
