"""Schedules compared with the published values and with a slow loop."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, fields

import pytest

from minigan.schedules import Constant, ExponentialDecay, LinearRamp, Schedule


def test_constant() -> None:
    assert [Constant(0.3)(t) for t in (0, 1, 10**9)] == [0.3, 0.3, 0.3]


def test_the_published_rate_is_divided_at_every_update_and_never_below_its_floor() -> None:
    schedule, rate = ExponentialDecay(0.1, 1.000004, 1e-6), 0.1
    for t in range(5000):
        assert math.isclose(schedule(t), rate, rel_tol=1e-12)
        rate /= 1.000004
    assert schedule(10**7) == 1e-6


def test_without_a_floor_a_rate_is_never_below_0_and_NaN_is_not_hidden() -> None:
    assert ExponentialDecay(0.1, 10.0)(400) == 0
    assert ExponentialDecay(-1.0, 2.0)(0) == 0
    assert math.isnan(ExponentialDecay(math.nan, 2.0)(0))


@pytest.mark.parametrize(
    "schedule", [Constant(0.1), ExponentialDecay(0.1, 2.0), LinearRamp(0.5, 0.7, 1, 2, 10)]
)
def test_schedules_are_frozen(schedule: Schedule) -> None:
    for field in fields(schedule):
        with pytest.raises(FrozenInstanceError):
            setattr(schedule, field.name, 0.5)


def test_the_published_momentum_rises_from_epoch_1_to_250_and_holds() -> None:
    schedule = LinearRamp(0.5, 0.7, 1, 250, updates_per_epoch=500)
    assert schedule(0) == schedule(499) == 0.5
    assert math.isclose(schedule(500), 0.5 + 0.2 / 249)
    assert math.isclose(schedule(124 * 500), 0.5 + 0.2 * 124 / 249)
    assert math.isclose(schedule(249 * 500), 0.7)
    assert math.isclose(schedule(10**9), 0.7)


@pytest.mark.parametrize(("t", "expected"), [(0, 1.0), (9, 1.0), (10, 1.0), (20, 2.0), (30, 3.0)])
def test_a_ramp_that_starts_later_holds_its_first_value_until_then(t: int, expected: float) -> None:
    assert LinearRamp(1.0, 3.0, 2, 4, updates_per_epoch=10)(t) == expected
