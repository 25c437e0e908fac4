"""The CAE: |J|^2 and the steps of its chain from a numerical Jacobian, the stack, and digits."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from itertools import pairwise

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from minigan import draws
from minigan.arrays import Array
from minigan.data import digits
from minigan.parameters import Parameters
from minigan.theory.relatives import cae
from minigan.theory.relatives.cae import StackedCAE

N, HIDDEN = 5, 3


def random_theta(n: int = N, hidden: int = HIDDEN, dtype: type = np.float64) -> Parameters:
    theta = Parameters.zeros(cae.cae_shapes(n, hidden), dtype)
    theta.assign(draws.generator(0, "cae", n).standard_normal(theta.vector.size).astype(dtype))
    return theta


def sigma(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def jacobian(theta: Parameters, x: Array) -> Array:
    """dh/dx (hidden, n) at one x (n,), by complex steps."""
    steps = x + 1e-100j * np.eye(len(x))
    return sigma(steps @ theta["W"] + theta["c"]).imag.T / 1e-100


def test_the_contraction_is_the_norm_of_the_jacobian() -> None:
    theta, x = random_theta(), draws.generator(0, "x", 0).random((4, N))
    norms = [(jacobian(theta, row) ** 2).sum() for row in x]
    assert float(cae.contraction(theta, x)) == pytest.approx(np.mean(norms), rel=1e-12)


def test_the_gradient_of_the_contraction_is_twice_that_of_the_common_wrong_version() -> None:
    theta, x = random_theta(), draws.generator(0, "x", 0).random((4, N))
    h = sigma(x @ theta["W"] + theta["c"])
    a = (h * (1 - h)) ** 2
    norms = (theta["W"] ** 2).sum(axis=0)
    wrong_W = (a.mean(axis=0) * theta["W"]) + x.T @ (a * (1 - 2 * h)) / 4 * norms
    wrong_c = (a * (1 - 2 * h) * norms).mean(axis=0)
    dW, dc = cae.contraction_gradient(theta, x)
    np.testing.assert_allclose(wrong_W / dW, 0.5, rtol=1e-12)
    np.testing.assert_allclose(wrong_c / dc, 0.5, rtol=1e-12)

    def value(vector: Array) -> float:
        return float(cae.contraction(Parameters(theta.shapes, vector), x))

    found = np.concatenate([dW.ravel(), np.zeros(N), dc])
    for i, step in enumerate(1e-5 * np.eye(len(theta.vector))):
        slope = (value(theta.vector + step) - value(theta.vector - step)) / 2e-5
        assert found[i] == pytest.approx(slope, abs=1e-9)


def test_the_loss_is_the_cross_entropy_plus_the_contraction() -> None:
    theta, x = random_theta(), draws.generator(0, "x", 0).random((4, N))
    r = sigma(sigma(x @ theta["W"] + theta["c"]) @ theta["W"].T + theta["b"])
    a, h, _ = cae.encode(theta, x)
    np.testing.assert_allclose(a, x @ theta["W"] + theta["c"], rtol=1e-12)
    np.testing.assert_allclose(cae.reconstruction(theta, h), r, rtol=1e-12)
    entropy = -(x * np.log(r) + (1 - x) * np.log(1 - r)).sum(axis=1).mean()
    expected = entropy + 0.3 * float(cae.contraction(theta, x))
    assert float(cae.cae_loss(theta, x, 0.3)) == pytest.approx(expected, rel=1e-12)


def test_a_step_adds_J_JT_alpha_to_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    theta = random_theta(dtype=np.float32)
    x = draws.generator(0, "x", 0).random((6, N), dtype=np.float32)
    alpha = 0.4 * draws.generator(0, "alpha", 0).standard_normal((6, HIDDEN), dtype=np.float32)
    h = sigma(x @ theta["W"] + theta["c"])
    moved = []
    for row, one, noise in zip(x, h, alpha, strict=True):
        J = jacobian(theta, row.astype(np.float64))
        moved.append(one + J @ J.T @ noise)
    expected = sigma(np.array(moved) @ theta["W"].T + theta["b"])
    found = StackedCAE((theta,)).step(x, 0.4, draws.generator(0, "alpha", 0))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_a_stack_encodes_upwards_and_decodes_downwards() -> None:
    bottom, top = random_theta(5, 3, np.float32), random_theta(3, 2, np.float32)
    stack = StackedCAE((bottom, top))
    with pytest.raises(FrozenInstanceError):
        stack.thetas = (top,)  # type: ignore[misc]
    x = draws.generator(0, "x", 0).random((4, 5), dtype=np.float32)
    h_1 = sigma(x @ bottom["W"] + bottom["c"])
    h_2 = sigma(h_1 @ top["W"] + top["c"])
    np.testing.assert_allclose(stack.codes(x), h_2, rtol=1e-5)
    decoded = sigma(sigma(h_2 @ top["W"].T + top["b"]) @ bottom["W"].T + bottom["b"])
    np.testing.assert_allclose(stack.decoded(h_2), decoded, rtol=1e-5)
    np.testing.assert_allclose(stack.step(x, 0, draws.generator(0, "no", 0)), decoded, rtol=1e-5)


def test_the_initial_weights_have_the_range_of_the_authors() -> None:
    theta = cae.initial_cae(40, 30, 5, "cae/2")
    u = draws.generator(5, "cae/2/W", 0).random((40, 30), dtype=np.float32)
    k = np.sqrt(6 / 70)
    np.testing.assert_array_equal(theta["W"], (2 * u - 1) * np.float32(4 * k))
    assert not theta["b"].any()
    assert not theta["c"].any()


def loss_by_formulas(vector: Array, n: int, hidden: int, x: Array) -> float:
    """L with lambda = 0.3, with autograd's NumPy."""
    ends = np.cumsum([0, n * hidden, n, hidden])
    W, b, c = (vector[i:j] for i, j in pairwise(ends))
    W = W.reshape(n, hidden)
    h = 1 / (1 + anp.exp(-(anp.dot(x, W) + c)))
    p = 1 / (1 + anp.exp(-(anp.dot(h, W.T) + b)))
    entropy = -anp.mean(anp.sum(x * anp.log(p) + (1 - x) * anp.log(1 - p), axis=1))
    J = (h * (1 - h))[:, None, :] * W[None]  # J_jl of each row
    return entropy + 0.3 * anp.mean(anp.sum(J**2, axis=(1, 2)))


def test_the_gradient_of_the_loss_is_that_of_autograd() -> None:
    theta, x = random_theta(), draws.generator(0, "x", 0).random((4, N))
    found = cae.cae_gradient(theta, x, 0.3)
    expected = grad(loss_by_formulas)(theta.vector, N, HIDDEN, x)
    np.testing.assert_allclose(found.vector, expected, rtol=1e-11)
    assert found.shapes == theta.shapes


def test_an_update_returns_the_loss_of_its_minibatch_at_the_present_theta() -> None:
    train, theta = digits.load("train"), random_theta(6, 4, np.float32)
    below = StackedCAE((random_theta(64, 6, np.float32),))
    gradient, loss = cae.cae_update(below, theta, train, 7, 0.3, 5, 2)
    rows = draws.generator(5, "cae/1", 2).integers(len(train), size=7)
    x = below.codes(train.gather(rows))
    np.testing.assert_array_equal(gradient.vector, cae.cae_gradient(theta, x, 0.3).vector)
    theta.vector[...] *= 0.5
    assert loss() == float(cae.cae_loss(theta, x, 0.3))


def test_the_chains_start_at_uniform_noise_or_at_the_given_rows() -> None:
    stack = StackedCAE((random_theta(5, 3, np.float32), random_theta(3, 2, np.float32)))
    given = draws.generator(0, "given", 0).random((4, 5), dtype=np.float32)
    for start in (None, given):
        rng = draws.generator(5, "cae/samples", 0)
        x = rng.random((4, 5), dtype=np.float32)  # drawn in both cases
        x = x if start is None else start
        for _ in range(3):
            x = stack.step(x, 0.4, rng)
        found = stack.samples(4, 3, 0.4, 5, start)
        np.testing.assert_array_equal(found, x)
        assert found.dtype == np.float32
    np.testing.assert_array_equal(stack.samples(4, 0, 0.4, 5, given), given)


def test_the_updates_are_those_of_the_formulas() -> None:
    train = digits.load("train")
    found = cae.train_stacked_cae(train, (6, 4), 3, 0.2, 0.3, seed=5)
    below = train.all().astype(float)
    for i, theta in enumerate(found.thetas):
        n, hidden = theta["W"].shape
        u = draws.generator(5, f"cae/{i}/W", 0).random((n, hidden), dtype=np.float32)
        W = (2 * u.astype(float) - 1) * 4 * np.sqrt(6 / (n + hidden))
        vector = np.concatenate([W.ravel(), np.zeros(n + hidden)])
        velocity = np.zeros_like(vector)
        for t in range(3):
            rows = draws.generator(5, f"cae/{i}", t).integers(len(train), size=100)
            velocity = 0.9 * velocity - 0.2 * grad(loss_by_formulas)(vector, n, hidden, below[rows])
            vector = vector + velocity
        assert theta.vector.dtype == np.float32
        np.testing.assert_allclose(theta.vector, vector, atol=1e-5)
        below = sigma(below @ vector[: n * hidden].reshape(n, hidden) + vector[-hidden:])


def test_training_reconstructs_digits_and_a_larger_weight_contracts_more() -> None:
    x = digits.load("test").all()
    contractions = []
    for weight in (0.0, 1.0):
        stack = cae.train_stacked_cae(digits.load("train"), (16, 8), 60, 0.02, weight, seed=0)
        assert [theta["W"].shape for theta in stack.thetas] == [(64, 16), (16, 8)]
        contractions.append(float(cae.contraction(stack.thetas[0], x)))
    assert contractions[1] < contractions[0] / 2
    one = cae.train_stacked_cae(digits.load("train"), (32,), 150, 0.02, 0.1, seed=0)
    error = ((one.decoded(one.codes(x)) - x) ** 2).mean()
    assert error < x.var(axis=0).mean() / 2
    samples = one.samples(20, 5, 0.3, seed=0)
    assert samples.shape == (20, 64)
    assert samples.std(axis=0).mean() > 0.05
