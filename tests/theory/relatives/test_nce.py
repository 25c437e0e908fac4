"""NCE: its maximum, the error of the normaliser, and half of the likelihood's gradient."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError
from typing import Any

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad, hessian
from scipy.integrate import quad
from scipy.stats import norm

from minigan import draws
from minigan.arrays import Array
from minigan.theory.relatives import nce
from minigan.theory.relatives.nce import DATA, NOISE, Gaussian, WeightedPoints


def test_theta_of_a_gaussian_is_its_log_density_for_scipy() -> None:
    x = np.linspace(-3, 3, 13)
    log_p = nce.features(x) @ Gaussian(0.7, 0.4).theta
    np.testing.assert_allclose(log_p, norm.logpdf(x, 0.7, 0.4), rtol=1e-13)


def test_the_points_of_a_sample_and_of_a_quadrature() -> None:
    one = Gaussian(0.5, 2.0)
    t = np.linspace(-9, 9, 1001)
    nodes = one.nodes()
    np.testing.assert_allclose(nodes.x, 0.5 + 2 * t, rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(nodes.weights, norm.pdf(t) * 18 / 1000, rtol=1e-12)
    points = one.draw_points(5, 3, "some")
    t = draws.generator(3, "nce/some", 0).standard_normal(5)
    np.testing.assert_allclose(points.x, 0.5 + 2 * t, rtol=1e-15)
    np.testing.assert_array_equal(points.weights, np.full(5, 0.2))
    assert one in {Gaussian(0.5, 2.0)}  # a frozen description has a hash
    with pytest.raises(FrozenInstanceError):
        points.x = t  # type: ignore[misc]


def test_the_slope_and_the_curvature_of_V_are_those_of_autograd() -> None:
    rng = draws.generator(0, "points", 0)
    data, samples = (WeightedPoints(rng.standard_normal(4), rng.random(4)) for _ in range(2))
    noise, theta = Gaussian(0.3, 0.8), np.array([0.4, -0.7, -1.1])

    def V(theta: Array) -> float:
        def log_ratio(x: Array) -> Array:
            return theta[0] * x + theta[1] * x**2 + theta[2] - norm.logpdf(x, 0.3, 0.8)

        of_data = anp.sum(data.weights * anp.log(1 + anp.exp(-log_ratio(data.x))))
        return -of_data - anp.sum(samples.weights * anp.log(1 + anp.exp(log_ratio(samples.x))))

    found = nce.nce_gradient(theta, data, samples, noise)
    np.testing.assert_allclose(found, grad(V)(theta), rtol=1e-12)
    H = nce.nce_hessian(theta, data, samples, noise)
    np.testing.assert_allclose(H, -hessian(V)(theta), rtol=1e-12)


def test_V_is_eq_1_with_D_the_share_of_the_model() -> None:
    x, samples = np.array([0.3, -0.2]), np.array([1.0, 0.1, -1.4])
    model, weights = Gaussian(0.2, 0.6), np.array([0.25, 0.75])

    def D(x: np.ndarray) -> np.ndarray:
        p, q = norm.pdf(x, 0.2, 0.6), norm.pdf(x)
        return p / (p + q)

    V = nce.nce_value(
        model.theta, WeightedPoints(x, weights), WeightedPoints(samples, np.full(3, 1 / 3)), NOISE
    )
    expected = weights @ np.log(D(x)) + np.log(1 - D(samples)).mean()
    assert float(V) == pytest.approx(expected, rel=1e-13)


def test_the_sums_over_nodes_are_integrals() -> None:
    def integrand(x: float) -> float:
        return norm.pdf(x, 0.5, 0.5) * math.log1p(math.exp(-float(a(x))))

    def a(x: float) -> float:
        return norm.logpdf(x, 0.1, 0.8) - norm.logpdf(x)

    expected = -quad(integrand, -6, 7, epsabs=1e-13)[0]
    nothing = WeightedPoints(np.zeros(1), np.zeros(1))
    found = nce.nce_value(Gaussian(0.1, 0.8).theta, DATA.nodes(), nothing, NOISE)
    assert found == pytest.approx(expected, abs=1e-11)


def test_the_maximum_of_the_expected_V_is_the_normalised_density() -> None:
    theta = nce.fit_by_nce(DATA.nodes(), NOISE.nodes(), NOISE)
    np.testing.assert_allclose(theta, DATA.theta, atol=1e-8)
    tau = 1 / 0.5**2
    assert theta[2] == pytest.approx(math.log(tau / (2 * math.pi)) / 2 - tau * 0.25 / 2, abs=1e-8)


def test_a_fit_has_no_slope_and_is_the_same_from_statsmodels_form_of_logistic_regression() -> None:
    data, samples = DATA.draw_points(200, 3, "data"), NOISE.draw_points(200, 3, "noise")
    theta = nce.fit_by_nce(data, samples, NOISE)
    from scipy.optimize import minimize

    def minus_V(theta: np.ndarray) -> float:
        a = np.outer([1], theta) @ np.stack([data.x, data.x**2, np.ones(200)])
        b = np.outer([1], theta) @ np.stack([samples.x, samples.x**2, np.ones(200)])
        of_data = np.logaddexp(0, norm.logpdf(data.x) - a).mean()
        return of_data + np.logaddexp(0, b - norm.logpdf(samples.x)).mean()

    found = minimize(minus_V, np.zeros(3), method="BFGS", options={"gtol": 1e-7})
    np.testing.assert_allclose(theta, found.x, atol=1e-4)
    assert abs(nce.nce_gradient(theta, data, samples, NOISE)).max() < 1e-9


def test_the_error_of_c_falls_as_one_over_the_root_of_n_as_predicted() -> None:
    sizes = (100, 1000)
    found = np.array(nce.errors(sizes, 60))
    predicted = np.array([nce.predicted_error(n) for n in sizes])
    assert math.log10(found[1] / found[0]) == pytest.approx(-0.5, abs=0.1)
    # 60 fits leave the standard deviation with a relative error of 1 / sqrt(120) = 0.09
    np.testing.assert_allclose(found, predicted, rtol=0.25)
    assert predicted[0] / predicted[1] == pytest.approx(math.sqrt(10))


def test_the_predicted_error_is_that_of_the_sandwich_formula() -> None:
    x = np.linspace(-8, 8, 4001)
    p, q = norm.pdf(x, 0.5, 0.5), norm.pdf(x)
    phi = np.stack([x, x**2, np.ones_like(x)])
    D = p / (p + q)

    def mean(density: Array, values: Array) -> Array:
        return (values * density).sum(axis=-1) * 16 / 4000

    def covariance(density: Array, rows: Array) -> Array:
        centred = rows - mean(density, rows)[:, None]
        return mean(density, centred[:, None] * centred[None])

    H = mean(p + q, D * (1 - D) * phi[:, None] * phi[None])
    S = covariance(p, (1 - D) * phi) + covariance(q, D * phi)
    C = np.linalg.inv(H) @ S @ np.linalg.inv(H)
    assert nce.predicted_error(40) == pytest.approx(math.sqrt(C[2, 2] / 40), rel=1e-9)


def test_the_error_is_the_root_of_the_mean_square_over_the_fits() -> None:
    expected = []
    for n in (30, 40):
        squares = []
        for repeat in range(3):
            data = DATA.draw_points(n, 2, f"data/{n}/{repeat}")
            samples = NOISE.draw_points(n, 2, f"noise/{n}/{repeat}")
            c = nce.fit_by_nce(data, samples, NOISE)[2]
            squares.append((c - norm.logpdf(0, 0.5, 0.5)) ** 2)
        expected.append(math.sqrt(sum(squares) / 3))
    np.testing.assert_allclose(nce.errors((30, 40), 3, seed=2), expected, rtol=1e-12)
    assert nce.errors((30,), 1) == nce.errors((30,), 1, seed=0)


def test_the_steps_are_halved_until_V_rises_and_end_at_the_maximum(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counted = {"value": 0, "gradient": 0}
    value, gradient = nce.nce_value, nce.nce_gradient

    def counting_value(*arguments: Any) -> Any:
        counted["value"] += 1
        return value(*arguments)

    def counting_gradient(*arguments: Any) -> Array:
        counted["gradient"] += 1
        return gradient(*arguments)

    monkeypatch.setattr(nce, "nce_value", counting_value)
    monkeypatch.setattr(nce, "nce_gradient", counting_gradient)
    far = Gaussian(3.0, 0.2)
    theta = nce.fit_by_nce(far.nodes(), NOISE.nodes(), NOISE)
    np.testing.assert_allclose(theta, far.theta, rtol=1e-6)
    assert counted["gradient"] < 30
    assert counted["value"] > counted["gradient"]  # some steps were halved


def scripted(
    monkeypatch: pytest.MonkeyPatch, slopes: list[float], values: list[float]
) -> tuple[float, int]:
    """theta_1 minus that of q, and the number of slopes read: with H = I and these numbers in turn.

    The slopes are those in theta_1, and the last one comes again and again, as the last value does.
    """
    read = {"slopes": 0, "values": 0}
    points = DATA.nodes(), NOISE.nodes()

    def gradient(theta: Array, data: WeightedPoints, samples: WeightedPoints, q: Gaussian) -> Array:
        assert ((data, samples), q) == (points, NOISE)
        read["slopes"] += 1
        return np.array([slopes[min(read["slopes"], len(slopes)) - 1], 0, 0])

    def value(theta: Array, data: WeightedPoints, samples: WeightedPoints, q: Gaussian) -> float:
        assert ((data, samples), q) == (points, NOISE)
        if not read["values"]:
            np.testing.assert_array_equal(theta, NOISE.theta)  # the start
        read["values"] += 1
        return values[min(read["values"], len(values)) - 1]

    monkeypatch.setattr(nce, "nce_gradient", gradient)
    monkeypatch.setattr(nce, "nce_hessian", lambda *arguments: np.eye(3))
    monkeypatch.setattr(nce, "nce_value", value)
    theta = nce.fit_by_nce(*points, NOISE)
    np.testing.assert_array_equal(theta[1:], NOISE.theta[1:])
    return theta[0] - NOISE.theta[0], read["slopes"]


def test_the_fit_ends_if_the_gain_is_below_1e_20(monkeypatch: pytest.MonkeyPatch) -> None:
    # The gain of a step is slope^2.
    theta, steps = scripted(monkeypatch, [1.1e-10, 0.9e-10], [0.0])
    assert (theta, steps) == (1.1e-10, 2)
    assert scripted(monkeypatch, [1.0], [0.0]) == (50, 50)  # never close
    monkeypatch.setattr(nce, "CLOSE", 0.25)
    assert scripted(monkeypatch, [0.5, 0.25], [0.0]) == (0.5, 2)  # 0.5^2 is not below 0.25


def test_a_step_is_halved_if_V_falls_by_more_than_1e_12(monkeypatch: pytest.MonkeyPatch) -> None:
    assert scripted(monkeypatch, [1.0, 0.0], [0.0, -0.9e-12]) == (1, 2)
    assert scripted(monkeypatch, [1.0, 0.0], [0.0, -1.1e-12, -1.1e-12, 0.0]) == (0.25, 2)
    # The second step is compared with the value after the first one.
    assert scripted(monkeypatch, [1.0, 1.0, 0.0], [0.0, 2.0, 1.0, 2.0]) == (1.5, 3)
    monkeypatch.setattr(nce, "ROUNDING", 0.5)
    assert scripted(monkeypatch, [1.0, 0.0], [0.0, -0.5]) == (1, 2)  # not by more than 0.5


def test_the_row_has_the_worst_of_the_three_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    class Fixed:
        """In place of a generator: the means 0.5 and -0.25, and the deviations 0.75 and 0.5."""

        def uniform(self, low: float, high: float, size: int) -> Array:
            assert size == 2
            return {(-1, 1): np.array([0.5, -0.25]), (0.5, 1): np.array([0.75, 0.5])}[low, high]

    half = np.array([0.75, 0.5**2 + 0.75**2 - 0.25**2 - 0.5**2, 0]) / 2
    for i in range(3):
        wrong = half - 0.5 * np.eye(3)[i] + 0.25
        monkeypatch.setattr(nce, "nce_gradient", lambda *arguments, wrong=wrong: wrong)
        row = nce.self_contrastive_row(Fixed())  # type: ignore[arg-type]
        worst = int(abs(wrong - half).argmax())
        assert (row.number, row.expected) == (wrong[worst], half[worst])
    assert row.name == "section 2, NCE"
    assert row.formula == "noise = model: dV/dtheta = 1/2 d log L/dtheta"


@pytest.mark.parametrize("seed", range(5))
def test_with_noise_from_the_model_nce_has_half_of_the_gradient_of_the_likelihood(
    seed: int,
) -> None:
    row = nce.self_contrastive_row(np.random.default_rng(seed))
    assert row.residual < 1e-12
    assert abs(row.expected) > 1e-3


def test_half_of_the_likelihood_gradient_by_integration() -> None:
    # d/dmean of E_data[log N(x; mean, deviation)], with the data N(0.3, 0.7^2)
    def expected_log(mean: float) -> float:
        def integrand(x: float) -> float:
            return float(norm.pdf(x, 0.3, 0.7) * norm.logpdf(x, mean, 0.9))

        return quad(integrand, -7, 7, epsabs=1e-13)[0]

    slope = (expected_log(-0.4 + 1e-4) - expected_log(-0.4 - 1e-4)) / 2e-4
    model = Gaussian(-0.4, 0.9)
    g = nce.nce_gradient(model.theta, Gaussian(0.3, 0.7).nodes(), model.nodes(), model)
    # theta = (mean, -1/2) / deviation^2 and c; d theta / d mean = (1, 0, -mean) / deviation^2
    along = g @ np.array([1, 0, 0.4]) / 0.9**2
    assert along == pytest.approx(slope / 2, rel=1e-6)
