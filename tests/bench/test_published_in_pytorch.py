"""The published CIFAR-10 configuration in PyTorch: the start of a small one, and where it stops."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent.parent / "benchmarks"))

pytestmark = pytest.mark.oracle


@pytest.fixture
def script():
    return pytest.importorskip("published_in_pytorch")


@pytest.fixture
def players(script):
    return script.Players(12, script.Sizes(g=20, d=4), seed=3)


def test_each_image_has_mean_0_and_norm_55(script):
    x = script.contrast_normalised(np.arange(24, dtype=np.uint8).reshape(2, 12) ** 2).numpy()
    np.testing.assert_allclose(x.mean(1), 0, atol=1e-5)
    np.testing.assert_allclose(np.sqrt((x**2).sum(1)), 55, rtol=1e-6)


def test_the_first_line_has_the_values_of_an_undecided_D_and_the_rate_falls(script, players):
    x = script.contrast_normalised(np.random.default_rng(0).integers(0, 256, (100, 12)))
    first, last = script.train(x, players, 5)
    assert [first["iteration"], last["iteration"]] == [0, 4]
    assert first["V"] == pytest.approx(-2 * math.log(2), abs=1e-2)
    assert first["loss_g"] == pytest.approx(math.log(2), abs=1e-2)
    assert players.eta == pytest.approx(0.025 / 1.000004**5, rel=1e-12)


def test_each_player_descends_its_own_loss_on_the_theta_of_one_forward_pass(script, players):
    """v after an update is -eta times the slope of loss_g (for G) and of -V/2 (for D)."""
    x = script.contrast_normalised(np.random.default_rng(1).integers(0, 256, (50, 12)))
    theta, h = players.g + players.d, 2e-3
    for p in players.d:
        p.data *= 40  # with the published spread the slopes of G are below 1e-7
    state, start = players.rng.get_state(), [p.detach().clone() for p in theta]
    players.iterate(x)
    slopes = [-v.view(-1)[0].item() / 0.025 for v in players.v]

    def losses(which, change):
        players.rng.set_state(state)
        for p, q in zip(theta, start, strict=True):
            p.data.copy_(q)
        theta[which].data.view(-1)[0] += change
        found = players.iterate(x)
        return found["loss_g"], -found["V"] / 2

    for which, loss in ((4, 0), (5, 0), (7, 1), (9, 1), (11, 1)):  # G: W3, b3; D: b1, b2, b3
        difference = losses(which, h)[loss] - losses(which, -h)[loss]
        assert abs(slopes[which]) > 1e-4
        assert slopes[which] == pytest.approx(difference / (2 * h), rel=2e-2)


def test_the_training_stops_at_the_first_V_that_is_not_finite(script, players):
    x = script.contrast_normalised(np.random.default_rng(2).integers(0, 256, (100, 12)))
    players.eta = 1e20
    lines = list(script.train(x, players, 50))
    assert not math.isfinite(lines[-1]["V"])
    assert lines[-1]["iteration"] < 49
