"""A difference is a fraction of the distance moved, and too large a one stops the timing."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.bench import checks


def test_the_difference_is_relative_to_the_largest_move() -> None:
    before, reference = np.array([1.0, 1.0, 1.0]), np.array([1.0, 5.0, 0.0])
    assert checks.difference(np.array([1.0, 5.0, 0.2]), reference, before) == pytest.approx(0.05)


def test_the_distance_is_euclids_relative_to_that_moved() -> None:
    before, reference = np.zeros(4), np.array([3.0, 4.0, 0.0, 0.0])
    assert checks.distance(np.array([3.0, 4.0, 0.3, 0.4]), reference, before) == pytest.approx(0.1)
    assert checks.distance(before, reference, before) == 1
    assert checks.distance(np.full(4, np.nan), reference, before) == np.inf
    assert checks.distance(before, before, before) == np.inf


def test_players_agree_by_their_distance_and_are_told_by_their_difference() -> None:
    before, reference = [np.zeros(10_000)] * 2, [np.ones(10_000)] * 2
    kink = np.ones(10_000)
    kink[7] += 0.05  # one unit went the other way: |difference| 0.05, distance 0.05 / 100
    found = checks.agreed("two players", [reference[0], kink], reference, before)
    assert found == pytest.approx(0.05)
    kink[:20] += 0.05
    with pytest.raises(checks.WrongResult, match=r"two players: the difference 0\.002"):
        checks.agreed("two players", [kink, reference[1]], reference, before)


def test_a_missing_step_is_a_difference_of_one() -> None:
    before, reference = np.zeros(3), np.array([0.1, -0.2, 0.0])
    assert checks.difference(before, reference, before) == 1


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_number_that_is_not_finite_is_infinitely_wrong(bad: float) -> None:
    assert checks.difference(np.array([bad]), np.ones(1), np.zeros(1)) == np.inf
    assert checks.relative(np.array([bad]), np.ones(1)) == np.inf


def test_a_reference_that_did_not_move_proves_nothing() -> None:
    assert checks.difference(np.ones(2), np.ones(2), np.ones(2)) == np.inf


def test_a_player_that_is_wrong_is_seen_beside_one_that_moves_far() -> None:
    before = np.zeros(2), np.zeros(2)
    reference = np.array([1e-3, 0]), np.array([100.0, 0])
    assert checks.of_players(reference, reference, before) == 0
    wrong = np.zeros(2), reference[1]
    assert checks.of_players(wrong, reference, before) == 1


def test_relative_to_the_largest_number_expected() -> None:
    assert checks.relative(np.array([1.0, 4.1]), np.array([1.0, 4.0])) == pytest.approx(0.025)


def test_what_is_wrong_is_not_timed() -> None:
    assert checks.require("theta", 1e-4, 1e-3) == 1e-4
    for wrong in (2e-3, float("inf"), float("nan")):
        with pytest.raises(checks.WrongResult, match=r"theta: the difference .* not timed"):
            checks.require("theta", wrong, 1e-3)
