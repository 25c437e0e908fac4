"""Simple ways to fill missing values, by slow loops, and the measures by hand."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.evaluation import completion
from minigan.evaluation.completion import fill_quality, fill_with_mean, fill_with_nearest


class Rounding:
    """A classifier: the first value, rounded."""

    def classes(self, x):
        return np.rint(x[:, 0]).astype(int)


def test_the_mean_and_the_nearest_row_fill_missing_values_only(monkeypatch):
    rng = np.random.default_rng(0)
    x, train = rng.random((9, 5)).astype(np.float32), rng.random((30, 5)).astype(np.float32)
    s = (rng.random((9, 5)) < 0.6).astype(np.float32)
    monkeypatch.setattr(completion, "PAIRS_AT_A_TIME", 70)  # blocks of 2 rows, the last one smaller
    mean, nearest = fill_with_mean(x, s, train), fill_with_nearest(x, s, train)
    assert mean.shape == nearest.shape == (9, 1, 5)
    assert mean.dtype == nearest.dtype == np.float32
    for i in range(9):
        distances = [sum(s[i, j] * (x[i, j] - t[j]) ** 2 for j in range(5)) for t in train]
        best = train[int(np.argmin(distances))]
        for j in range(5):
            assert nearest[i, 0, j] == (x[i, j] if s[i, j] else best[j])
            expected = x[i, j] if s[i, j] else train[:, j].mean()
            assert mean[i, 0, j] == pytest.approx(expected, rel=1e-6)


def test_the_measures_are_those_of_the_missing_values_and_of_all_completions():
    x, s = np.array([[1.0, 0.0, 0.5]]), np.array([[0.0, 0.0, 1.0]])
    completed = np.array([[[1.0, 0.2, 0.5], [0.0, 0.4, 0.5]]])
    found = fill_quality("G", x, s, completed, np.array([1]), Rounding())  # type: ignore[arg-type]
    # Squared differences 0, 1 and 0.04, 0.16; variances 0.25 and 0.01.
    assert found.rms == pytest.approx(np.sqrt((0.5 + 0.1) / 2))
    assert found.spread == pytest.approx(np.sqrt((0.25 + 0.01) / 2))
    assert (found.name, found.right) == ("G", 0.5)
    assert fill_quality("G", x, s, completed).right is None
