"""Axis ticks at multiples of 1, 2 or 5 times a power of ten.

    step = the smallest of {1, 2, 5} 10^e with (high - low) / step <= most

A tick is k step for an integer k. It is computed with integers, so that 3 times 0.1 is exactly 0.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from minigan.reports.html.markup import signed

LONGEST = 9  # characters: longer labels use exponent notation
FLAT = 1e-9  # a smaller range, relative to the values, is treated as rounding error
TINY = 1e-150  # smaller values are treated as 0


@dataclass(frozen=True)
class Axis:
    """An axis from `low` to `high`, with ticks and their labels."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]

    def position(self, value: float, start: float, end: float) -> float:
        """The coordinate of a value, by linear interpolation: low -> start, high -> end."""
        return start + (value - self.low) / (self.high - self.low) * (end - start)


def around(low: float, high: float, most: int = 4) -> Axis:
    """An axis that is extended to the tick at or below `low` and the tick at or above `high`."""
    low, high = _widened(low, high)
    mantissa, exponent = _step(low, high, most)
    step = _times(1, mantissa, exponent)
    # Without the tolerance, 0.3 / 0.1 = 2.9999999999999996 would add a tick.
    first, last = math.floor(low / step + FLAT), math.ceil(high / step - FLAT)
    ticks = tuple(_times(k, mantissa, exponent) for k in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], ticks, _labels(ticks, step, exponent))


def between(low: float, high: float, most: int = 4) -> Axis:
    """An axis from exactly `low` to `high`, with the ticks between them."""
    low, high = _widened(low, high)
    mantissa, exponent = _step(low, high, most)
    step = _times(1, mantissa, exponent)
    first, last = math.ceil(low / step - FLAT), math.floor(high / step + FLAT)
    ticks = tuple(_times(k, mantissa, exponent) for k in range(first, last + 1))
    return Axis(low, high, ticks, _labels(ticks, step, exponent))


def _widened(low: float, high: float) -> tuple[float, float]:
    """The same ends, or ends with a margin if the range is empty except for rounding."""
    size = max(abs(low), abs(high))
    if high - low > max(FLAT * size, TINY):
        return low, high
    margin = size / 10 if size > TINY else 1.0
    return low - margin, high + margin


def _step(low: float, high: float, most: int) -> tuple[int, int]:
    """(mantissa, e) of the step = mantissa 10^e, with the mantissa 1, 2 or 5."""
    exponent = math.floor(math.log10((high - low) / most))
    for mantissa, more in ((1, 0), (2, 0), (5, 0), (1, 1), (2, 1)):
        if (high - low) / _times(1, mantissa, exponent + more) <= most * (1 + FLAT):
            break
    return mantissa, exponent + more


def _times(k: int, mantissa: int, exponent: int) -> float:
    """k mantissa 10^exponent, with a single rounding."""
    power = int(10 ** abs(exponent))
    return k * mantissa / power if exponent < 0 else float(k * mantissa * power)


def _labels(ticks: tuple[float, ...], step: float, exponent: int) -> tuple[str, ...]:
    plain = [f"{tick:,.{max(0, -exponent)}f}" for tick in ticks]
    if exponent < -LONGEST or any(len(label) > LONGEST for label in plain):
        largest = max(abs(tick) for tick in ticks)
        digits = max(1, math.ceil(math.log10(max(largest / step, 1))) + 1)
        plain = [f"{tick:.{digits}g}" for tick in ticks]
    return tuple(signed(label) for label in plain)
