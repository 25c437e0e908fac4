"""Candidates are timed in turn, with any clock."""

from __future__ import annotations

import pytest

from minigan.bench.timing import Timed, measure, timer


class FakeClock:
    """A clock that does not move by itself."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_timer_measures_from_before_the_first_call_to_after_the_last() -> None:
    clock = FakeClock()

    def work() -> None:
        clock.now += 0.25

    assert timer(work, clock)(3) == pytest.approx(0.75)
    assert clock.now == pytest.approx(100.75)


def test_candidates_are_timed_in_turn_after_warm_ups() -> None:
    order: list[tuple[str, int]] = []

    def candidate(name: str) -> object:
        def seconds_of(calls: int) -> float:
            order.append((name, calls))
            return 0.4 * calls

        return seconds_of

    timed = measure({"a": candidate("a"), "b": candidate("b")}, rounds=3, at_least=1)
    warm_up = [(name, calls) for name in "ab" for calls in (1, 2, 4)]
    assert order == [("a", 1), ("b", 1), *warm_up, *[("a", 4), ("b", 4)] * 3]
    assert timed["a"].calls == 4
    assert timed["a"].seconds == pytest.approx((0.4, 0.4, 0.4))


def test_the_first_call_is_not_part_of_the_median() -> None:
    costs = iter([9.0, 1.0, 1.5, 2.5])  # first call, warm-up, two rounds
    timed = measure({"a": lambda calls: next(costs)}, rounds=2, at_least=0.5)["a"]
    assert timed == Timed(first=9.0, calls=1, seconds=(1.5, 2.5))
    assert timed.median == 2.0


def test_without_a_minimum_time_the_first_call_is_the_only_warm_up() -> None:
    calls_made: list[int] = []
    measure({"a": lambda calls: calls_made.append(calls) or 0.0}, rounds=2, at_least=0)
    assert calls_made == [1, 1, 1]


def test_median_quartiles_and_fastest_of_five_rounds() -> None:
    timed = Timed(first=7, calls=2, seconds=(5, 1, 4, 2, 3))
    assert (timed.median, timed.quartiles, timed.fastest) == (3, (2, 4), 1)
    assert timed.milliseconds() == (3000, 2000, 4000, 1000, 7000)


def test_the_quartiles_of_one_round_are_its_time() -> None:
    assert Timed(1, 1, (2.0,)).quartiles == (2.0, 2.0)


def test_zero_rounds_raise_an_error() -> None:
    with pytest.raises(ValueError, match="at least one round"):
        measure({}, rounds=0, at_least=1)
