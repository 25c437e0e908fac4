"""The VAE: the ELBO by scipy, its distance from log p(x) by quadrature, and training."""

from __future__ import annotations

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from scipy.special import logsumexp
from scipy.stats import bernoulli, norm

from minigan import draws
from minigan.arrays import Array
from minigan.data import digits
from minigan.layers import Linear, ReLU
from minigan.network import Network
from minigan.optimizers import Adam
from minigan.parameters import Parameters
from minigan.schedules import Schedule
from minigan.theory.relatives import vae as module
from minigan.theory.relatives.vae import VAE

M, N = 3, 4
ONE = VAE(Network(N, (Linear(2, 0.8),)), Network(1, (Linear(N, 2.0),)))  # one coordinate of z


def theta_of(vae: VAE) -> tuple[Parameters, Parameters]:
    return vae.E.initial(0, "e", np.float64), vae.G.initial(0, "g", np.float64)


def images(n: int = N) -> Array:
    return (draws.generator(0, "x", 0).random((M, n)) < 0.5).astype(np.float64)


def test_the_elbo_is_that_of_scipy() -> None:
    vae = module.vae_of(N, 2, 5)
    theta_e, theta_g = theta_of(vae)
    x, eps = images(), draws.generator(0, "eps", 0).standard_normal((M, 2))
    y = vae.E.forward(theta_e, x).y
    mu, deviation = y[:, :2], np.exp(y[:, 2:]) ** 0.5
    z = mu + deviation * eps
    p = 1 / (1 + np.exp(-vae.G.forward(theta_g, z).y))
    log_p = bernoulli.logpmf(x, p).sum(axis=1)
    # KL of two Gaussians in its textbook form: log(1 / deviation) + (deviation^2 + mu^2) / 2 - 1/2
    kl = (-np.log(deviation) + (deviation**2 + mu**2) / 2 - 0.5).sum(axis=1)
    found = module.elbo(vae, theta_e, theta_g, x, eps)
    assert float(found) == pytest.approx((log_p - kl).mean(), rel=1e-12)


def quadrature() -> tuple[Array, Array]:
    t, step = np.linspace(-9, 9, 301, retstep=True)
    return t, step * norm.pdf(t)


def exact_log_p(theta_g: Parameters, x: Array) -> Array:
    """log p(x) (m,), by an integral over the one coordinate of z."""
    t, w = quadrature()
    p = 1 / (1 + np.exp(-ONE.G.forward(theta_g, t[:, None]).y))
    likelihoods = np.prod(np.where(x[:, None, :] == 1, p, 1 - p), axis=2)
    return np.log(likelihoods @ w)


def test_the_elbo_plus_the_KL_to_the_posterior_is_log_p() -> None:
    theta_e, theta_g = theta_of(ONE)
    x, (t, w) = images(), quadrature()
    for row, log_p in zip(x, exact_log_p(theta_g, x), strict=True):
        one = row[None]
        values = [module.elbo(ONE, theta_e, theta_g, one, np.full((1, 1), e)) for e in t]
        mu, s = ONE.E.forward(theta_e, one).y[0]
        z = mu + np.exp(s / 2) * t
        p = 1 / (1 + np.exp(-ONE.G.forward(theta_g, z[:, None]).y))
        log_joint = np.log(np.where(row == 1, p, 1 - p)).sum(axis=1) + norm.logpdf(z)
        kl = w @ (norm.logpdf(z, mu, np.exp(s / 2)) - (log_joint - log_p))
        assert w @ values + kl == pytest.approx(log_p, abs=1e-9)
        assert kl > 0.001


def test_importance_sampling_tends_to_the_exact_log_likelihood() -> None:
    theta_e, theta_g = theta_of(ONE)
    theta_e.assign(theta_e.vector / 5)  # q is nearly the prior, so all weights are bounded
    x = images()
    quantiles = norm.ppf((np.arange(2000) + 0.5) / 2000)  # in place of random numbers
    eps = np.broadcast_to(quantiles[:, None, None], (2000, M, 1))
    found = module.log_likelihood_by_importance(ONE, theta_e, theta_g, x, eps)
    np.testing.assert_allclose(found, exact_log_p(theta_g, x), atol=1e-3)


def elbo_by_formulas(vector: Array, x: Array, eps: Array) -> float:
    """The ELBO of a VAE 64 -> 5 -> 4, 2 -> 5 -> 64, with autograd's NumPy."""
    shapes = [(64, 5), (5,), (5, 4), (4,), (2, 5), (5,), (5, 64), (64,)]
    ends = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)])
    A, a, B, b, C, c, D, d = (
        vector[ends[i] : ends[i + 1]].reshape(shape) for i, shape in enumerate(shapes)
    )
    y = anp.dot(anp.maximum(anp.dot(x, A) + a, 0), B) + b
    mu, s = y[:, :2], y[:, 2:]
    z = mu + anp.sqrt(anp.exp(s)) * eps
    p = 1 / (1 + anp.exp(-(anp.dot(anp.maximum(anp.dot(z, C) + c, 0), D) + d)))
    log_p = anp.sum(x * anp.log(p) + (1 - x) * anp.log(1 - p), axis=1)
    return anp.mean(log_p - anp.sum(mu**2 + anp.exp(s) - 1 - s, axis=1) / 2)


def test_the_gradients_of_the_elbo_are_those_of_autograd() -> None:
    vae = module.vae_of(64, 2, 5)
    theta_e, theta_g = theta_of(vae)
    x, eps = images(64), draws.generator(0, "eps", 0).standard_normal((M, 2))
    vector = np.concatenate([theta_e.vector, theta_g.vector])
    found = module.elbo_gradients(vae, theta_e, theta_g, x, eps)
    expected = grad(elbo_by_formulas)(vector, x, eps)
    found_vector = np.concatenate([one.vector for one in found])
    np.testing.assert_allclose(found_vector, expected, rtol=1e-9, atol=1e-13)


@pytest.mark.parametrize("scale", [1, 10_000])
def test_importance_sampling_is_the_logarithm_of_the_mean_weight(scale: float) -> None:
    two = VAE(Network(N, (Linear(4, 0.8),)), Network(2, (Linear(N, 2.0),)))
    theta_e, theta_g = theta_of(two)
    theta_g.assign(scale * theta_g.vector)  # then e^-1000 would underflow
    x, eps = images(), 2 * draws.generator(0, "eps", 0).standard_normal((5, M, 2))
    y = two.E.forward(theta_e, x).y
    expected = []
    for i, row in enumerate(x):
        mu, deviation = y[i, :2], np.exp(y[i, 2:] / 2)
        z = mu + deviation * eps[:, i]
        a = two.G.forward(theta_g, z).y
        log_p = (row * a - np.logaddexp(0, a)).sum(axis=1)
        log_ratio = (norm.logpdf(z) - norm.logpdf(z, mu, deviation)).sum(axis=1)
        expected.append(logsumexp(log_p + log_ratio) - np.log(5))
    found = module.log_likelihood_by_importance(two, theta_e, theta_g, x, eps)
    np.testing.assert_allclose(found, expected, rtol=1e-11)
    if scale > 1:
        assert found.min() < -1000


def test_the_updates_are_those_of_adam_on_the_formulas(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = []

    def adam(theta: Parameters, eta: Schedule, *others: float) -> Adam:
        settings.append((eta(0), *others))
        return Adam(theta, eta, *others)

    monkeypatch.setattr(module, "Adam", adam)
    vae, train = module.vae_of(64, 2, 5), digits.load("train")
    E = Network(64, (Linear(5, (6 / 64) ** 0.5), ReLU(), Linear(4, (3 / 5) ** 0.5)))
    G = Network(2, (Linear(5, 3**0.5), ReLU(), Linear(64, (3 / 5) ** 0.5)))
    assert vae in {VAE(E, G)}
    thetas = module.train_vae(vae, train, 3, 5)
    assert [theta.vector.dtype for theta in thetas] == [np.float32] * 2
    assert settings == [(0.001, 0.9, 0.999, 1e-8)] * 2
    start = [vae.E.initial(5, "vae/theta_e"), vae.G.initial(5, "vae/theta_g")]
    vector = np.concatenate([theta.vector for theta in start]).astype(float)
    first, second = np.zeros_like(vector), np.zeros_like(vector)
    for t in range(3):
        rng = draws.generator(5, "vae", t)
        x = train.gather(rng.integers(len(train), size=100))
        x = (rng.random(x.shape, dtype=np.float32) < x).astype(float)
        eps = rng.standard_normal((100, 2), dtype=np.float32)
        g = grad(elbo_by_formulas)(vector, x, eps)
        first, second = 0.9 * first + 0.1 * g, 0.999 * second + 0.001 * g**2
        step = first / (1 - 0.9 ** (t + 1))
        vector = vector + 0.001 * step / (np.sqrt(second / (1 - 0.999 ** (t + 1))) + 1e-8)
    found = np.concatenate([theta.vector for theta in thetas])
    np.testing.assert_allclose(found, vector, atol=2e-6)


def test_training_raises_the_elbo_of_held_out_digits() -> None:
    vae, test = module.vae_of(64, 4, 32), digits.load("test")
    x = module.binarised(test.all(), draws.generator(0, "test", 0))
    eps = draws.generator(0, "eps", 0).standard_normal((len(x), 4), dtype=np.float32)
    before, after = (
        float(module.elbo(vae, *module.train_vae(vae, digits.load("train"), updates, 0), x, eps))
        for updates in (0, 150)
    )
    assert before < -45  # 64 pixels at log 2 are 44.4 nats
    assert after > -33


def test_a_pixel_is_1_with_its_own_probability() -> None:
    x = np.tile(np.array([0, 0.25, 1], np.float32), (4000, 1))
    drawn = module.binarised(x, draws.generator(0, "binary", 0))
    assert drawn.dtype == np.float32
    np.testing.assert_allclose(drawn.mean(axis=0), [0, 0.25, 1], atol=0.03)

    class Fixed:
        """In place of a generator: the numbers u."""

        def random(self, shape: tuple[int, ...], dtype: type) -> Array:
            return np.array([0, 0.25, 0.5], dtype)

    found = module.binarised(np.array([0, 0.5, 0.5], np.float32), Fixed())  # type: ignore[arg-type]
    np.testing.assert_array_equal(found, [0, 1, 0])  # only if u < x
