"""A difference is relative to the distance that theta moved; a large one raises WrongResult."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.bench import checks


def test_the_difference_is_relative_to_the_largest_move() -> None:
    before, reference = np.array([1.0, 1.0, 1.0]), np.array([1.0, 5.0, 0.0])
    assert checks.difference(np.array([1.0, 5.0, 0.2]), reference, before) == pytest.approx(0.05)


def test_the_distance_is_euclidean_and_relative_to_the_distance_moved() -> None:
    before, reference = np.zeros(4), np.array([3.0, 4.0, 0.0, 0.0])
    assert checks.distance(np.array([3.0, 4.0, 0.3, 0.4]), reference, before) == pytest.approx(0.1)
    assert checks.distance(before, reference, before) == 1
    assert checks.distance(np.full(4, np.nan), reference, before) == np.inf
    assert checks.distance(before, before, before) == np.inf


def test_the_distance_decides_and_the_difference_is_returned() -> None:
    before, reference = [np.zeros(10_000)] * 2, [np.ones(10_000)] * 2
    near_tie = np.ones(10_000)
    near_tie[7] += 0.05  # rounding decided one near tie: difference 0.05, distance 0.05 / 100
    found = checks.require_agreement("two players", [reference[0], near_tie], reference, before)
    assert found == pytest.approx(0.05)
    near_tie[:20] += 0.05
    with pytest.raises(checks.WrongResult, match=r"two players: the difference 0\.002"):
        checks.require_agreement("two players", [near_tie, reference[1]], reference, before)


def test_a_missing_step_is_a_difference_of_one() -> None:
    before, reference = np.zeros(3), np.array([0.1, -0.2, 0.0])
    assert checks.difference(before, reference, before) == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_number_that_is_not_finite_gives_an_infinite_difference(bad: float) -> None:
    assert checks.difference(np.array([bad]), np.ones(1), np.zeros(1)) == np.inf
    assert checks.relative_difference(np.array([bad]), np.ones(1)) == np.inf


def test_a_reference_that_did_not_move_gives_an_infinite_difference() -> None:
    assert checks.difference(np.ones(2), np.ones(2), np.ones(2)) == np.inf


def test_a_wrong_player_is_detected_next_to_one_that_moves_far() -> None:
    before = np.zeros(2), np.zeros(2)
    reference = np.array([1e-3, 0]), np.array([100.0, 0])
    assert checks.largest_difference(reference, reference, before) == 0
    wrong = np.zeros(2), reference[1]
    assert checks.largest_difference(wrong, reference, before) == 1


def test_the_relative_difference_divides_by_the_largest_expected_number() -> None:
    found = checks.relative_difference(np.array([1.0, 4.1]), np.array([1.0, 4.0]))
    assert found == pytest.approx(0.025)


def test_a_wrong_result_is_not_timed() -> None:
    assert checks.require("theta", 1e-4, 1e-3) == 1e-4
    for wrong in (2e-3, float("inf"), float("nan")):
        with pytest.raises(checks.WrongResult, match=r"theta: the difference .* not timed"):
            checks.require("theta", wrong, 1e-3)
