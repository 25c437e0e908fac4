"""Section 2: the gradient under noise tends to the gradient of f, for one and for n variables."""

from __future__ import annotations

import math

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import dblquad, quad

from minigan.theory import smoothed_gradient, smoothing


def smoothed_slope(f, x, sigma, **options):
    """The gradient under noise of an f of one variable, at each entry of x."""
    points = np.ravel(x)
    slopes = [smoothed_gradient(lambda u: f(u[:, 0]), [p], sigma, **options)[0] for p in points]
    return np.reshape(slopes, np.shape(x))


# One variable -----------------------------------------------------------------------------------


@given(x=st.floats(-10, 10), sigma=st.floats(0.01, 10))
def test_the_gradient_under_noise_of_a_square_is_2x_and_of_a_cube_3x2_plus_3_sigma2(x, sigma):
    scale = (abs(x) + 10 * sigma) ** 2 / sigma
    square = smoothed_slope(lambda u: u**2, x, sigma)
    assert float(square) == pytest.approx(2 * x, abs=1e-13 * scale)
    cube = smoothed_slope(lambda u: u**3, x, sigma)
    cubic_scale = (abs(x) + 10 * sigma) ** 3 / sigma
    assert float(cube) == pytest.approx(3 * x**2 + 3 * sigma**2, abs=1e-14 * cubic_scale)


@pytest.mark.parametrize("sigma", [0.01, 0.3, 1.0])
def test_the_gradient_under_noise_of_a_sine_is_the_damped_cosine(sigma):
    x = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(
        smoothed_slope(np.sin, x, sigma), math.exp(-(sigma**2) / 2) * np.cos(x), rtol=1e-12
    )


def test_the_gradient_under_noise_is_the_slope_of_an_expectation_computed_by_integration():
    def expectation(x, sigma=0.7):
        def density(e):
            return math.exp(-(e**2) / (2 * sigma**2)) / (sigma * math.sqrt(2 * math.pi))

        return quad(lambda e: math.tanh(x + e) * density(e), -8, 8, epsabs=1e-13)[0]

    slope = (expectation(0.4 + 1e-4) - expectation(0.4 - 1e-4)) / 2e-4
    assert float(smoothed_slope(np.tanh, 0.4, 0.7, nodes=100)) == pytest.approx(slope, rel=1e-7)


@pytest.mark.parametrize(
    ("f", "gradient"), [(np.tanh, lambda x: 1 - np.tanh(x) ** 2), (np.exp, np.exp)]
)
def test_the_gradient_under_noise_tends_to_the_gradient_as_sigma_squared(f, gradient):
    x = np.array([-0.9, 0.2, 1.3])
    errors = [
        np.abs(smoothed_slope(f, x, sigma) - gradient(x)) for sigma in (0.1, 0.05, 0.025, 1e-4)
    ]
    np.testing.assert_allclose(errors[0] / errors[1], 4, rtol=0.05)
    np.testing.assert_allclose(errors[1] / errors[2], 4, rtol=0.02)
    assert errors[3].max() < 5e-8


def test_discrete_samples_pass_no_gradient():
    x = np.array([0.2, 1.3, -2.4])
    np.testing.assert_allclose(smoothed_slope(lambda u: np.round(u) ** 2, x, 1e-3), 0, atol=1e-11)


# Several variables ------------------------------------------------------------------------------

W_1 = np.array([[0.7, -0.4, 0.2], [-0.3, 0.5, 0.9], [0.1, 0.8, -0.6]])
W_2 = np.array([0.9, -1.1, 0.4])


def log_D(x):
    """log D of a small smooth network, at one x (3,) or at rows (N, 3): it mixes its inputs."""
    return -anp.logaddexp(0, -anp.dot(anp.tanh(anp.dot(x, W_1)), W_2))


@pytest.mark.parametrize("x", [[0.3, -0.8, 1.1], [-1.0, 0.5, 0.0]])
def test_section_2_for_f_of_n_variables_the_gradient_under_noise_tends_to_grad_f(x):
    x = np.array(x)
    expected = grad(log_D)(x)  # by autograd
    errors = [
        np.abs(smoothed_gradient(log_D, x, sigma, nodes=16) - expected)
        for sigma in (0.1, 0.05, 0.025, 1e-4)
    ]
    np.testing.assert_allclose(errors[0] / errors[1], 4, rtol=0.1)  # as sigma^2, at each entry
    np.testing.assert_allclose(errors[1] / errors[2], 4, rtol=0.03)
    assert errors[3].max() < 1e-8
    assert errors[0].min() > 1e-5  # and the noise has an effect before it vanishes


@pytest.mark.parametrize("sigma", [0.01, 0.5, 1.5])
def test_the_gradient_under_noise_of_functions_of_w_x_has_a_closed_form(sigma):
    # w . e ~ N(0, sigma^2 |w|^2) only if the entries of e are independent with one variance.
    w, x = np.array([0.6, -1.1, 0.3]), np.array([0.2, 0.5, -0.7])
    variance = sigma**2 * (0.36 + 1.21 + 0.09)
    exponential = smoothed_gradient(lambda u: np.exp(u @ w), x, sigma)
    np.testing.assert_allclose(
        exponential, w * math.exp(w @ x + variance / 2), rtol=1e-11, atol=1e-13 / sigma
    )
    sine = smoothed_gradient(lambda u: np.sin(u @ w), x, sigma)
    np.testing.assert_allclose(
        sine, w * math.cos(w @ x) * math.exp(-variance / 2), rtol=1e-11, atol=1e-13 / sigma
    )


@given(
    x=st.tuples(*[st.floats(-3, 3)] * 2).map(np.array),
    sigma=st.floats(0.01, 3),
)
def test_the_gradient_under_noise_of_a_polynomial_of_two_variables(x, sigma):
    # E[(x_0 + e_0)^2 (x_1 + e_1)^3] = (x_0^2 + s^2) (x_1^3 + 3 x_1 s^2),  s = sigma
    s2, (a, b) = sigma**2, x
    expected = [2 * a * (b**3 + 3 * b * s2), (a**2 + s2) * (3 * b**2 + 3 * s2)]
    found = smoothed_gradient(lambda u: u[:, 0] ** 2 * u[:, 1] ** 3, x, sigma, nodes=8)
    scale = (3 + 4 * sigma) ** 5 / sigma
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-13 * scale)


def test_the_gradient_under_noise_of_two_variables_is_that_of_an_integral():
    def expectation(a, b, sigma=0.6):
        def term(v, u):
            density = math.exp(-(u**2 + v**2) / (2 * sigma**2)) / (2 * math.pi * sigma**2)
            return math.tanh((a + u) * (b + v)) * density

        return dblquad(term, -5, 5, -5, 5, epsabs=1e-10)[0]

    h = 1e-3
    slopes = [
        (expectation(0.4 + h, -0.3) - expectation(0.4 - h, -0.3)) / (2 * h),
        (expectation(0.4, -0.3 + h) - expectation(0.4, -0.3 - h)) / (2 * h),
    ]
    found = smoothed_gradient(lambda x: np.tanh(x[:, 0] * x[:, 1]), [0.4, -0.3], 0.6, nodes=100)
    np.testing.assert_allclose(found, slopes, atol=2e-6)


def test_a_discrete_x_of_several_variables_passes_no_gradient():
    x = [0.2, 1.3, -2.4]
    found = smoothed_gradient(lambda u: (np.round(u) ** 2).sum(axis=1), x, 1e-3, nodes=8)
    np.testing.assert_allclose(found, 0, atol=1e-11)


@pytest.mark.parametrize("sigma", [0.0, -1.0, math.nan, math.inf])
def test_noise_without_a_width_raises(sigma):
    with pytest.raises(ValueError, match="give a standard deviation above 0"):
        smoothed_gradient(lambda x: x[:, 0], [0.0], sigma)


@pytest.mark.parametrize("x", [0.0, [[0.0]], []])
def test_an_x_that_is_not_one_point_raises(x):
    with pytest.raises(ValueError, match="give one point as a vector"):
        smoothed_gradient(lambda u: u[:, 0], x, 1.0)


def test_a_grid_of_too_many_nodes_raises():
    with pytest.raises(ValueError, match="32 nodes for each of 784 variables are too many"):
        smoothed_gradient(lambda u: u[:, 0], np.zeros(784), 1.0)


def test_a_grid_has_at_most_2_to_the_24_points(monkeypatch):
    assert smoothing.MOST_POINTS == 2**24
    monkeypatch.setattr(smoothing, "MOST_POINTS", 5**3)
    smoothed_gradient(lambda u: u[:, 0], np.zeros(3), 1.0, nodes=5)
    with pytest.raises(ValueError, match="6 nodes for each of 3 variables are too many"):
        smoothed_gradient(lambda u: u[:, 0], np.zeros(3), 1.0, nodes=6)


@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.longdouble])
def test_f_gets_points_in_float64(dtype):
    dtypes = set()

    def f(u):
        dtypes.add(u.dtype)
        return u[:, 0]

    smoothed_gradient(f, np.array([1, 2], dtype), 1.0, nodes=3)
    assert dtypes == {np.dtype(np.float64)}
