"""The Frechet distance is that of SciPy's matrix square root and of closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import linalg

from minigan.evaluation.frechet import averaged, frechet_distance


def test_the_distance_is_that_of_the_formula_with_scipys_matrix_square_root():
    rng = np.random.default_rng(0)
    x1, x2 = rng.standard_normal((60, 5)), rng.standard_normal((50, 5)) @ rng.random((5, 5)) + 1
    C1, C2 = np.cov(x1.T), np.cov(x2.T)
    root = linalg.sqrtm(C1 @ C2).real
    squared = np.sum((x1.mean(0) - x2.mean(0)) ** 2) + np.trace(C1 + C2 - 2 * root)
    assert frechet_distance(x1, x2) == pytest.approx(squared**0.5, rel=1e-9)
    assert frechet_distance(x2, x1) == pytest.approx(squared**0.5, rel=1e-9)


def test_a_shifted_set_is_as_far_as_its_shift_and_a_scaled_one_by_its_deviation():
    x = np.random.default_rng(1).standard_normal((40, 3))
    assert frechet_distance(x, x) == pytest.approx(0, abs=1e-6)
    assert frechet_distance(x, x + np.array([3.0, 0, 4])) == pytest.approx(5, abs=1e-9)
    one = x[:, :1]
    deviation = float(np.std(one, ddof=1))
    expected = np.hypot(2 * deviation, 2 * abs(float(one.mean())))
    assert frechet_distance(one, 3 * one) == pytest.approx(expected, rel=1e-9)


def test_one_row_has_no_covariance():
    with pytest.raises(ValueError, match="at least two"):
        frechet_distance(np.zeros((1, 2)), np.zeros((5, 2)))


def test_two_rows_are_enough_and_the_numbers_may_be_whole():
    """{0, 2} and {5, 9}: means 1 and 7, standard deviations sqrt 2 and 2 sqrt 2."""
    x1, x2 = np.array([[0], [2]], np.uint8), np.array([[5], [9]], np.uint8)
    assert frechet_distance(x1, x2) == pytest.approx(38**0.5, rel=1e-12)


def test_the_means_are_those_in_float64():
    """2^24 + 8/3 and 2^24 + 10/3, which float32 does not have; the covariances are equal."""
    x1 = np.float32(2**24) + np.array([[0], [2], [6]], np.float32)
    x2 = np.float32(2**24) + np.array([[6], [4], [0]], np.float32)
    assert frechet_distance(x1, x2) == pytest.approx(2 / 3, rel=1e-6)


def test_fewer_rows_than_columns_have_a_distance():
    """Some eigenvalues are 0, and rounding makes them negative."""
    rng = np.random.default_rng(3)
    for _ in range(5):
        x = rng.standard_normal((4, 12)) + 10
        assert frechet_distance(x, x[::-1]) == pytest.approx(0, abs=1e-5)


def slow_average(image, height, width, channels):
    """The mean of each block of one image, one pixel at a time."""
    down, right = max(1, height // 8), max(1, width // 8)
    means = []
    for row in range(min(8, height)):
        for column in range(min(8, width)):
            for channel in range(channels):
                pixels = [
                    float(image[(y * width + x) * channels + channel])
                    for y in range(row * down, (row + 1) * down)
                    for x in range(column * right, (column + 1) * right)
                ]
                means.append(math.fsum(pixels) / len(pixels))
    return means


@pytest.mark.parametrize("shape", [(16, 25, 3), (19, 16, 1), (5, 26, 2)])
def test_the_pixels_that_fill_no_block_are_left_out(shape):
    x = np.random.default_rng(4).random((3, math.prod(shape)), np.float32)
    found = averaged(x, shape)
    assert np.allclose(found, [slow_average(image, *shape) for image in x], rtol=1e-14, atol=0)


def test_images_are_averaged_to_8_by_8_per_channel():
    rows, columns, channels = np.indices((16, 24, 3))
    image = (100 * (rows // 2) + 10 * (columns // 3) + channels).reshape(1, -1)
    expected = [100 * r + 10 * c + k for r in range(8) for c in range(8) for k in range(3)]
    assert averaged(image, (16, 24, 3)).tolist() == [expected]
    small = np.arange(12.0).reshape(2, 6)
    assert averaged(small, (2, 3, 1)).tolist() == small.tolist()
