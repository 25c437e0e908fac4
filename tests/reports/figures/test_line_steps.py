"""D ascends the sum of Eq. 3 towards D*, and G is updated with D fixed."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.reports.figures import line_game, line_steps
from minigan.schedules import Constant, ExponentialDecay


@pytest.fixture(scope="module")
def near():
    """The snapshot of seed 0 after 10 iterations."""
    for t, game in line_game.run_game(0):
        if t == 10:
            return line_game.snapshot(t, game.player_g.theta, game.player_d.theta)
    raise AssertionError


def test_the_step_is_the_gradient_of_V(near, monkeypatch):
    monkeypatch.setattr(line_steps, "RATE_OF_D", Constant(1e-6))
    monkeypatch.setattr(line_steps, "MOMENTUM_OF_D", Constant(0.0))
    step = line_steps.to_D_star(near, 1).theta_d - near.theta_d
    theta_g = Parameters(line_game.G.shapes, near.theta_g)

    def V(theta_d):
        return line_game.snapshot(0, theta_g, Parameters(line_game.D.shapes, theta_d)).V

    gradient, h = step / 1e-6, 1e-6
    for direction in np.random.default_rng(1).standard_normal((3, len(step))):
        start = near.theta_d.astype(np.float64)
        slope = (V(start + h * direction) - V(start - h * direction)) / (2 * h)
        assert slope == pytest.approx(gradient @ direction, rel=1e-4)


def test_D_approaches_D_star_and_G_is_unchanged(near, monkeypatch):
    monkeypatch.setattr(line_steps, "RATE_OF_D", ExponentialDecay(0.02, 1.004))
    trained = line_steps.to_D_star(near, 1200)
    np.testing.assert_array_equal(trained.theta_g, near.theta_g)
    np.testing.assert_array_equal(trained.p_g, near.p_g)
    assert trained.t == near.t
    assert near.distance(near.D_star)[0] > 0.1
    assert trained.distance(trained.D_star)[0] < 0.05
    assert trained.C - trained.V < (near.C - near.V) / 5
    assert near.V < trained.V < trained.C


def test_without_steps_D_is_unchanged(near):
    np.testing.assert_allclose(line_steps.to_D_star(near, 0).D, near.D, atol=1e-6)


def test_an_update_of_G_increases_the_mean_of_D_on_samples_and_does_not_change_D(near, monkeypatch):
    monkeypatch.setattr(line_steps, "STEP_OF_G", 0.02)
    after = line_steps.update_G(near, seed=0, most=1)
    np.testing.assert_array_equal(after.theta_d, near.theta_d)
    assert after.t == near.t + 1
    assert after.D_Gz > near.D_Gz + 1e-4
    assert (after.theta_g != near.theta_g).any()


def test_the_snapshot_with_the_lowest_C_is_returned(near):
    def expected_C(most):
        """C(G) after each update, by the G step of Algorithm 1."""
        from minigan.algorithm_1 import gradient_of_G, pass_of_samples

        game = line_game.initial_game(0)
        game.player_g.theta.assign(near.theta_g)
        game.player_d.theta.assign(near.theta_d)
        player = Momentum(game.player_g.theta, Constant(0.05), Constant(0))
        for step in range(1, most + 1):
            z = game.draws.noise("G", line_game.ITERATIONS + step)
            player.descend(gradient_of_G(game, *pass_of_samples(game, z, [])))
            yield line_game.snapshot(0, player.theta, game.player_d.theta).C

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(line_steps, "STEP_OF_G", 0.05)
        at = line_steps.update_G(near, seed=0, most=12)
    C = list(expected_C(12))
    assert min(C) == at.C
    assert at.t == near.t + 1 + C.index(min(C))
    assert C.index(min(C)) < 11  # not the last one, so the test is meaningful
