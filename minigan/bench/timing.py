"""Timing of several candidates in turn, A B C A B C ..., with the median of each.

    first call     timed separately: it fills caches, wakes threads and may compile
    warm-up        calls that determine how many calls make one measurement long enough
    rounds         each round measures every candidate once, so that a slow period of the machine
                   affects all candidates alike
    reported       median and quartiles over the rounds, and the fastest round; seconds per call

The ratio of two medians of one `measure` is more reliable than either median.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Clock: TypeAlias = Callable[[], float]
Timer: TypeAlias = Callable[[int], float]  # number of calls -> total seconds of these calls


@dataclass(frozen=True)
class Timed:
    """The times of one candidate: its first call, and per call in each round, in seconds."""

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
        """The fastest round, in seconds per call: the round with the least disturbance."""
        return min(self.seconds)

    def milliseconds(self) -> tuple[float, float, float, float, float]:
        """Median, first and third quartile, fastest round and first call, in milliseconds."""
        low, high = self.quartiles
        return (1000 * self.median, 1000 * low, 1000 * high, 1000 * self.fastest, 1000 * self.first)


def timer(f: Callable[[], object], clock: Clock = time.perf_counter) -> Timer:
    """A function that calls f a given number of times and returns the total seconds."""

    def seconds_of(calls: int) -> float:
        start = clock()
        for _ in range(calls):
            f()
        return clock() - start

    return seconds_of


def measure(candidates: Mapping[str, Timer], *, rounds: int, at_least: float) -> dict[str, Timed]:
    """Times of each candidate over `rounds` rounds; a measurement takes `at_least` seconds.

    Raises ValueError if rounds is below 1.
    """
    if rounds < 1:
        raise ValueError(f"a measurement needs at least one round, not {rounds}")
    first = {name: time_calls(1) for name, time_calls in candidates.items()}
    calls = {name: _calls_for(time_calls, at_least) for name, time_calls in candidates.items()}
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, time_calls in candidates.items():
            seconds[name].append(time_calls(calls[name]) / calls[name])
    return {name: Timed(first[name], calls[name], tuple(seconds[name])) for name in candidates}


def _calls_for(time_calls: Timer, at_least: float) -> int:
    """The number of calls that takes `at_least` seconds: 1, 2, 4, ... are tried, as a warm-up.

    If `at_least` is 0, the first call was the warm-up.
    """
    calls = 1
    while at_least > 0 and time_calls(calls) < at_least:
        calls *= 2
    return calls
