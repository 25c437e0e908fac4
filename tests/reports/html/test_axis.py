"""Axis ticks at multiples of 1, 2 or 5 times a power of ten."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigan.reports.html.axis import around, between

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("low", "high", "ticks", "labels"),
    [
        (-1.386, -0.5, (-1.5, -1.0, -0.5), (f"{MINUS}1.5", f"{MINUS}1.0", f"{MINUS}0.5")),
        (0, 1, (0, 0.5, 1.0), ("0.0", "0.5", "1.0")),
        (0.1, 0.3, (0.1, 0.15, 0.2, 0.25, 0.3), ("0.10", "0.15", "0.20", "0.25", "0.30")),
        (3, 97, (0, 50, 100), ("0", "50", "100")),
        (0, 30_000, (0, 10_000, 20_000, 30_000), ("0", "10,000", "20,000", "30,000")),
        (5, 5, (4.5, 5.0, 5.5), ("4.5", "5.0", "5.5")),
        (0, 0, (-1, -0.5, 0, 0.5, 1), (f"{MINUS}1.0", f"{MINUS}0.5", "0.0", "0.5", "1.0")),
        (0, 3e-12, (0, 1e-12, 2e-12, 3e-12), ("0", "1e-12", "2e-12", "3e-12")),
        (0, 4e15, (0, 1e15, 2e15, 3e15, 4e15), ("0", "1e+15", "2e+15", "3e+15", "4e+15")),
    ],
)  # fmt: skip
def test_ticks_around_a_range_are_multiples_of_1_2_or_5(low, high, ticks, labels):
    axis = around(low, high)
    assert axis.ticks == ticks  # exactly: 0.3, not 0.30000000000000004
    assert axis.labels == labels
    assert (axis.low, axis.high) == (ticks[0], ticks[-1])


def test_ticks_between_two_ends_do_not_change_the_ends():
    axis = between(50, 4000)
    assert (axis.low, axis.high) == (50, 4000)
    assert axis.ticks == (1000, 2000, 3000, 4000)
    assert axis.labels == ("1,000", "2,000", "3,000", "4,000")


def test_a_position_is_a_linear_interpolation():
    axis = between(0, 200)
    assert axis.position(0, 10, 110) == 10
    assert axis.position(50, 10, 110) == 35
    assert axis.position(200, 110, 10) == 10  # upwards: the largest value has the smallest y
    assert between(100, 300).position(150, 10, 110) == 35


ENDS = st.floats(-1e150, 1e150, allow_nan=False)


@given(ENDS, ENDS)
def test_any_range_has_few_finite_ticks_with_distinct_labels(one, other):
    low, high = min(one, other), max(one, other)
    for axis in (around(low, high), between(low, high)):
        span = axis.high - axis.low
        assert span > 0
        assert math.isfinite(span)
        assert len(axis.ticks) <= 7
        assert len(set(axis.labels)) == len(axis.ticks) == len(axis.labels)
        assert axis.low <= low + 1e-8 * span
        assert axis.high >= high - 1e-8 * span
        assert len(around(low, high).ticks) >= 2
