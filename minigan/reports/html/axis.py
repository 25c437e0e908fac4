"""Ticks at round numbers: multiples of 1, 2 or 5 times a power of ten.

    step = the smallest of 1, 2, 5, 10, 20, 50, ... 10^e with (high - low) / step <= most

A tick is k step for a whole k, and is computed in whole numbers, so that 0.3 is 0.3.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from minigan.reports.html.markup import signed

LONGEST = 9  # characters of a label; beyond it a power of ten is shorter
FLAT = 1e-9  # a smaller range, as a part of the values, is rounding
NOTHING = 1e-150  # what is smaller is 0


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`, with ticks in between."""

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]

    def place(self, value: float, start: float, end: float) -> float:
        """Where a value lies when low lies at `start` and high at `end`."""
        return start + (value - self.low) / (self.high - self.low) * (end - start)


def around(low: float, high: float, most: int = 4) -> Axis:
    """An axis from the tick at or below `low` to the tick at or above `high`."""
    low, high = _apart(low, high)
    mantissa, exponent = _step(low, high, most)
    step = _times(1, mantissa, exponent)
    # The allowance keeps 0.3 / 0.1 = 2.9999999999999996 from giving a tick too many.
    first, last = math.floor(low / step + FLAT), math.ceil(high / step - FLAT)
    ticks = tuple(_times(k, mantissa, exponent) for k in range(first, last + 1))
    return Axis(ticks[0], ticks[-1], ticks, _labels(ticks, step, exponent))


def between(low: float, high: float, most: int = 4) -> Axis:
    """An axis from `low` to `high` as they are, with the ticks that lie between them."""
    low, high = _apart(low, high)
    mantissa, exponent = _step(low, high, most)
    step = _times(1, mantissa, exponent)
    first, last = math.ceil(low / step - FLAT), math.floor(high / step + FLAT)
    ticks = tuple(_times(k, mantissa, exponent) for k in range(first, last + 1))
    return Axis(low, high, ticks, _labels(ticks, step, exponent))


def _apart(low: float, high: float) -> tuple[float, float]:
    """The same ends, or ends that are apart where they are one number but for rounding."""
    size = max(abs(low), abs(high))
    if high - low > max(FLAT * size, NOTHING):
        return low, high
    margin = size / 10 if size > NOTHING else 1.0
    return low - margin, high + margin


def _step(low: float, high: float, most: int) -> tuple[int, int]:
    """(1, 2 or 5, e) of the step."""
    exponent = math.floor(math.log10((high - low) / most))
    for mantissa, more in ((1, 0), (2, 0), (5, 0), (1, 1), (2, 1)):
        if (high - low) / _times(1, mantissa, exponent + more) <= most * (1 + FLAT):
            break
    return mantissa, exponent + more


def _times(k: int, mantissa: int, exponent: int) -> float:
    """k mantissa 10^exponent, rounded once."""
    power = int(10 ** abs(exponent))
    return k * mantissa / power if exponent < 0 else float(k * mantissa * power)


def _labels(ticks: tuple[float, ...], step: float, exponent: int) -> tuple[str, ...]:
    plain = [f"{tick:,.{max(0, -exponent)}f}" for tick in ticks]
    if exponent < -LONGEST or any(len(label) > LONGEST for label in plain):
        largest = max(abs(tick) for tick in ticks)
        digits = max(1, math.ceil(math.log10(max(largest / step, 1))) + 1)
        plain = [f"{tick:.{digits}g}" for tick in ticks]
    return tuple(signed(label) for label in plain)
