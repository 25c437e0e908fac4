"""The GSN: a walk by the formulas, its gradient by autograd, the noise, and digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import FrozenInstanceError

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from autograd.tracer import getval

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
    """L of the fixed walk."""
    inputs, noise = iter([*INPUTS[1:], INPUTS[0]]), iter(NOISE)
    L, _ = walk_by_formulas(
        vector, SHAPES, X, INPUTS[0], STEPS, lambda p: next(inputs), lambda: next(noise)
    )
    return L


def walk_by_formulas(
    vector: Array,
    shapes: list[tuple[int, ...]],
    x: Array,
    start: Array,
    steps: int,
    next_input: Callable[[Array], Array],
    noise: Callable[[], Array],
) -> tuple[float, Array]:
    """L and x^ of the last step, with autograd's NumPy from the formulas of the module."""
    ends = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)])
    W_1, W_2, b_0, b_1, b_2 = (
        vector[ends[i] : ends[i + 1]].reshape(shape) for i, shape in enumerate(shapes)
    )
    h_2, L, x_k = np.zeros((len(x), W_2.shape[1])), 0, start
    for _ in range(steps):
        h_1 = anp.tanh(anp.dot(x_k, W_1) + anp.dot(h_2, W_2.T) + b_1)
        p = 1 / (1 + anp.exp(-(anp.dot(h_1, W_1.T) + b_0)))
        L = L - anp.mean(x * anp.log(p) + (1 - x) * anp.log(1 - p))
        h_2 = anp.tanh(anp.dot(h_1, W_2) + b_2 + noise()) + noise()
        x_k = next_input(getval(p))
    return L, p


def test_the_loss_of_a_walk_follows_the_formulas() -> None:
    found = float(gsn.walk_loss(fixed_walk(theta_of(VECTOR)), X))
    assert found == pytest.approx(float(loss_by_formulas(VECTOR)), rel=1e-12)


def test_the_steps_of_a_walk_cannot_be_replaced() -> None:
    with pytest.raises(FrozenInstanceError):
        fixed_walk(theta_of(VECTOR))[0].r = X  # type: ignore[misc]


def test_the_gradient_through_the_walk_is_that_of_autograd() -> None:
    theta = theta_of(VECTOR)
    found = gsn.walk_gradient(theta, fixed_walk(theta), X).vector
    np.testing.assert_allclose(found, grad(loss_by_formulas)(VECTOR), atol=1e-14)
    assert abs(found).min() > 0


def test_the_gradient_of_a_walk_of_one_step_is_that_of_autograd() -> None:
    def loss(vector: Array) -> float:
        noise = iter(NOISE)
        L, _ = walk_by_formulas(vector, SHAPES, X, INPUTS[0], 1, getval, lambda: next(noise))
        return L

    theta = theta_of(VECTOR)
    found = gsn.walk_gradient(theta, fixed_walk(theta)[:1], X).vector
    np.testing.assert_allclose(found, grad(loss)(VECTOR), atol=1e-14)


def test_salt_and_pepper_change_their_share_of_the_pixels() -> None:
    x = np.full((200, 100), 0.5, np.float32)
    changed = SMALL.corrupted(x, draws.generator(0, "salt", 0))
    for value, share in ((0, 0.2), (1, 0.2), (0.5, 0.6)):
        assert (changed == value).mean() == pytest.approx(share, abs=0.02)
    assert changed.dtype == np.float32
    # the sizes of the authors' code are the defaults; a frozen description has a hash
    assert GSN(3, (2, 1)) in {GSN(3, (2, 1), noise=2.0, salt=0.4)}


class Fixed:
    """In place of a generator: the numbers u."""

    def __init__(self, u: list[float]) -> None:
        self.u = u

    def random(self, shape: tuple[int, ...], dtype: type) -> Array:
        return np.array(self.u, dtype).reshape(shape)


def test_a_pixel_changes_if_u_is_below_the_share() -> None:
    u = Fixed([0, 0.125, 0.25, 0.375, 0.5, 0.75])
    found = GSN(6, (1, 1), salt=0.5).corrupted(np.full((1, 6), 0.5, np.float32), u)  # type: ignore[arg-type]
    np.testing.assert_array_equal(found, [[0, 0, 1, 1, 0.5, 0.5]])


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
    for name, total in (("W_1", 94), ("W_2", 50)):
        u = draws.generator(0, f"gsn/{name}", 0).random(theta[name].shape, dtype=np.float32)
        k = np.float32(np.sqrt(6 / total))
        np.testing.assert_array_equal(theta[name], (2 * u - 1) * k)
    assert not any(theta[name].any() for name in ("b_0", "b_1", "b_2"))


def random_walk_by_formulas(
    vector: Array, model: GSN, x: Array, steps: int, rng: np.random.Generator
) -> tuple[float, Array]:
    """L and x^ of a walk from x, with salt 0.2 and noise 0.5."""

    def salted(x: Array) -> Array:
        u = rng.random(x.shape, dtype=np.float32)
        return np.where(u < 0.1, 0, np.where(u < 0.2, 1, x)).astype(float)

    def noise() -> Array:
        return 0.5 * rng.standard_normal((len(x), model.hidden[1]), dtype=np.float32)

    def next_input(p: Array) -> Array:
        return salted(rng.random(p.shape, dtype=np.float32) < p)

    shapes = list(model.shapes.values())
    return walk_by_formulas(vector, shapes, x, salted(x), steps, next_input, noise)


def test_updates_and_samples_are_those_of_the_formulas() -> None:
    model, train = GSN(64, (6, 5), noise=0.5, salt=0.2), digits.load("train")
    found = gsn.train_gsn(model, train, 3, 0.7, 5)
    weights = []
    for name, shape in (("W_1", (64, 6)), ("W_2", (6, 5))):
        u = draws.generator(5, f"gsn/{name}", 0).random(shape, dtype=np.float32).astype(float)
        weights.append(((2 * u - 1) * np.sqrt(6 / sum(shape))).ravel())
    vector = np.concatenate([*weights, np.zeros(64 + 6 + 5)])
    velocity = np.zeros_like(vector)
    for t in range(3):
        rng = draws.generator(5, "gsn", t)
        x = train.gather(rng.integers(len(train), size=100)).astype(float)
        loss = lambda v: random_walk_by_formulas(v, model, x, 4, rng)[0]  # noqa: B023, E731
        velocity = 0.5 * velocity - 0.7 * grad(loss)(vector)
        vector = vector + velocity
    assert found.vector.dtype == np.float32
    np.testing.assert_allclose(found.vector, vector, atol=1e-5)
    start = digits.load("test").all()[:9]
    samples = gsn.walk_samples(model, found, start, 3, seed=4)
    rng = draws.generator(4, "gsn/samples", 0)
    _, expected = random_walk_by_formulas(vector, model, start.astype(float), 3, rng)
    np.testing.assert_allclose(samples, expected, atol=1e-5)


def test_an_update_returns_the_loss_of_its_walks() -> None:
    model, train = GSN(64, (6, 5), noise=0.5, salt=0.2), digits.load("train")
    theta = model.initial(1)
    gradient, loss = gsn.gsn_update(model, theta, train, 7, 3, 5, 2)
    rng = draws.generator(5, "gsn", 2)
    x = train.gather(rng.integers(len(train), size=7))
    steps = gsn.random_walk(model, theta, x, 3, rng)
    np.testing.assert_array_equal(gradient.vector, gsn.walk_gradient(theta, steps, x).vector)
    assert loss() == float(gsn.walk_loss(steps, x))
    assert {one.r.dtype for one in steps} == {gradient.vector.dtype} == {np.dtype(np.float32)}


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
    assert start.dtype == np.float32
    means = np.array([0.1, 0.5, 0.9])
    u = draws.generator(5, "gsn/start", 0).random((4, 3), dtype=np.float32)
    np.testing.assert_array_equal(gsn.noise_of_means(means, 4, 5), u < means)
    found = gsn.noise_of_marginals(images, 4, 5)
    np.testing.assert_array_equal(found, gsn.noise_of_means(images.mean(), 4, 5))
