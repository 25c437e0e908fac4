"""The DBN: samples against sums over all states, the greedy training, and digits."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from minigan import draws
from minigan.arrays import Array
from minigan.data import digits
from minigan.data.images import Images
from minigan.evaluation import protocol
from minigan.parameters import Parameters
from minigan.theory.relatives import dbn, rbm, rbm_exact
from minigan.theory.relatives.dbn import DBN
from minigan.theory.relatives.rbm import RBM


def random_theta(n: int, hidden: int) -> Parameters:
    theta = Parameters.zeros(RBM(n, hidden).shapes)
    theta.assign(draws.generator(0, "dbn", n).standard_normal(theta.vector.size))
    return theta


def sigma(a: Array) -> Array:
    return 1 / (1 + np.exp(-a))


def test_the_mean_of_the_samples_is_that_of_the_model() -> None:
    bottom, top = random_theta(4, 3), random_theta(3, 2)
    p, _ = rbm_exact.transition_matrix(top)
    h_1 = rbm_exact.all_states(3)
    means = sigma(h_1 @ bottom["W"].T + bottom["b"])  # E[x | h_1] (8, 4)
    x = DBN((bottom, top)).samples(20_000, 30, seed=0)
    np.testing.assert_allclose(x.mean(axis=0), p @ means, atol=0.015)
    with pytest.raises(FrozenInstanceError):
        DBN(()).thetas = (top,)  # type: ignore[misc]
    # each sample is E[x | h_1] of a binary h_1
    assert abs(x[:50, None] - means[None]).max(axis=2).min(axis=1).max() < 1e-6


def test_the_states_go_up_layer_by_layer() -> None:
    bottom, top = random_theta(4, 3), random_theta(3, 2)
    v = np.repeat([[1.0, 0, 1, 1]], 20_000, axis=0).astype(np.float32)
    h = DBN((bottom, top)).up(v, draws.generator(0, "up", 0))
    assert set(np.unique(h)) == {0, 1}
    p_1 = sigma(v[0] @ bottom["W"] + bottom["c"])
    states = rbm_exact.all_states(3)
    weights = np.where(states == 1, p_1, 1 - p_1).prod(axis=1)
    expected = weights @ sigma(states @ top["W"] + top["c"])
    np.testing.assert_allclose(h.mean(axis=0), expected, atol=0.015)


def test_each_layer_is_trained_on_the_states_of_the_layers_below(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    starts, steps = [], []

    def gibbs(theta: Parameters, v: Array, k: int, rng: np.random.Generator) -> Array:
        starts.append(v)
        steps.append(k)
        return 1 - v

    monkeypatch.setattr(dbn, "gibbs", gibbs)
    train = digits.load("train")
    for persistent in (False, True):
        starts.clear()
        found = dbn.train_dbn(train, (10, 5), 3, 0.0, seed=3, k=2, persistent=persistent)
        assert [theta["W"].shape for theta in found.thetas] == [(64, 10), (10, 5)]
        assert [start.shape for start in starts] == [(100, 64)] * 3 + [(100, 10)] * 3
        assert all(set(np.unique(start)) == {0, 1} for start in starts)
        for first, second, third in (starts[:3], starts[3:]):
            assert np.array_equal(second, 1 - first) == persistent  # where the chains ended
            assert np.array_equal(third, first) == persistent
        assert set(steps) == {2}
    means = train.mean()
    np.testing.assert_allclose(sigma(found.thetas[0]["b"]), np.clip(means, 0.01, 0.99), atol=1e-5)
    assert abs(sigma(found.thetas[1]["b"]) - 0.5).max() < 0.15  # W is nearly 0: h_1 is fair


def bernoulli(p: Array, rng: np.random.Generator) -> Array:
    return (rng.random(p.shape, dtype=np.float32) < p).astype(float)


def by_the_formulas(images: Images, sizes: tuple[int, ...], persistent: bool) -> list[list[Array]]:
    """W, b and c of each layer after three updates of CD-2 or PCD-2, in float64."""
    stack: list[list[Array]] = []

    def up(x: Array, rng: np.random.Generator) -> Array:
        v = bernoulli(x, rng)
        for W, _, c in stack:
            v = bernoulli(sigma(v @ W + c), rng)
        return v

    for i, hidden in enumerate(sizes):
        means = images.mean()
        if i:
            means = up(images.all(), draws.generator(5, f"dbn/{i - 1}/marginals", 0)).mean(axis=0)
        p = np.clip(means, 0.01, 0.99)
        u = draws.generator(5, f"dbn/{i}/W", 0).random((len(p), hidden), dtype=np.float32)
        theta = [0.1 * u.astype(float) - 0.05, np.log(p / (1 - p)), np.zeros(hidden)]
        velocity, end = [0.0 * one for one in theta], None
        for t in range(3):
            W, b, c = theta
            rng = draws.generator(5, f"dbn/{i}", t)
            v = up(images.gather(rng.integers(len(images), size=100)), rng)
            end = end if persistent and end is not None else v
            for _ in range(2):
                h = bernoulli(sigma(end @ W + c), rng)
                end = bernoulli(sigma(h @ W.T + b), rng)
            p, q = sigma(v @ W + c), sigma(end @ W + c)
            gradient = [(v.T @ p - end.T @ q) / 100, (v - end).mean(axis=0), (p - q).mean(axis=0)]
            velocity = [0.5 * a + 0.3 * g for a, g in zip(velocity, gradient, strict=True)]
            theta = [one + a for one, a in zip(theta, velocity, strict=True)]
        stack.append(theta)
    return stack


def test_samples_come_down_from_a_chain_of_the_top() -> None:
    layers = [random_theta(*sizes) for sizes in ((5, 4), (4, 3), (3, 2))]
    (W_1, b_1, _), (W_2, b_2, _), (W_3, b_3, c_3) = (theta.values() for theta in layers)
    rng = draws.generator(5, "dbn/samples", 0)
    h_2 = rng.integers(2, size=(300, 3)).astype(float)
    h_3 = bernoulli(sigma(h_2 @ W_3 + c_3), rng)
    h_2 = bernoulli(sigma(h_3 @ W_3.T + b_3), rng)
    h_3 = bernoulli(sigma(h_2 @ W_3 + c_3), rng)
    h_2 = bernoulli(sigma(h_3 @ W_3.T + b_3), rng)
    h_1 = bernoulli(sigma(h_2 @ W_2.T + b_2), rng)
    found = DBN(tuple(layers)).samples(300, 1, 5)
    np.testing.assert_allclose(found, sigma(h_1 @ W_1.T + b_1), rtol=1e-5)
    assert found.dtype == np.float32


def test_an_update_returns_the_ends_of_its_chains_and_the_loss_of_its_minibatch() -> None:
    train, below, theta = digits.load("train"), DBN((random_theta(64, 6),)), random_theta(6, 4)
    for chains in (None, np.ones((3, 6), np.float32)):
        gradient, ends, loss = dbn.dbn_update(below, theta, train, 7, 2, 5, 2, chains)
        rng = draws.generator(5, "dbn/1", 2)
        x = train.gather(rng.integers(len(train), size=7))
        v = below.up(bernoulli(x, rng).astype(np.float32), rng)
        start = v if chains is None else chains
        np.testing.assert_array_equal(ends, rbm.gibbs(theta, start, 2, rng))
        expected = rbm.cd_gradient(theta, v, ends).vector
        np.testing.assert_array_equal(gradient.vector, expected)
        theta.vector[...] *= 0.5
        assert loss() == rbm.reconstruction_cross_entropy(theta, v)


@pytest.mark.parametrize("persistent", [False, True])
def test_the_updates_are_those_of_the_formulas(persistent: bool) -> None:
    train, sizes = digits.load("train"), (7, 6, 5)
    found = dbn.train_dbn(train, sizes, 3, 0.3, 5, k=2, persistent=persistent)
    for theta, expected in zip(
        found.thetas, by_the_formulas(train, sizes, persistent), strict=True
    ):
        assert theta.vector.dtype == np.float32
        for name, one in zip("Wbc", expected, strict=True):
            np.testing.assert_allclose(theta[name], one, atol=2e-6)


def test_CD_1_is_the_default() -> None:
    train = digits.load("train")
    (found,) = dbn.train_dbn(train, (6,), 3, 0.3, 5).thetas
    (expected,) = dbn.train_dbn(train, (6,), 3, 0.3, 5, k=1, persistent=False).thetas
    np.testing.assert_array_equal(found.vector, expected.vector)


@pytest.mark.parametrize("persistent", [False, True])
def test_training_raises_the_exact_log_likelihood(persistent: bool) -> None:
    # The first three units are equal, and so are the last three. The four states are equally
    # likely: the best log p is -log 4 = -1.39 nats, and six fair units have -4.16.
    states = np.repeat(rbm_exact.all_states(2), 3, axis=1)
    bars = Images(states.astype(np.uint8), np.zeros(4, int), 1, 2, 3)
    log_p = []
    for updates in (0, 300):
        (theta,) = dbn.train_dbn(bars, (4,), updates, 0.3, 0, persistent=persistent).thetas
        log_p.append(-rbm.free_energy(theta, states).mean() - rbm_exact.log_Z(theta))
    assert log_p[0] < -4
    assert log_p[1] > -2.5


def test_samples_of_digits_score_higher_than_the_mean_image() -> None:
    train, test = digits.load("train"), digits.load("test").all()
    validation = digits.load("validation").all()

    def score(samples: Array) -> float:
        return protocol.score(samples, test, protocol.choose(samples, validation)).LL

    trained = dbn.train_dbn(train, (48,), 300, 0.1, seed=0)
    mean = score(train.mean()[None])
    assert score(trained.samples(300, 30, seed=0)) > mean + 10
