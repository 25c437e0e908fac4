"""W1 equals SciPy's, by hand and on drawn densities; the area between two functions F and F_g."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate
from scipy.stats import wasserstein_distance

from minigan.theory import area_between, w1


def test_w1_by_hand() -> None:
    # 1/4 moves from 0 to 1, and then 3/4 from 1 to 3
    assert w1([0, 1, 3], [1 / 4, 3 / 4, 0], [0, 1 / 4, 3 / 4]) == 1 / 4 * 1 + 3 / 4 * 2
    assert w1([0, 1, 3], [0, 1 / 4, 3 / 4], [1 / 4, 3 / 4, 0]) == 7 / 4
    assert w1([-1, 5], [1, 0], [0, 1]) == 6
    assert w1([2], [1], [1]) == 0


def test_equal_densities_have_the_distance_0() -> None:
    p = np.random.default_rng(0).dirichlet(np.ones(9))
    assert w1(np.arange(9), p, p) == 0


@given(seed=st.integers(0, 2**32), n=st.integers(1, 12))
def test_w1_is_that_of_scipy(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    x, (p, q) = np.cumsum(rng.exponential(size=n)) - 3, rng.dirichlet(np.ones(n), size=2)
    np.testing.assert_allclose(w1(x, p, q), wasserstein_distance(x, x, p, q), rtol=1e-9, atol=1e-14)


def test_the_area_of_two_triangles_and_of_a_trapezium() -> None:
    assert area_between([0, 2], [0.5, 0], [0, 0.25]) == 2 * (0.25 + 0.0625) / (2 * 0.75)
    assert area_between([0, 2], [0.5, 0.25], [0, 0]) == 0.75
    assert area_between([0, 2, 3], [0.5, 0, 0], [0, 0.5, 0]) == 0.5 + 0.25
    assert area_between([0, 1], [0.3, 0.4], [0.3, 0.4]) == 0


def test_the_area_is_the_integral_by_quadrature() -> None:
    rng = np.random.default_rng(4)
    x = np.cumsum(rng.uniform(0.1, 1, 7))
    F, F_g = (np.concatenate([[0], np.cumsum(rng.dirichlet(np.ones(6)))]) for _ in "pq")
    crossings = np.flatnonzero((F - F_g)[:-1] * (F - F_g)[1:] < 0)
    assert len(crossings) > 0  # so the case of two triangles is there
    expected = sum(
        integrate.quad(
            lambda e: abs(np.interp(e, x, F) - np.interp(e, x, F_g)), low, high, limit=200
        )[0]
        for low, high in itertools.pairwise(x)
    )
    np.testing.assert_allclose(area_between(x, F, F_g), expected, rtol=1e-7)


def test_numbers_of_other_types_are_used_in_float64() -> None:
    rng = np.random.default_rng(0)
    x = np.cumsum(rng.random(9)).astype(np.float32)
    F, F_g = rng.random((2, 9)).astype(np.float32)
    exact = area_between(x.astype(np.float64), F.astype(np.float64), F_g.astype(np.float64))
    assert area_between(x, F, F_g) == exact
    assert w1(np.array([3, 255], np.uint8), [1, 0], [0, 1]) == 252
    with pytest.raises(ValueError, match="numbers that increase"):
        w1(np.array([5, 3], np.uint8), [1, 0], [0, 1])  # 3 - 5 would be 254


def test_w1_of_samples_tends_to_the_area() -> None:
    rng = np.random.default_rng(0)
    x = np.linspace(0, 1, 11)
    u = (np.arange(100_000) + 0.5) / 100_000
    F, F_g = (np.concatenate([[0], np.cumsum(rng.dirichlet(np.ones(10)))]) for _ in "pq")
    samples = [np.interp(u, each, x) for each in (F, F_g)]
    np.testing.assert_allclose(area_between(x, F, F_g), wasserstein_distance(*samples), rtol=1e-4)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([1, 0], [0.5, 0.5], [0.5, 0.5]), "numbers that increase"),
        (([0, 0], [0.5, 0.5], [0.5, 0.5]), "numbers that increase"),
        (([0, np.inf], [0.5, 0.5], [0.5, 0.5]), "numbers that increase"),
        (([[0, 1]], [0.5, 0.5], [0.5, 0.5]), "numbers that increase"),
        (
            ([0, 1, 2], [0.5, 0.5], [0.5, 0.5]),
            r"x has shape \(3,\) and p_data has shape \(2,\)",
        ),
        (([0, 1], [0.5, 0.6], [0.5, 0.5]), "p_data sums to 1.1"),
    ],
)
def test_invalid_densities_are_refused(arguments: tuple[object, ...], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        w1(*arguments)  # type: ignore[arg-type]


def test_invalid_distribution_functions_are_refused() -> None:
    with pytest.raises(ValueError, match="numbers that increase"):
        area_between([1, 0], [0, 1], [0, 1])
    with pytest.raises(ValueError, match=r"F has shape \(2,\) and F_g has shape \(3,\)"):
        area_between([0, 1], [0, 1], [0, 0.5, 1])
    with pytest.raises(ValueError, match=r"x has shape \(3,\) and F has shape \(2,\)"):
        area_between([0, 1, 2], [0, 1], [0, 1])
