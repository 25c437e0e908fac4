"""A trained critic's V is W1; without the growing lambda, or without training, it is not."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from scipy import integrate
from scipy.stats import norm

from minigan.data import toys
from minigan.draws import generator
from minigan.theory import critic
from minigan.theory.line import cdf_of_map, cdf_of_mixture

GRID = np.linspace(-2, 5, 1401)
LAMBDAS = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100]


def F_of_data(x: Any) -> Any:
    """F of Figure 1's p_data: three Gaussians with the weights 1/4, 1/2, 1/4."""
    return sum(w * norm.cdf(x, mu, 0.45) for w, mu in ((0.25, 0.6), (0.5, 1.5), (0.25, 2.4)))


def initial(seed: int) -> dict[str, Any]:
    """64 rectifiers, all with their kinks on the line, and one output."""

    def W(name: str, shape: tuple[int, int]) -> Any:
        u = generator(seed, f"theta_d/{name}.W", 0).random(shape, dtype=np.float32)
        return (2 * u - 1).astype(float)

    W_1 = W("linear1", (1, 64))
    kinks = -2 + 7 * generator(seed, "theta_d/linear1.b", 0).random(64)
    return {
        "linear1.W": W_1,
        "linear1.b": -W_1[0] * kinks,
        "linear2.W": W("linear2", (64, 1)) / 4,
        "linear2.b": np.zeros(1),
    }


def V_minus_P(theta: Any, rows: Any, x_hat: Any, lambda_: float) -> Any:
    """The mean of a over the first 32 rows, minus that over the others, minus the penalty."""
    W_1, W_2 = theta["linear1.W"], theta["linear2.W"]

    def inputs(x: Any) -> Any:
        return anp.dot(x, W_1) + theta["linear1.b"]

    a = anp.dot(anp.maximum(0, inputs(rows)), W_2) + theta["linear2.b"]
    slopes = anp.dot((inputs(x_hat) > 0) * W_1, W_2)
    P = lambda_ * anp.mean((abs(slopes) - 1) ** 2)
    return anp.mean(a[:32]) - anp.mean(a[32:]) - P


def expected_critic(x: Any, seed: int, lambdas: list[float], steps: int) -> dict[str, Any]:
    """theta after some steps at each lambda by autograd, for an increasing x = G(z)."""
    u = (np.arange(32) + 0.5) / 32
    F_g = np.interp(GRID, x, np.linspace(0, 1, len(x)))
    real, fake = np.interp(u, F_of_data(GRID), GRID), np.interp(u, F_g, GRID)
    theta, step = initial(seed), 0
    for lambda_ in lambdas:
        v = {name: np.zeros_like(t) for name, t in theta.items()}  # a new velocity at each lambda
        for _ in range(steps):
            eps = generator(seed, "penalty/eps", step).random(32, dtype=np.float32).astype(float)
            x_hat = (eps * real + (1 - eps) * fake)[:, None]
            rows = np.concatenate([real, fake])[:, None]
            g = grad(V_minus_P)(theta, rows, x_hat, lambda_)
            v = {name: 0.9 * v[name] + 0.05 / (1 + lambda_) * g[name] for name in v}
            theta = {name: theta[name] + v[name] for name in v}
            step += 1
    return theta


@pytest.mark.parametrize(
    ("options", "seed", "lambdas", "steps"),
    [
        ({"seed": 3, "lambdas": (0.3, 2.0)}, 3, [0.3, 2.0], 3),
        ({}, 0, LAMBDAS, 1),  # the defaults
    ],
)
def test_each_step_ascends_V_minus_P_with_momentum(
    options: Any, seed: int, lambdas: list[float], steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = critic.fixed_G()
    theta = expected_critic(x, seed, lambdas, steps)
    monkeypatch.setattr(critic, "STEPS", steps)
    trained = critic.train_critic(x, **options)
    assert trained.theta.vector.dtype == np.float64
    for name, t in theta.items():
        np.testing.assert_allclose(trained.theta[name], t, rtol=1e-9, atol=1e-12)

    def a(x: Any) -> Any:
        hidden = np.maximum(0, x[:, None] * theta["linear1.W"] + theta["linear1.b"])
        return (hidden @ theta["linear2.W"])[:, 0] + theta["linear2.b"]

    np.testing.assert_allclose(trained(np.array([-1.0, 2.0, 7.0])), a(np.array([-1.0, 2.0, 7.0])))
    middles = -2 + 0.005 * (np.arange(1400) + 0.5)
    masses_g = np.diff(np.interp(GRID, x, np.linspace(0, 1, len(x))))
    V = (np.diff(F_of_data(GRID)) - masses_g) @ a(middles)
    assert pytest.approx(V, rel=1e-8) == trained.V
    with pytest.raises(FrozenInstanceError):
        trained.V = 0.0  # type: ignore[misc]


def test_the_training_has_100_steps_at_each_lambda(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = []

    class Counting(critic.WGANGP):
        def backward(self, D: Any, both: Any, da: Any, step: int, *, out: Any) -> None:
            taken.append((self.lambda_, step))
            out.vector[...] = 0

    monkeypatch.setattr(critic, "WGANGP", Counting)
    critic.train_critic(critic.fixed_G()[::400])
    assert taken == [
        (lambda_, 100 * i + j) for i, lambda_ in enumerate(LAMBDAS) for j in range(100)
    ]


def test_V_is_within_2_percent_of_w1_and_the_slopes_change_sign_once() -> None:
    trained = critic.train_critic(critic.fixed_G())
    assert abs(trained.V / trained.W1 - 1) < 0.02
    x = np.linspace(0, 3, 301)
    slopes = np.diff(trained(x)) / np.diff(x)
    assert slopes[x[1:] < 1.2] == pytest.approx(-1, abs=0.1)  # f is larger at data, on the left
    assert slopes[x[:-1] > 1.8] == pytest.approx(1, abs=0.1)  # and on the right


def test_an_untrained_critic_has_another_V() -> None:
    untrained = critic.train_critic(critic.fixed_G(), lambdas=())
    assert abs(untrained.V / untrained.W1 - 1) > 0.5


def test_w1_is_the_integral_by_quadrature() -> None:
    x = critic.fixed_G()
    z = np.linspace(-math.sqrt(3), math.sqrt(3), 4001)
    np.testing.assert_allclose(x, np.interp(z, [z[0], 0, z[-1]], [x[0], x[2000], x[-1]]))
    assert (x[0], x[2000]) == pytest.approx((1, 1 + 0.2 * math.sqrt(3)))
    assert x[-1] == pytest.approx(1 + 0.7 * math.sqrt(3))

    def distance(e: float) -> float:
        at = np.array([e])
        return abs(float((cdf_of_mixture(toys.one_peak(), at) - cdf_of_map(x, at))[0]))

    expected, _ = integrate.quad(distance, -2, 5, points=[1, x[2000], x[-1]], limit=200)
    found = critic.train_critic(x, lambdas=()).W1
    assert found == pytest.approx(expected, rel=1e-4)


def test_the_excess_of_V_is_w1_over_2_lambda_if_all_mass_moves_one_way() -> None:
    # p_g is far to the left of p_data, so |F - F_g| = 1 between them, and rho is constant there
    trained = critic.train_critic(np.linspace(-1.4, -1.2, 101), lambdas=(1.0, 10.0))
    assert pytest.approx(trained.W1 / (2 * 10), rel=0.1) == trained.V / trained.W1 - 1


def test_the_kinks_of_the_first_layer_are_spread_over_the_line() -> None:
    theta = critic.initial_critic(3)
    kinks = np.sort(-theta["linear1.b"] / theta["linear1.W"][0])
    np.testing.assert_allclose(kinks, np.linspace(-2, 5, 64), atol=0.8)
    assert critic.initial_critic(3).vector.tolist() == theta.vector.tolist()
