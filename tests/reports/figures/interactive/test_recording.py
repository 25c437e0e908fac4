"""A recorded game is one that Algorithm 1 played, with the numbers of its snapshots."""

from __future__ import annotations

import json

import numpy as np
import pytest

from minigan import objectives
from minigan.algorithm_1 import algorithm1
from minigan.optimizers import Momentum
from minigan.reports.figures import line_game
from minigan.reports.figures.interactive import recording
from minigan.reports.figures.line_game import EDGES, LineSetting, Snapshot
from minigan.schedules import Constant, ExponentialDecay

SETTING = LineSetting(k=2, objective=objectives.minimax, rate=0.5)


@pytest.fixture
def short(monkeypatch):
    """Games of 9 iterations in 4 frames."""
    monkeypatch.setattr(recording, "ITERATIONS", 9)
    monkeypatch.setattr(recording, "FRAMES", 4)


@pytest.mark.usefixtures("short")
def test_a_recorded_game_is_that_of_algorithm_1_with_the_same_settings():
    done = []
    recorded = recording.record(3, SETTING, lambda: done.append(1))
    assert (recorded["k"], recorded["objective"], recorded["rate"]) == (2, "minimax", 0.5)
    assert [frame["t"] for frame in recorded["frames"]] == [0, 1, 4, 9]
    assert len(done) == 9
    assert recorded["failed"] == ""
    game = line_game.initial_game(3)
    game.k, game.objective = 2, objectives.minimax
    game.player_g = Momentum(game.player_g.theta, ExponentialDecay(0.01, 1.001), Constant(0.5))
    game.player_d = Momentum(game.player_d.theta, ExponentialDecay(0.025, 1.0003), Constant(0.5))
    for t in range(9):
        algorithm1(game, t)
    last = line_game.snapshot(9, game.player_g.theta, game.player_d.theta)
    assert recording.frame_numbers(last) == recorded["frames"][-1]
    json.dumps(recorded, allow_nan=False)


def test_a_frame_has_the_numbers_of_its_snapshot_and_the_samples_of_its_G():
    game = line_game.initial_game(0)
    at = line_game.snapshot(0, game.player_g.theta, game.player_d.theta)
    frame = recording.frame_numbers(at)
    for name, value in (("V", at.V), ("C", at.C), ("JSD", at.jsd), ("D_Gz", at.D_Gz)):
        assert abs(float(frame[name].replace("\N{MINUS SIGN}", "-")) - value) <= 5e-5
    assert abs(float(frame["distance"]) - at.distance(at.D_star)[0]) <= 5e-5
    width = (EDGES[-1] - EDGES[0]) / 100
    for name, values in (("p_g", at.p_g / width), ("D", at.D), ("D_star", at.D_star)):
        np.testing.assert_allclose(np.array(frame[name]) / 1000, values, atol=5.1e-4)
    z = np.array([[-(3**0.5)], [0], [3**0.5]], np.float32)
    x = line_game.G.forward(game.player_g.theta, z).y[:, 0]
    np.testing.assert_allclose(np.array(frame["x"])[[0, 12, 24]] / 100, x, atol=5.1e-3)


def test_a_value_that_is_not_defined_is_null_and_infinity_has_a_sign(monkeypatch):
    p_g, D = np.zeros(100), np.full(100, 0.5)
    p_g[3], D[3] = 1, 1.0
    monkeypatch.setattr(Snapshot, "p_data", np.eye(100)[4])
    theta = line_game.initial_game(0).player_g.theta.vector
    with np.errstate(divide="ignore"):
        frame = recording.frame_numbers(Snapshot(7, theta, np.empty(0), p_g, D))
    assert frame["D_star"][2:6] == [None, 0, 1000, None]
    assert (frame["t"], frame["V"]) == (7, "\N{MINUS SIGN}∞")


@pytest.mark.usefixtures("short")
def test_a_game_that_diverges_ends_with_the_reason(monkeypatch):
    monkeypatch.setattr(recording, "ITERATIONS", 900)
    recorded = recording.record(0, LineSetting(rate=50.0))
    assert recorded["frames"][0]["t"] == 0
    assert len(recorded["frames"]) < 4
    assert "this game has diverged" in recorded["failed"]
    json.dumps(recorded, allow_nan=False)


def test_the_density_of_the_data_sums_to_one():
    assert abs(sum(recording.density_of_data()) / 1000 * 0.07 - 1) < 2e-3
