"""How long does something take? The candidates in turn, A B C A B C ..., and the median of each.

    first call     timed apart: it builds caches, wakes threads, and compiles where something does
    warm-up        the calls that find out how many make a repeat long enough for the clock
    rounds         in each, every candidate once; a slow minute of the machine meets all alike
    told           median and quartiles over the rounds, and the fastest; seconds per call

A ratio of two medians of one `measure` is therefore worth more than either of them.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Clock: TypeAlias = Callable[[], float]
Repeat: TypeAlias = Callable[[int], float]  # how many calls -> the seconds that they took together


@dataclass(frozen=True)
class Timed:
    """What was measured of one candidate: seconds of its first call, and per call in each round."""

    first: float
    calls: int
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median over the rounds, in seconds per call."""
        return statistics.median(self.seconds)

    @property
    def quartiles(self) -> tuple[float, float]:
        """The first and the third quartile over the rounds, in seconds per call."""
        if len(self.seconds) < 2:
            return self.median, self.median
        low, _, high = statistics.quantiles(self.seconds, n=4, method="inclusive")
        return low, high

    @property
    def fastest(self) -> float:
        """The fastest round, in seconds per call: the least disturbed one."""
        return min(self.seconds)

    def milliseconds(self) -> tuple[float, float, float, float, float]:
        """Median, first and third quartile, fastest and first call, in milliseconds."""
        low, high = self.quartiles
        return (1000 * self.median, 1000 * low, 1000 * high, 1000 * self.fastest, 1000 * self.first)


def repeated(f: Callable[[], object], clock: Clock = time.perf_counter) -> Repeat:
    """f as a candidate: a function that calls f so many times and returns the seconds taken."""

    def repeat(calls: int) -> float:
        start = clock()
        for _ in range(calls):
            f()
        return clock() - start

    return repeat


def measure(candidates: Mapping[str, Repeat], *, rounds: int, at_least: float) -> dict[str, Timed]:
    """Each candidate timed in `rounds` rounds, in turn; a repeat takes at least so many seconds.

    Raises ValueError where rounds is below 1.
    """
    if rounds < 1:
        raise ValueError(f"a measurement needs at least one round, not {rounds}")
    first = {name: repeat(1) for name, repeat in candidates.items()}
    calls = {name: _calls_for(repeat, at_least) for name, repeat in candidates.items()}
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, repeat in candidates.items():
            seconds[name].append(repeat(calls[name]) / calls[name])
    return {name: Timed(first[name], calls[name], tuple(seconds[name])) for name in candidates}


def _calls_for(repeat: Repeat, at_least: float) -> int:
    """How many calls take `at_least` seconds: 1, 2, 4, ... are tried, which also warms up.

    Where no length is asked for, the first call was the warm-up.
    """
    calls = 1
    while at_least > 0 and repeat(calls) < at_least:
        calls *= 2
    return calls
