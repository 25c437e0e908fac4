"""The GSN: a walk by the formulas, its gradient by autograd, the noise, and digits."""

from __future__ import annotations

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from minigan import draws
from minigan.arrays import Array
from minigan.data import digits
from minigan.parameters import Parameters
from minigan.theory.relatives import gsn
from minigan.theory.relatives.gsn import GSN, WalkStep

N, FIRST, SECOND, M, STEPS = 5, 4, 3, 2, 3
SMALL = GSN(N, (FIRST, SECOND))


def random(name: str, *shape: int) -> Array:
    return draws.generator(0, f"test/{name}", 0).standard_normal(shape)


X = (random("x", M, N) > 0).astype(float)
INPUTS = (random("inputs", STEPS, M, N) > 0).astype(float)
NOISE = random("noise", 2 * STEPS, M, SECOND)
SHAPES = [(N, FIRST), (FIRST, SECOND), (N,), (FIRST,), (SECOND,)]


def theta_of(vector: Array) -> Parameters:
    return Parameters(SMALL.shapes, vector)


VECTOR = random("theta", sum(int(np.prod(shape)) for shape in SHAPES))


def fixed_walk(theta: Parameters) -> list[WalkStep]:
    inputs, noise = iter([*INPUTS[1:], INPUTS[0]]), iter(NOISE)
    return gsn.walk(theta, INPUTS[0], STEPS, lambda means: next(inputs), lambda: next(noise))


def loss_by_formulas(vector: Array) -> float:
    """L of the fixed walk, written with autograd's NumPy from the formulas of the module."""
    ends = np.cumsum([0, *(int(np.prod(shape)) for shape in SHAPES)])
    W_1, W_2, b_0, b_1, b_2 = (
        vector[ends[i] : ends[i + 1]].reshape(shape) for i, shape in enumerate(SHAPES)
    )
    h_2, L = np.zeros((M, SECOND)), 0
    for k in range(STEPS):
        h_1 = anp.tanh(anp.dot(INPUTS[k], W_1) + anp.dot(h_2, W_2.T) + b_1)
        p = 1 / (1 + anp.exp(-(anp.dot(h_1, W_1.T) + b_0)))
        L = L - anp.mean(X * anp.log(p) + (1 - X) * anp.log(1 - p))
        h_2 = anp.tanh(anp.dot(h_1, W_2) + b_2 + NOISE[2 * k]) + NOISE[2 * k + 1]
    return L


def test_the_loss_of_a_walk_follows_the_formulas() -> None:
    found = float(gsn.walk_loss(fixed_walk(theta_of(VECTOR)), X))
    assert found == pytest.approx(float(loss_by_formulas(VECTOR)), rel=1e-12)


def test_the_gradient_through_the_walk_is_that_of_autograd() -> None:
    theta = theta_of(VECTOR)
    found = gsn.walk_gradient(theta, fixed_walk(theta), X).vector
    np.testing.assert_allclose(found, grad(loss_by_formulas)(VECTOR), atol=1e-14)
    assert abs(found).min() > 0


def test_salt_and_pepper_change_their_share_of_the_pixels() -> None:
    x = np.full((200, 100), 0.5, np.float32)
    changed = SMALL.corrupted(x, draws.generator(0, "salt", 0))
    for value, share in ((0, 0.2), (1, 0.2), (0.5, 0.6)):
        assert (changed == value).mean() == pytest.approx(share, abs=0.02)


def test_a_random_walk_feeds_binary_samples_and_noise_of_the_given_size() -> None:
    model = GSN(64, (10, 400), noise=0.5, salt=0.0)
    theta = model.initial(0)
    x = digits.load("test").all()[:50]
    first, second = gsn.random_walk(model, theta, x, 2, draws.generator(0, "walk", 0))
    np.testing.assert_array_equal(first.x, x)  # without salt
    assert not first.h_2.any()
    assert set(np.unique(second.x)) == {0, 1}
    means = 1 / (1 + np.exp(-first.r))
    assert abs((second.x - means).mean()) < 0.02
    assert (second.h_2 - first.t).std() == pytest.approx(0.5, rel=0.02)
    np.testing.assert_array_equal(second.h_2, first.next_h_2)
    before = np.arctanh(first.t.astype(np.float64)) - first.h_1 @ theta["W_2"]
    assert before.std() == pytest.approx(0.5, rel=0.02)


def test_the_initial_weights_have_the_range_of_the_authors() -> None:
    theta = GSN(64, (30, 20)).initial(0)
    assert abs(theta["W_1"]).max() == pytest.approx(np.sqrt(6 / 94), rel=0.01)
    assert abs(theta["W_2"]).max() == pytest.approx(np.sqrt(6 / 50), rel=0.01)
    assert not any(theta[name].any() for name in ("b_0", "b_1", "b_2"))


def test_training_lowers_the_loss_and_samples_are_means_of_pixels() -> None:
    model, x = GSN(64, (20, 20), noise=1.0, salt=0.2), digits.load("test").all()
    losses = []
    for updates in (0, 60):
        theta = gsn.train_gsn(model, digits.load("train"), updates, rate=1.0, seed=0)
        steps = gsn.random_walk(model, theta, x, 4, draws.generator(0, "loss", 0))
        losses.append(float(gsn.walk_loss(steps, x)))
    assert losses[0] == pytest.approx(4 * np.log(2), rel=0.1)
    assert losses[1] < 0.75 * losses[0]
    start = gsn.noise_of_marginals(digits.load("train"), 10, seed=0)
    samples = gsn.walk_samples(model, theta, start, 5, seed=0)
    assert samples.shape == (10, 64)
    assert 0 < samples.min() < samples.max() < 1


def test_the_start_of_a_chain_has_the_mean_brightness_of_each_pixel() -> None:
    images = digits.load("train")
    start = gsn.noise_of_marginals(images, 3000, seed=0)
    assert set(np.unique(start)) == {0, 1}
    np.testing.assert_allclose(start.mean(axis=0), images.mean(), atol=0.04)
