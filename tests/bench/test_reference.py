"""The reference is correct by itself: its gradients are slopes of V and of G's objective."""

from __future__ import annotations

import numpy as np
import pytest

from minigan import objectives
from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.bench import checks
from minigan.bench.fixed_draws import FixedDraws
from minigan.bench.reference import Reference, theta_vectors
from minigan.bench.setting import amplified_game, mnist_2014, random_images, recipe_draws
from minigan.game import Game

IMAGES = random_images(30)


def tiny(schedule: str = "algorithm1", **changes: object) -> Game:
    """Four images at a time, thirty hidden units, D's weights amplified."""
    recipe = mnist_2014(schedule, 4, 1 / 40)
    game = amplified_game(recipe, IMAGES, FixedDraws(recipe_draws(recipe, IMAGES), 5))
    for name, value in changes.items():
        setattr(game, name, value)
    return game


def log_sigma(a: object) -> float:
    return float(-np.log1p(np.exp(-np.asarray(a))).mean())


@pytest.mark.parametrize("player", ["d", "g"])
@pytest.mark.parametrize("objective", objectives.PAPER, ids=lambda o: str(o.name))
def test_gradients_are_slopes_by_central_differences(
    player: str, objective: objectives.Objective
) -> None:
    game = tiny(objective=objective, weight_of_V=0.5)
    reference, m = Reference(game), 4
    z, x = game.draws.noise("D", 0), game.draws.data(0)
    masks = game.draws.masks("D", 0, 2 * m)

    def loss() -> float:
        samples = reference.G(z)[-1]
        _, a = reference.D(np.concatenate([x, samples]), masks)
        if player == "d":
            return 0.5 * (log_sigma(a[:m]) + log_sigma(-a[m:]))
        return log_sigma(-a[m:]) if objective.name == "minimax" else -log_sigma(a[m:])

    outputs = reference.G(z)
    kept, a = reference.D(np.concatenate([x, outputs[-1]]), masks)
    if player == "d":
        sigma = 1 / (1 + np.exp(-a))
        da = np.concatenate([1 - sigma[:m], -sigma[m:]]) / m
        gradient, _ = reference.backward_D(kept, masks, 0.5 * da)
        theta = reference.theta_d
    else:
        fake = [mask[m:] for mask in masks]
        _, dx = reference.backward_D([part[m:] for part in kept], fake, reference.dG(a[m:]))
        gradient, theta = reference.backward_G(outputs, dx), reference.theta_g
    rng, h = np.random.default_rng(0), 1e-6
    for part, slope in zip(theta, gradient, strict=True):
        direction = rng.standard_normal(part.shape)
        part += h * direction
        above = loss()
        part -= 2 * h * direction
        below = loss()
        part += h * direction
        assert (above - below) / (2 * h) == pytest.approx((slope * direction).sum(), rel=1e-5)


@pytest.mark.parametrize("schedule", UPDATE_ORDERS)
def test_it_runs_the_same_iterations_as_minigan(schedule: str) -> None:
    game = tiny(schedule)
    before, reference = theta_vectors(game), Reference(game)
    for t in range(3):
        reference.iterate(schedule, t)
        UPDATE_ORDERS[schedule](game, t)
    assert checks.largest_difference(theta_vectors(game), reference.vectors(), before) < 1e-4


def test_it_takes_k_steps_on_D() -> None:
    game = tiny(k=2)
    before, reference = theta_vectors(game), Reference(game)
    for t in range(2):
        reference.iterate("algorithm1", t)
        UPDATE_ORDERS["algorithm1"](game, t)
    assert (reference.updates_d, reference.updates_g) == (4, 2)
    assert checks.largest_difference(theta_vectors(game), reference.vectors(), before) < 1e-4


def test_momentum_ascends_with_plus_and_descends_with_minus() -> None:
    game = tiny()
    reference = Reference(game)
    eta, mu = game.player_d.eta(0), game.player_d.mu(0)
    for player, sign in (("d", +1), ("g", -1)):
        theta = reference.theta_d if player == "d" else reference.theta_g
        v = reference.v_d if player == "d" else reference.v_g
        before = theta[0].copy()
        v[0][...] = 3
        reference.move(player, [np.ones_like(part) for part in theta], sign)
        np.testing.assert_allclose(theta[0], before + mu * 3 + sign * eta)
