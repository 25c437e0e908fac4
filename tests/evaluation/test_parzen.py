"""The Parzen-window estimate agrees with a double loop, a case by hand and scikit-learn."""

from __future__ import annotations

import math
import tracemalloc
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigan.evaluation import parzen
from minigan.evaluation.parzen import log_likelihoods, squared_distances

SEEDS = st.integers(0, 2**32 - 1)


def slow(x: Any, samples: Any, sigma: float) -> list[float]:
    """log p(x_j) by the formula, in Python floats, one term at a time."""
    found = []
    for x_j in x.tolist():
        exponents = [
            -math.fsum((a - b) ** 2 for a, b in zip(x_j, s_i, strict=True)) / (2 * sigma**2)
            for s_i in samples.tolist()
        ]
        largest = max(exponents)
        total = largest + math.log(math.fsum(math.exp(e - largest) for e in exponents))
        d = len(x_j)
        found.append(total - math.log(len(samples)) - d * math.log(sigma * math.sqrt(2 * math.pi)))
    return found


def pixels(seed: int, *shape: int) -> Any:
    return np.random.default_rng(seed).random(shape)


@given(seed=SEEDS, M=st.integers(1, 5), N=st.integers(1, 7), d=st.integers(1, 9))
def test_it_is_the_double_loop_in_float64_and_within_a_hundredth_nat_in_float32(
    seed: int, M: int, N: int, d: int
) -> None:
    x, samples, sigmas = pixels(seed, M, d), pixels(seed + 1, N, d), np.array([0.1, 0.17, 1.0])
    expected = [slow(x, samples, sigma) for sigma in sigmas]
    exact = log_likelihoods(x, samples, sigmas, np.float64)
    np.testing.assert_allclose(exact, expected, rtol=1e-12, atol=1e-9)
    single = log_likelihoods(x.astype(np.float32), samples.astype(np.float32), sigmas)
    assert single.dtype == np.float64
    np.testing.assert_allclose(single, expected, rtol=0, atol=0.01)


def test_one_sample_gives_a_normal_density() -> None:
    # d = 2, |x - s|^2 = 9 + 16 = 25, sigma = 5: -25/50 - 2 log(5 sqrt(2 pi)) = -0.5 - 5.0567...
    (found,) = log_likelihoods(np.array([[3.0, 4.0]]), np.zeros((1, 2)), np.array([5.0]))
    np.testing.assert_allclose(found, [-0.5 - math.log(25) - math.log(2 * math.pi)], rtol=1e-6)


def test_the_distances_are_in_float32_unless_another_dtype_is_given() -> None:
    """float32 rounds 1 + 2^-25 to 1; in float64 it is one sigma away from 1."""
    sigma = 2.0**-25
    x, sample, sigmas = np.array([[1 + sigma]]), np.array([[1.0]]), np.array([sigma])
    peak = -math.log(sigma * math.sqrt(2 * math.pi))
    for one, other in ((x, sample), (sample, x)):
        np.testing.assert_allclose(log_likelihoods(one, other, sigmas), [[peak]], rtol=1e-7)
        exact = log_likelihoods(one, other, sigmas, np.float64)
        np.testing.assert_allclose(exact, [[peak - 0.5]], rtol=1e-6)


def test_in_zero_dimensions_the_density_is_one() -> None:
    found = log_likelihoods(np.zeros((2, 0)), np.zeros((3, 0)), np.array([0.2]), np.float64)
    np.testing.assert_allclose(found, [[0.0, 0.0]], atol=1e-15)


def test_sigmas_in_float32_are_computed_with_in_float64() -> None:
    x, samples, sigmas = pixels(11, 2, 3), pixels(12, 4, 3), np.array([0.1], np.float32)
    found = log_likelihoods(x, samples, sigmas, np.float64)
    np.testing.assert_allclose(found[0], slow(x, samples, float(sigmas[0])), rtol=1e-13)


def test_it_integrates_to_one_on_the_line() -> None:
    x = np.linspace(-8, 9, 4001)[:, None]
    densities = np.exp(log_likelihoods(x, np.array([[0.0], [1.0]]), np.array([0.3, 1.0])))
    np.testing.assert_allclose(np.trapezoid(densities, x[:, 0], axis=1), 1, atol=1e-5)


def test_far_from_every_sample_nothing_underflows() -> None:
    x, samples = np.full((1, 50), 100.0), pixels(3, 4, 50)
    (found,) = log_likelihoods(x, samples, np.array([0.1]), np.float64)
    assert found[0] < -1e7
    np.testing.assert_allclose(found, slow(x, samples, 0.1), rtol=1e-12)


def parts(count: int, size: int) -> list[range]:
    """The numbers below `count` in parts of `size`, of which the last one may be smaller."""
    return [range(count)[start : start + size] for start in range(0, count, size)]


@pytest.mark.parametrize("distances", [1, 6, 1000])
@pytest.mark.parametrize("coordinates", [1, 12, 1000])
@pytest.mark.parametrize("terms", [1, 5, 1000])
def test_the_block_sizes_do_not_change_the_result(
    monkeypatch: pytest.MonkeyPatch, distances: int, coordinates: int, terms: int
) -> None:
    x, samples, sigmas = pixels(4, 7, 3), pixels(5, 11, 3), np.array([0.1, 0.5])
    expected = [slow(x, samples, sigma) for sigma in sigmas]
    for name, size in (("DISTANCES", distances), ("COORDINATES", coordinates), ("TERMS", terms)):
        monkeypatch.setattr(parzen, name, size)
    block_sizes: list[int] = []
    found = log_likelihoods(x, samples, sigmas, np.float64, block_sizes.append)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    fitting = [n for n in range(1, 12) if 3 * n <= coordinates]
    columns = max(fitting, default=1)
    rows = max((n for n in fitting if n * columns <= distances), default=1)
    assert block_sizes == [len(r) * len(c) for r in parts(7, rows) for c in parts(11, columns)]


def test_a_squared_distance_is_never_negative() -> None:
    x = (1000 + pixels(6, 40, 30)).astype(np.float32)
    squares = squared_distances(x, x)
    assert squares.shape == (40, 40)
    assert squares.min() >= 0
    x, samples = pixels(7, 3, 2), pixels(8, 4, 2)
    expected = [[sum((x[j] - samples[i]) ** 2) for i in range(4)] for j in range(3)]
    np.testing.assert_allclose(squared_distances(x, samples), expected, rtol=1e-9)


def test_wrong_shapes_and_sigmas_raise_an_error() -> None:
    sigmas = np.array([0.2])
    shapes = [((2, 3), (4, 5)), ((2,), (4, 2)), ((2, 3), (0, 3)), ((2,), (4,)), ((1, 2, 3),) * 2]
    for x, samples in shapes:
        with pytest.raises(ValueError, match=r"must have the shapes \(M, d\) and \(N, d\), not"):
            log_likelihoods(np.zeros(x), np.zeros(samples), sigmas)
    for sigma in (0.0, -0.1, np.nan):
        with pytest.raises(ValueError, match="every sigma must be positive"):
            log_likelihoods(np.zeros((1, 1)), np.zeros((1, 1)), np.array([0.2, sigma]))


@pytest.mark.parametrize("darkest", [0.0, 0.98])
def test_784_pixels_in_float32_keep_a_hundredth_nat(darkest: float) -> None:
    """Nearly white pixels have large squares and small distances, so the most is cancelled."""
    x, samples = (darkest + (1 - darkest) * pixels(seed, 8 * seed, 784) for seed in (1, 2))
    x[:4] = samples[:4] + 0.02 * (x[:4] - 0.5)  # near a sample, as with a good G
    found = log_likelihoods(x.astype(np.float32), samples.astype(np.float32), np.array([0.1, 0.2]))
    for sigma, row in zip((0.1, 0.2), found, strict=True):
        np.testing.assert_allclose(row, slow(x, samples, sigma), rtol=0, atol=0.01)


@pytest.mark.parametrize(("M", "N", "d"), [(2000, 30_000, 16), (10, 100, 500_000)])
def test_the_memory_does_not_grow_with_the_number_of_examples_or_samples(
    M: int, N: int, d: int
) -> None:
    x, samples = np.zeros((M, d)), np.zeros((N, d))  # float64, so blocks of both are copied
    tracemalloc.start()
    try:
        log_likelihoods(x, samples, np.array([0.2]))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 200e6


@pytest.mark.oracle
def test_it_agrees_with_scikit_learns_kernel_density() -> None:
    from sklearn.neighbors import KernelDensity

    samples = pixels(10, 200, 64)
    # scikit-learn's sums underflow for points that are far from all samples.
    x = samples[:30] + 0.2 * (pixels(9, 30, 64) - 0.5)
    for sigma in (0.1, 0.2, 1.0):
        expected = KernelDensity(bandwidth=sigma).fit(samples).score_samples(x)
        (found,) = log_likelihoods(x, samples, np.array([sigma]))
        np.testing.assert_allclose(found, expected, rtol=0, atol=0.01)
