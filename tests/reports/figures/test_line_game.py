"""The one-dimensional game uses Algorithm 1, and its snapshots are correct."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigan.algorithm_1 import algorithm1
from minigan.draws import noise
from minigan.reports.figures import line_game
from minigan.reports.figures.line_game import EDGES, Snapshot


def shot(seed=0, iterations=0):
    """The snapshot after the given number of iterations."""
    for t, game in line_game.run_game(seed):
        if t == iterations:
            return line_game.snapshot(t, game.player_g.theta, game.player_d.theta)
    raise AssertionError


def snapshot_of(p_g, D):
    """A snapshot with the given p_g and D in the first bins, and p_g = 0 and D = 1/2 elsewhere."""
    full_p_g, full_D = np.zeros(len(EDGES) - 1), np.full(len(EDGES) - 1, 0.5)
    full_p_g[: len(p_g)], full_D[: len(D)] = p_g, D
    return Snapshot(0, np.empty(0), np.empty(0), full_p_g, full_D)


def test_the_frames_cover_all_iterations_and_are_denser_at_the_start():
    iterations = sorted(line_game.frame_iterations(line_game.ITERATIONS, 50))
    assert (iterations[0], iterations[-1]) == (0, line_game.ITERATIONS)
    assert len(iterations) <= 50
    steps = np.diff(iterations)
    assert (steps > 0).all()
    assert steps[0] < steps[-1]


def test_the_training_is_algorithm_1():
    game = line_game.initial_game(3)
    for t in range(4):
        algorithm1(game, t)
    at = shot(3, 4)
    np.testing.assert_array_equal(at.theta_g, game.player_g.theta.vector)
    np.testing.assert_array_equal(at.theta_d, game.player_d.theta.vector)
    assert game.player_d.updates == 4 * line_game.K


def test_the_last_state_is_after_the_last_iteration(monkeypatch):
    monkeypatch.setattr(line_game, "ITERATIONS", 2)
    states = [(t, game.player_g.updates) for t, game in line_game.run_game(0)]
    assert states == [(0, 0), (1, 1), (2, 2)]


def test_equal_seeds_give_equal_runs():
    again = shot(5, 2)
    np.testing.assert_array_equal(shot(5, 2).p_g, again.p_g)
    np.testing.assert_array_equal(shot(5, 2).D, again.D)
    assert (shot(6, 2).p_g != again.p_g).any()


@pytest.mark.parametrize("seed", range(8))
def test_G_increases_and_all_kinks_are_inside_the_intervals_of_z_and_x(seed):
    game = line_game.initial_game(seed)
    theta_g, theta_d = game.player_g.theta, game.player_d.theta
    z = np.array([[-math.sqrt(3)], [math.sqrt(3)]], np.float32)
    low, high = line_game.G.forward(theta_g, z).y[:, 0]
    assert low < high
    kinks_g = -theta_g["linear1.b"] / theta_g["linear1.W"][0]
    kinks_d = -theta_d["linear1.b"] / theta_d["linear1.W"][0]
    assert abs(kinks_g).max() <= math.sqrt(3) + 1e-5
    assert (kinks_d >= EDGES[0] - 1e-4).all()
    assert (kinks_d <= EDGES[-1] + 1e-4).all()
    # The expected share in the outer halves is 1/2 for uniform kinks and 2/3 for these.
    assert (abs(kinks_g) > math.sqrt(3) / 2).mean() > 0.5


def test_the_p_g_of_a_snapshot_agrees_with_samples_of_its_G():
    at = shot(0, 20)
    G_of = line_game.initial_game(0).player_g.theta
    G_of.assign(at.theta_g)
    z = noise.uniform(np.random.default_rng(1), 200_000, 1)
    counted = np.histogram(line_game.G.forward(G_of, z).y, EDGES)[0] / len(z)
    five_sigma = 5 * np.sqrt(counted * (1 - counted) / len(z)) + 1e-4
    assert (abs(at.p_g - counted) < five_sigma).all()


def test_the_D_of_a_snapshot_is_the_probability():
    at = shot(0, 3)
    theta_d = line_game.initial_game(0).player_d.theta
    theta_d.assign(at.theta_d)
    middle = np.float32((EDGES[40] + EDGES[41]) / 2)
    logit = float(line_game.D.forward(theta_d, np.array([[middle]])).y[0, 0])
    assert math.isclose(at.D[40], 1 / (1 + math.exp(-logit)), rel_tol=1e-5)


def test_a_snapshot_does_not_change_during_further_training():
    game = line_game.initial_game(0)
    at = line_game.snapshot(0, game.player_g.theta, game.player_d.theta)
    before = at.theta_g.copy(), at.theta_d.copy()
    algorithm1(game, 0)
    np.testing.assert_array_equal(at.theta_g, before[0])
    np.testing.assert_array_equal(at.theta_d, before[1])


def test_C_and_V_are_those_of_the_sums_of_the_paper():
    at = shot(0, 10)
    C, V = 0.0, 0.0
    for a, b, D in zip(at.p_data, at.p_g, at.D, strict=True):
        C += a * math.log(a / (a + b)) if a else 0
        C += b * math.log(b / (a + b)) if b else 0
        V += a * math.log(D) + b * math.log(1 - D)
    assert math.isclose(at.C, C, rel_tol=1e-9)
    assert math.isclose(at.V, V, rel_tol=1e-9)
    assert at.V < at.C
    assert math.isclose(at.jsd, (C + math.log(4)) / 2, rel_tol=1e-7)
    assert math.isclose(at.D_Gz, sum(b * D for b, D in zip(at.p_g, at.D, strict=True)))


def test_the_distance_of_D_is_weighted_by_the_distribution_of_its_inputs(monkeypatch):
    p_data = np.zeros(len(EDGES) - 1)
    p_data[:3] = [0.5, 0.47, 0.03]
    monkeypatch.setattr(Snapshot, "p_data", p_data)
    at = snapshot_of(p_g=[0.5, 0.5, 0.0], D=[0.5, 0.4, 0.9])
    # Weights 0.5, 0.485, 0.015: the third bin is part of the mean, but ignored for the largest.
    mean, largest = at.distance(0.5)
    assert math.isclose(mean, 0.485 * 0.1 + 0.015 * 0.4)
    assert math.isclose(largest, 0.1)


def test_after_sixty_iterations_p_g_is_close_to_p_data():
    start, later = shot(0, 0), shot(0, 60)
    assert start.jsd > 0.5
    assert later.jsd < 0.1
