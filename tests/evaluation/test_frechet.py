"""The Frechet distance is that of SciPy's matrix square root and of closed forms."""

from __future__ import annotations

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


def test_images_are_averaged_to_8_by_8_per_channel():
    rows, columns, channels = np.indices((16, 24, 3))
    image = (100 * (rows // 2) + 10 * (columns // 3) + channels).reshape(1, -1)
    expected = [100 * r + 10 * c + k for r in range(8) for c in range(8) for k in range(3)]
    assert averaged(image, (16, 24, 3)).tolist() == [expected]
    small = np.arange(12.0).reshape(2, 6)
    assert averaged(small, (2, 3, 1)).tolist() == small.tolist()
