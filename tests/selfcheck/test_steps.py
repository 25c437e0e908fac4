"""The checks of the D step and the G step use `minigan.algorithm_1` and cover every tensor."""

from __future__ import annotations

import numpy as np
import pytest

from minigan import objectives
from minigan.selfcheck import steps


def test_every_parameter_tensor_of_both_players_is_checked() -> None:
    names = [row.name for row in steps.check_steps()]
    assert len(names) == 7 * 4
    for title in ("D step, V", "D step, V/2", "G step, minimax", "simultaneous, non-saturating"):
        parts = [name.removeprefix(f"{title}: ") for name in names if name.startswith(f"{title}:")]
        assert parts == ["linear1.W", "linear1.b", "linear2.W", "linear2.b"]


def test_the_masks_drop_and_keep_entries_in_both_halves() -> None:
    game = steps.make_game(
        steps.initial_theta("theta_g", steps.G), steps.initial_theta("theta_d", steps.D)
    )
    whole = game.draws.masks("D", 0, 2 * steps.M)
    for both, fake in zip(whole, game.draws.masks("G", 0, steps.M), strict=True):
        np.testing.assert_array_equal(both[steps.M :], fake)
        for half in (both[: steps.M], fake):
            assert 0 < half.sum() < half.size


def test_complex_parameters_make_all_arrays_of_the_game_complex() -> None:
    theta_g, theta_d = (
        steps.initial_theta("theta_g", steps.G),
        steps.initial_theta("theta_d", steps.D),
    )
    assert steps.make_game(theta_g, theta_d).batch.dtype == np.float64
    game = steps.make_game(theta_g, theta_d + 0j)
    assert game.batch.dtype == game.player_g.theta.vector.dtype == np.complex128
    real = steps.make_game(theta_g, theta_d)
    np.testing.assert_allclose(steps.D_pass(game)[1].y, steps.D_pass(real)[1].y, rtol=1e-14)


def test_a_G_step_without_the_gradient_of_relu_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("minigan.layers.relu.backward_input", lambda dy, y, out: dy)
    rows = steps.check_G_step("G", objectives.minimax, steps.fresh_pass)
    assert {row.name for row in rows if not row.passed} >= {"G: linear1.W", "G: linear1.b"}


def test_parts_and_flat_are_inverse() -> None:
    theta = steps.initial_theta("theta_d", steps.D)
    np.testing.assert_array_equal(steps.flat(tuple(steps.parts("theta_d", steps.D))), theta)
    shapes = [part.shape for part in steps.parts("theta_d", steps.D)]
    assert shapes == list(steps.D.shapes.values())
