"""The derivative along a line by finite differences, with a bound on its error.

    central      D(h) = (L(x + hv) - L(x - hv)) / 2h      = L' + a h^2 + b h^4 + ...
    one-sided    R(h) = (L(x + hv) - L(x)) / h            = L' + a h + b h^2 + ...
    jump         J(h) = R(h) - R(-h)                      = K + a h + b h^3 + ...

D, R and J are extrapolated to h = 0 by Richardson's method (Ridders, "Accurate computation of F'(x)
and F'(x) F''(x)", 1982). K is 0 at a smooth point; at a kink it is the right slope minus the left
one, and L' is their mean. The steps h are powers of 2 in several windows, from the scale of x down
to 2**-43 of it, because L may change on any scale. The error bound of a window is the sum of

- the difference between neighbouring extrapolations, which shows truncation and noise;
- the rounding error sum |dy_j| noise_j / h over the entries of y that have changed so far;
- the error of the extrapolated jump: an unseen kink would shift L' by half of it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from minigan.arrays import Array
from minigan.gradcheck.pair import Line

UNIT = 2.0**-52
LEVELS = 8  # steps of one window, each half of the one before
WINDOWS = (0, 8, 15, 22, 29, 36)  # the largest step of each window is 2**-start of the scale
PROBE = 2.0**-24  # relative step of the single difference that detects small-scale structure
PROBE_ERROR = 1e-5  # its truncation error, relative to L': L changes slowly over so small a step
ROUGH, STEP = 1e-6, 2.0**-14  # an error that a staircase may cause, and a step smaller than a stair
CENTRAL, ONE_SIDED = "central difference", "one-sided difference"
EVEN, ALL, ODD = range(2, 2 * LEVELS, 2), range(1, LEVELS), range(1, 2 * LEVELS, 2)


@dataclass(frozen=True)
class Slope:
    """A derivative and its error bound, of which `rounding` is due to rounding errors of y.

    `jump` is the right slope minus the left slope at a kink, and 0 at a smooth point.
    """

    value: float
    error: float
    rounding: float = 0.0
    jump: float = 0.0
    method: str = CENTRAL

    @property
    def left(self) -> float:
        """The slope to the left."""
        return self.value - self.jump / 2

    @property
    def right(self) -> float:
        """The slope to the right."""
        return self.value + self.jump / 2


UNKNOWN = Slope(math.nan, math.inf)


@dataclass
class Quotients:
    """R(h), R(-h) and a bound on their rounding error, for the steps h of one line.

    A small step may be too small to change an entry of y. So the rounding error also counts what
    larger steps have shown: the entries that `moved`, and the `steepest` secant of L.
    """

    line: Line
    noise: Array
    moved: Array
    steepest: float = 0.0

    def at(self, h: float) -> tuple[float, float, float]:
        """R(h), R(-h) and the bound; not finite where x + hv or x - hv leaves the domain."""
        pair, step = self.line.pair, h * self.line.length
        ahead, behind = self.line.y_or_nan(h) - pair.y, pair.y - self.line.y_or_nan(-h)
        self.moved |= (ahead != 0) | (behind != 0)
        R, L = float(np.sum(pair.dy * ahead)) / step, float(np.sum(pair.dy * behind)) / step
        self.steepest = max([self.steepest, *(abs(D) for D in (R, L) if math.isfinite(D))])
        rounding = float(np.sum(np.abs(pair.dy) * self.noise, where=self.moved)) / step
        rounding += max(abs(R), abs(L)) * self.error_of_step(step) + UNIT * self.steepest
        return R, L, rounding

    def error_of_step(self, step: float) -> float:
        """The relative rounding error of the step (x + hv) - x."""
        x = np.abs(self.line.pair.leaves[self.line.k].x)
        one = isinstance(self.line.direction, int)
        size = x.reshape(-1)[self.line.direction] if one else np.max(x, initial=0.0) * x.size**0.5
        return float(np.finfo(x.dtype).eps * size) / step


@np.errstate(all="ignore")
def slope_along(line: Line, noise: Array, target: float, scales: Sequence[float]) -> Slope:
    """The derivative of L along the line. No further window is tried once the error <= target.

    `noise` (like y) bounds the rounding error of each entry of y. The windows start at each of the
    `scales`, in the units of v. The derivative of a staircase is its slope over long steps, or 0.
    """
    line = replace(line, pair=line.pair.extended)
    quotients = Quotients(line, noise, np.zeros(line.pair.y.shape, dtype=bool))
    best = searched(quotients, target, scales)
    if not np.any(quotients.moved):  # L' is too small to be seen, even with the largest step
        error = float(np.sum(np.abs(line.pair.dy) * noise)) / scales[0]
        return replace(best, error=error / line.length)
    rough = best.error > ROUGH * abs(best.value)
    if rough and all(np.all(line.y_or_nan(t * scales[0]) == line.pair.y) for t in (STEP, -STEP)):
        return replace(best, error=best.error + abs(best.value))
    return best


def searched(quotients: Quotients, target: float, scales: Sequence[float]) -> Slope:
    """The first estimate that is precise enough and not contradicted, or the best one."""
    found: list[tuple[float, Slope]] = []
    for scale in scales:
        for start in WINDOWS:
            step = scale * 2.0**-start
            found.append((step, window(quotients, step, target)))
            best = chosen(found)
            enough = best.error <= max(target, 4 * best.rounding)  # rounding errors grow from here
            smaller = [one for one in scales if one <= scale]
            if not (enough and np.any(quotients.moved)):
                continue
            if all(agrees(quotients, one * PROBE, best) for one in smaller):
                return best
        if best.error <= 1e-4 * abs(best.value):
            break
    return best


def window(quotients: Quotients, step: float, target: float) -> Slope:
    """The best estimate from the steps h, h/2, ..., where h = `step`."""
    samples, best = [], UNKNOWN
    for k in range(LEVELS):
        samples.append(quotients.at(step * 2.0**-k))
        best = min(best, combined(samples), key=lambda slope: slope.error)
        if best.error <= target and not best.jump:
            break
    return best


def combined(samples: Sequence[tuple[float, float, float]]) -> Slope:
    """The estimate from both sides, or from one where the other leaves the domain."""
    R, L, rounding = np.array(samples).T
    value, error, noise = limit((R + L) / 2, rounding, EVEN)
    if math.isfinite(value):
        K, error_of_K, noise_of_K = limit(R - L, 4 * rounding, ODD)
        error, noise = error + error_of_K / 2, noise + noise_of_K / 2
        return Slope(value, error, noise, 0.0 if abs(K) <= 2 * error_of_K else K)
    sides = limit(R, 2 * rounding, ALL), limit(L, 2 * rounding, ALL)
    return Slope(*min(sides, key=lambda side: side[1]), method=ONE_SIDED)


def limit(D: Array, rounding: Array, exponents: Sequence[int]) -> tuple[float, float, float]:
    """The limit of D(h), D(h/2), ... for h -> 0, its error bound and the part of it that is due to
    rounding; (nan, inf, 0) with fewer than three values.

    Steps before one that leaves the domain leave it, too.
    """
    inside = 1 + int(np.max(np.flatnonzero(~np.isfinite(D)), initial=-1))
    best, least, noise = math.nan, math.inf, 0.0
    table: list[float] = []
    for k, (value, bound) in enumerate(np.stack([D, rounding], 1)[inside:].tolist()):
        row = [value]
        for old, exponent in zip(table, exponents, strict=False):
            row.append(row[-1] + (row[-1] - old) / (2.0**exponent - 1))
        for m in range(1, len(row)) if k >= 2 else ():
            if (error := abs(row[m] - table[m - 1]) + 2 * bound) < least:
                best, least, noise = row[m], error, 2 * bound
        table = row
    return best, least, noise


def chosen(found: Sequence[tuple[float, Slope]]) -> Slope:
    """The most precise estimate, unless smaller steps contradict it. `found` has steps and slopes.

    Where two windows of smaller steps agree with each other, they are right. Where only one
    contradicts it, or where smaller steps do not change y, the error bound becomes the distance
    between the two estimates plus the error of the finer one.
    """
    ordered = [slope for _, slope in sorted(found, key=lambda one: -one[0])]
    start = min(range(len(ordered)), key=lambda i: ordered[i].error)
    best = ordered[start]
    for i in range(start + 1, len(ordered)):
        finer = ordered[i]
        if consistent(best, finer):
            continue
        size = max(abs(finer.value), abs(best.value))
        supported = any(
            consistent(finer, other) and other.error <= 0.1 * size for other in ordered[i + 1 :]
        )
        if supported and finer.value and finer.error <= 0.01 * size:
            best = finer
        elif finer.error <= 0.1 * size:
            best = replace(best, error=abs(finer.value - best.value) + finer.error)
    return best


def consistent(coarse: Slope, fine: Slope) -> bool:
    """Do two estimates agree within their errors, with or without a kink?"""
    if not math.isfinite(fine.value):
        return True
    if not fine.jump and fine.error < abs(coarse.jump) / 8:
        return False
    return abs(fine.value - coarse.value) <= 2 * (fine.error + coarse.error)


def agrees(quotients: Quotients, h: float, best: Slope) -> bool:
    """Do the differences with one very small step agree with the estimate and with its jump?"""
    R, L, rounding = quotients.at(h)
    if not math.isfinite(R - L):
        return best.method == ONE_SIDED
    allowed = best.error + 4 * rounding + PROBE_ERROR * max(abs(best.value), abs(best.jump))
    return abs((R + L) / 2 - best.value) <= allowed and abs(R - L - best.jump) <= 4 * allowed
