"""Two point masses: JSD does not depend on their distance, W1 is the distance."""

from __future__ import annotations

import pytest

from minigan.theory.two_masses import loss_slopes, losses

LOG_2 = 0.69314718055994530942


@pytest.mark.parametrize("theta", [-1.5, -1e-9, 0.25, 3.0])
def test_jsd_is_log_2_and_w1_is_the_distance(theta: float) -> None:
    assert losses(theta).jsd == pytest.approx(LOG_2, rel=1e-15)
    assert losses(theta).w1 == abs(theta)


def test_both_are_0_at_the_distance_0() -> None:
    assert losses(0.0) == (0, 0)


@pytest.mark.parametrize("theta", [-2.0, -0.1, 0.3, 1.7])
def test_w1_has_the_slope_1_on_each_side_and_jsd_the_slope_0(theta: float) -> None:
    assert loss_slopes(theta).jsd == 0
    assert loss_slopes(theta).w1 == pytest.approx(1 if theta > 0 else -1, abs=1e-13)


def test_the_slope_within_1_64_of_the_data_is_that_of_a_line_across_the_kink() -> None:
    # from theta = -1/128 to 3/128, and from -1/64 to 1/64: the difference of W1, by the distance
    assert loss_slopes(1 / 128) == (0, (3 / 128 - 1 / 128) / (1 / 32))
    assert loss_slopes(0.0) == (0, 0)
    assert loss_slopes(1 / 64).w1 == loss_slopes(0.375).w1 == 1  # exact in binary
