"""Section 2: small noise on x leaves the gradient of f."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from minigan.theory import smoothed_gradient


@given(x=st.floats(-10, 10), sigma=st.floats(0.01, 10))
def test_the_gradient_under_noise_of_a_square_is_2x_and_of_a_cube_3x2_plus_3_sigma2(x, sigma):
    scale = (abs(x) + 10 * sigma) ** 2 / sigma
    square = smoothed_gradient(lambda u: u**2, x, sigma)
    assert float(square) == pytest.approx(2 * x, abs=1e-13 * scale)
    cube = smoothed_gradient(lambda u: u**3, x, sigma)
    cubic_scale = (abs(x) + 10 * sigma) ** 3 / sigma
    assert float(cube) == pytest.approx(3 * x**2 + 3 * sigma**2, abs=1e-14 * cubic_scale)


@pytest.mark.parametrize("sigma", [0.01, 0.3, 1.0])
def test_the_gradient_under_noise_of_a_sine_is_the_damped_cosine(sigma):
    x = np.linspace(-3, 3, 7)
    np.testing.assert_allclose(
        smoothed_gradient(np.sin, x, sigma), math.exp(-(sigma**2) / 2) * np.cos(x), rtol=1e-12
    )


def test_the_gradient_under_noise_is_the_slope_of_an_expectation_made_by_integration():
    def expectation(x, sigma=0.7):
        def density(e):
            return math.exp(-(e**2) / (2 * sigma**2)) / (sigma * math.sqrt(2 * math.pi))

        return quad(lambda e: math.tanh(x + e) * density(e), -8, 8, epsabs=1e-13)[0]

    slope = (expectation(0.4 + 1e-4) - expectation(0.4 - 1e-4)) / 2e-4
    assert float(smoothed_gradient(np.tanh, 0.4, 0.7, nodes=100)) == pytest.approx(slope, rel=1e-7)


@pytest.mark.parametrize(
    ("f", "gradient"), [(np.tanh, lambda x: 1 - np.tanh(x) ** 2), (np.exp, np.exp)]
)
def test_the_gradient_under_noise_goes_to_the_gradient_as_sigma_squared(f, gradient):
    x = np.array([-0.9, 0.2, 1.3])
    errors = [
        np.abs(smoothed_gradient(f, x, sigma) - gradient(x)) for sigma in (0.1, 0.05, 0.025, 1e-4)
    ]
    np.testing.assert_allclose(errors[0] / errors[1], 4, rtol=0.05)
    np.testing.assert_allclose(errors[1] / errors[2], 4, rtol=0.02)
    assert errors[3].max() < 5e-8


def test_discrete_samples_pass_no_gradient():
    x = np.array([0.2, 1.3, -2.4])
    np.testing.assert_allclose(
        smoothed_gradient(lambda u: np.round(u) ** 2, x, 1e-3), 0, atol=1e-11
    )


@pytest.mark.parametrize("sigma", [0.0, -1.0, math.nan, math.inf])
def test_noise_without_a_width_is_refused(sigma):
    with pytest.raises(ValueError, match="give a standard deviation above 0"):
        smoothed_gradient(np.sin, 0.0, sigma)
