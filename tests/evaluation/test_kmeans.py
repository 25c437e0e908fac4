"""K-means against Lloyd's algorithm written out, and its ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigan.evaluation import kmeans as module
from minigan.evaluation.kmeans import kmeans


def slow(x: Any, k: int, rng: np.random.Generator, iterations: int) -> Any:
    centres = [x[i].astype(float) for i in rng.permutation(len(x))[:k]]
    for _ in range(iterations):
        nearest = [min(range(k), key=lambda i: ((x_j - centres[i]) ** 2).sum()) for x_j in x]
        for i in range(k):
            mine = [x_j for x_j, where in zip(x, nearest, strict=True) if where == i]
            if mine:
                centres[i] = np.mean(mine, axis=0)
    return np.array(centres)


@pytest.mark.parametrize("rows", [4, 1000])
def test_it_is_lloyds_algorithm(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(module, "ROWS", rows)
    x = np.random.default_rng(1).random((50, 3)).astype(np.float32)
    for k in (1, 2, 5):
        expected = slow(x, k, np.random.default_rng(2), 4)
        found = kmeans(x, k, np.random.default_rng(2), iterations=4)
        np.testing.assert_allclose(found, expected, atol=1e-5)
        assert found.dtype == np.float32


def test_it_finds_groups_that_lie_apart() -> None:
    x = np.concatenate([np.zeros((20, 2)), np.ones((20, 2))]).astype(np.float32)
    found = kmeans(x + 0.01, 2, np.random.default_rng(4))
    if (found[0] == found[1]).all():  # both began in one group: the other centre lost everything
        pytest.fail("both centres began in one group: choose another seed for this test")
    np.testing.assert_allclose(sorted(found[:, 0].tolist()), [0.01, 1.01], atol=1e-6)


def test_a_centre_that_loses_all_its_examples_stays() -> None:
    x = np.array([[0.0], [0.0], [0.0], [9.0]], np.float32)  # two centres on the same point
    found = kmeans(x, 4, np.random.default_rng(0))
    assert sorted(found[:, 0].tolist()) == [0, 0, 0, 9]


def test_more_centres_than_examples_are_refused() -> None:
    with pytest.raises(ValueError, match="3 centres need more than 2 examples"):
        kmeans(np.zeros((2, 1), np.float32), 3, np.random.default_rng(0))
