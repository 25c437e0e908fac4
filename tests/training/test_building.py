"""The game of a recipe has its settings: rates, momentum, penalty, limit, margins, memory."""

from __future__ import annotations

import numpy as np
import pytest
import tiny

from minigan import draws
from minigan.data import digits
from minigan.draws import noise
from minigan.errors import UserError
from minigan.objectives.penalties import WGANGP
from minigan.system import memory


def iterated(experiment, start, stop):
    for t in range(start, stop):
        experiment.iterate(t)
    return experiment


def test_the_game_has_the_settings_of_the_recipe():
    changes = {"training__k": 3, "discriminator__weight_of_V": 0.5, "prior__kind": "gaussian"}
    begun = tiny.experiment(seed=9, generator__objective="minimax", **changes)
    game = begun.game
    assert (game.m, game.k, game.weight_of_V, game.objective.name) == (10, 3, 0.5, "minimax")
    z = noise.gaussian(draws.generator(9, "noise/G", 4), 10, 3)
    np.testing.assert_array_equal(game.draws.noise("G", 4), z)
    data = begun.data
    for images, split in (
        (data.train, "train"), (data.validation, "validation"), (data.test, "test"),
    ):  # fmt: skip
        np.testing.assert_array_equal(images.pixels, digits.load(split).pixels)
        np.testing.assert_array_equal(images.labels, digits.load(split).labels)
    assert {array.dtype for array in (game.player_g.theta.vector, game.player_d.v)} == {
        np.dtype(np.float32)
    }


def test_rate_and_momentum_follow_the_recipe_for_both_players():
    changes = {"training__m": 100, "training__k": 2}
    game = tiny.experiment(optimizer__rate_floor=0.05, **changes).game
    for player in (game.player_g, game.player_d):
        assert player.eta(3) == pytest.approx(0.1 / 1.01**3, rel=1e-12)
        assert player.eta(1000) == 0.05
    # 1197 images make epochs of 11 iterations: mu is 0.5, 0.6, then 0.7 from epoch 3 on.
    for t, mu in ((0, 0.5), (10, 0.5), (11, 0.6), (21, 0.6), (22, 0.7), (99, 0.7)):
        assert game.player_g.mu(t) == pytest.approx(mu)
        assert game.player_d.mu(2 * t) == game.player_d.mu(2 * t + 1) == pytest.approx(mu)


def test_an_epoch_of_G_has_as_many_updates_as_G_makes_in_it():
    game = tiny.experiment(training__m=100, training__g_steps=3).game
    # 1197 images make epochs of 11 iterations: 33 updates of G and, with k = 2, 22 of D.
    for t, mu in ((0, 0.5), (32, 0.5), (33, 0.6), (65, 0.6), (66, 0.7)):
        assert game.player_g.mu(t) == pytest.approx(mu)
    assert [game.player_d.mu(t) for t in (21, 22)] == pytest.approx([0.5, 0.6])
    game = iterated(tiny.experiment(training__g_steps=3), 0, 2).game
    assert (game.player_g.updates, game.player_d.updates) == (6, 4)


def test_the_penalty_of_the_recipe_has_its_weight_and_the_seed_of_the_run():
    changes = {"discriminator__penalty": "WGANGP", "discriminator__penalty_weight": 0.3}
    game = tiny.experiment(seed=9, **changes).game
    assert game.penalty == WGANGP(0.3, 9)
    assert tiny.experiment().game.penalty is None
    falling = {"discriminator__penalty_divisor": 2.0, "discriminator__penalty_floor": 0.1}
    weight = tiny.experiment(**changes, **falling).game.penalty.lambda_
    assert [weight(t) for t in (0, 1, 2)] == [0.3, 0.15, 0.1]


def test_after_every_update_theta_d_is_within_the_limit_and_G_is_not_limited():
    changes = {"discriminator__clip": 0.01, "generator__objective": "wasserstein"}
    game = iterated(tiny.experiment(**changes), 0, 3).game
    assert abs(game.player_d.theta.vector).max() == np.float32(0.01)
    assert game.player_d.updates == 6
    assert abs(game.player_g.theta.vector).max() > 0.01


@pytest.mark.parametrize(
    "changes",
    [
        {"generator__hidden": [100_000, 100_000, 100_000]},
        {"discriminator__units": [100_000], "discriminator__pieces": 1000},
    ],
)
def test_networks_larger_than_the_memory_are_refused_before_allocation(monkeypatch, changes):
    monkeypatch.setattr(memory, "memory", lambda: 10**10)
    with pytest.raises(UserError, match=r"these networks need .* GB and this machine has 10 GB"):
        tiny.experiment(**changes)


def test_where_the_memory_is_not_known_nothing_is_refused(monkeypatch):
    monkeypatch.setattr(memory, "memory", lambda: None)
    tiny.experiment()


def test_margins_and_the_rate_factor_reach_the_game():
    game = tiny.experiment(**tiny.LAZY).game
    a = np.array([[-1.0], [1.0]])
    assert game.objective.loss_gradient(a).tolist()[1] == [0]
    assert game.objective.value_gradient(a, a)[0].tolist()[1] == [0]
    rates = [one.hyperparameters(0)["eta"] for one in (game.player_d, game.player_g)]
    assert rates == [0.2, 0.1]
