"""K-means agrees with a direct implementation of Lloyd's algorithm, also in edge cases."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from minigan.evaluation import kmeans as module
from minigan.evaluation.kmeans import kmeans


def reference(x: Any, k: int, rng: np.random.Generator, iterations: int) -> Any:
    centres = [x[i].astype(float) for i in rng.permutation(len(x))[:k]]
    for _ in range(iterations):
        nearest = [min(range(k), key=lambda i: ((x_j - centres[i]) ** 2).sum()) for x_j in x]
        for i in range(k):
            cluster = [x_j for x_j, c_j in zip(x, nearest, strict=True) if c_j == i]
            if cluster:
                centres[i] = np.mean(cluster, axis=0)
    return np.array(centres)


@pytest.mark.parametrize("rows", [4, 1000])
def test_it_is_lloyds_algorithm(monkeypatch: pytest.MonkeyPatch, rows: int) -> None:
    monkeypatch.setattr(module, "ROWS", rows)
    x = np.random.default_rng(1).random((50, 3)).astype(np.float32)
    for k in (1, 2, 5):
        expected = reference(x, k, np.random.default_rng(2), 4)
        found = kmeans(x, k, np.random.default_rng(2), iterations=4)
        np.testing.assert_allclose(found, expected, atol=1e-5)
        assert found.dtype == np.float32


def test_it_finds_two_separate_groups() -> None:
    x = np.concatenate([np.zeros((20, 2)), np.ones((20, 2))]).astype(np.float32)
    found = kmeans(x + 0.01, 2, np.random.default_rng(4))
    if (found[0] == found[1]).all():  # both centres started in one group
        pytest.fail("both centres started in one group: choose another seed for this test")
    np.testing.assert_allclose(sorted(found[:, 0].tolist()), [0.01, 1.01], atol=1e-6)


def test_a_centre_without_examples_is_not_moved() -> None:
    x = np.array([[0.0], [0.0], [0.0], [9.0]], np.float32)  # three centres are on the same point
    found = kmeans(x, 4, np.random.default_rng(0))
    assert sorted(found[:, 0].tolist()) == [0, 0, 0, 9]


def test_more_centres_than_examples_raise_an_error() -> None:
    with pytest.raises(ValueError, match="k = 3 centres need at least 3 examples, not 2"):
        kmeans(np.zeros((2, 1), np.float32), 3, np.random.default_rng(0))


def test_two_centres_on_one_point_are_returned() -> None:
    found = kmeans(np.zeros((2, 1), np.float32), 2, np.random.default_rng(0))
    np.testing.assert_array_equal(found, [[0], [0]])


def test_the_mean_is_added_up_in_float64() -> None:
    x = np.array([[0.0], [2.0**24], [1.0], [-(2.0**24)]], np.float32)  # float32: 2^24 + 1 = 2^24
    np.testing.assert_array_equal(kmeans(x, 1, np.random.default_rng(0)), [[1 / 4]])


class Distances:
    """Replaces `squared_distances`: row j is nearest to centre nearest[j] of the next entry."""

    def __init__(self, entries: Any) -> None:
        self.entries, self.passes = iter(entries), 0

    def __call__(self, x: Any, centres: Any) -> Any:
        self.passes += 1
        return 1 - np.eye(len(centres))[next(self.entries)]


def test_it_ends_after_30_passes(monkeypatch: pytest.MonkeyPatch) -> None:
    distances = Distances(itertools.cycle([[0, 1], [1, 0]]))
    monkeypatch.setattr(module, "squared_distances", distances)
    kmeans(np.zeros((2, 1), np.float32), 2, np.random.default_rng(0))
    assert distances.passes == 30


def test_it_ends_when_no_example_changes_its_centre(monkeypatch: pytest.MonkeyPatch) -> None:
    distances = Distances([[0, 1, 1], [1, 0, 1], [1, 0, 1], [0, 0, 1]])
    monkeypatch.setattr(module, "squared_distances", distances)
    x = np.array([[1.0], [3.0], [7.0]], np.float32)
    found = kmeans(x, 2, np.random.default_rng(0))
    assert distances.passes == 3
    np.testing.assert_array_equal(found, [[3], [4]])  # the means of 3, and of 1 and 7


def test_the_first_pass_moves_the_centres_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "squared_distances", Distances([[1, 1], [1, 1]]))
    found = kmeans(np.array([[1.0], [3.0]], np.float32), 2, np.random.default_rng(0))
    assert found[1] == 2  # the mean of both
