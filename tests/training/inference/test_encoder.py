"""E learns the best linear prediction, draws new z at every update, and continues bit for bit."""

from __future__ import annotations

import numpy as np
import pytest
import tiny

from minigan.backends import open_backend
from minigan.errors import UserError
from minigan.evaluation.inference import r_squared
from minigan.layers import Linear, ReLU
from minigan.network import Network
from minigan.training.inference import encoder as module
from minigan.training.inference.encoder import (
    build_E,
    draw_of,
    new_encoder,
    r_squared_of,
    train_encoder,
)
from minigan.training.inference.losses import LOSSES, PredictionLoss, loss_of

CPU = open_backend("cpu")


def sampler_of():
    return tiny.experiment().sampler


def test_a_linear_E_reaches_the_R2_of_the_best_E_of_a_linear_G():
    """x = z A + s noise, Gaussian z: E*(x) = x (A^T A + s^2 I)^-1 A^T, from Cov(x) and Cov(x, z).

    Its R^2 for z of variance 1 is tr(A (A^T A + s^2 I)^-1 A^T) / z_size.
    """
    rng, s = np.random.default_rng(4), 0.5
    A = rng.normal(0, 0.7, (3, 5))

    def draw(t, m=100):
        rng = np.random.default_rng([5, t])
        z = rng.normal(size=(m, 3))
        return (z @ A + s * rng.normal(size=(m, 5))).astype(np.float32), z.astype(np.float32)

    best = np.linalg.solve(A.T @ A + s**2 * np.eye(5), A.T)
    exact = float(np.trace(A @ best)) / 3
    assert 0.5 < exact < 0.95
    encoder = new_encoder(Network(5, (Linear(3, 0.1),)), CPU, "z")
    train_encoder(encoder, draw, PredictionLoss(), 6000)
    x, z = draw(-1 % 2**32, 100_000)
    assert r_squared(encoder.codes(x), z) == pytest.approx(r_squared(x @ best, z), abs=1e-3)
    assert r_squared(x @ best, z) == pytest.approx(exact, abs=5e-3)


def test_E_of_a_run_predicts_z_better_than_the_mean():
    sampler = sampler_of()
    encoder = new_encoder(build_E(64, 3), CPU, "z")
    train_encoder(encoder, draw_of(sampler), PredictionLoss(), 300)
    assert 0.5 < r_squared_of(encoder, sampler) <= 1


@pytest.mark.parametrize("name", LOSSES)
def test_a_training_in_two_parts_has_the_bits_of_one_without_a_stop(name):
    sampler = sampler_of()
    whole, parts = (new_encoder(build_E(64, 3), CPU, name) for _ in range(2))
    loss, losses = loss_of(name, sampler), []
    train_encoder(whole, draw_of(sampler), loss, 25, lambda t, J: losses.append((t, J)))
    for updates in (10, 10, 25):
        train_encoder(parts, draw_of(sampler), loss, updates)
    assert parts.player.updates == 25
    assert np.array_equal(whole.player.theta.vector, parts.player.theta.vector)
    assert np.array_equal(whole.player.v, parts.player.v)
    assert [t for t, J in losses] == list(range(1, 26))
    assert [J is None for t, J in losses] == [True] * 24 + [False]


def test_the_loss_of_images_brings_the_reconstructions_closer():
    sampler = sampler_of()
    x = sampler.samples(sampler.noise(200, 7))
    encoder = new_encoder(build_E(64, 3), CPU, "images")
    distances = []
    for updates in (0, 300):
        train_encoder(encoder, draw_of(sampler), loss_of("images", sampler), updates)
        distances.append(np.linalg.norm(sampler.samples(encoder.codes(x)) - x, axis=1).mean())
    assert distances[1] < 0.95 * distances[0]


def test_the_features_are_the_outputs_of_the_first_hidden_layer():
    encoder = new_encoder(build_E(64, 3), CPU)
    x = np.random.default_rng(1).random((4, 64), np.float32)
    theta = encoder.player.theta
    h = np.maximum(x @ theta["linear1.W"] + theta["linear1.b"], 0)
    assert encoder.features(x) == pytest.approx(h, rel=1e-5, abs=1e-6)


def test_every_update_draws_new_z_and_x_is_G_of_it():
    sampler = sampler_of()
    draw = draw_of(sampler)
    x, z = draw(0)
    assert z.shape == (module.M, 3)
    assert np.array_equal(x, sampler.samples(z))
    assert not (draw(1)[1] == z).any()


def test_the_layers_have_4_units_per_pixel_up_to_1200():
    assert build_E(64, 3).widths == [64, 256, 256, 256, 256, 3]
    assert build_E(784, 100).widths == [784, 1200, 1200, 1200, 1200, 100]
    assert [type(layer) for layer in build_E(64, 3).layers] == [Linear, ReLU] * 2 + [Linear]
    second = build_E(64, 3).layers[2]
    assert isinstance(second, Linear)
    assert second.spread == pytest.approx((6 / 256) ** 0.5)


def test_a_loss_that_is_not_finite_is_refused():
    encoder = new_encoder(Network(2, (Linear(1, 1.0),)), CPU)
    x, z = np.full((4, 2), 1e30, np.float32), np.zeros((4, 1), np.float32)
    with np.errstate(all="ignore"), pytest.raises(UserError, match=r"loss of E is (inf|nan)"):
        train_encoder(encoder, lambda t: (x, z), PredictionLoss(), 200)
