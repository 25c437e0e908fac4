"""The points of a toy density are fixed draws from it, and training can use them like images."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from minigan import draws
from minigan.data import points, toys
from minigan.data.points import Points
from minigan.draws.minibatches import Minibatches

X = np.array([[0, 1], [2, 3], [4, 5]], dtype=np.float32)
SET = Points(X, toys.ring())


@pytest.fixture(scope="module", params=["ring", "grid"])
def name(request):
    return request.param


@pytest.fixture(scope="module")
def splits(name):
    return points.load(name)


def test_gather_returns_float32_rows_in_the_order_of_the_indices():
    x = SET.gather(np.array([2, 0, 2]))
    assert x.dtype == np.float32
    np.testing.assert_array_equal(x, [[4, 5], [0, 1], [4, 5]])


def test_all_is_every_point_in_order():
    assert len(SET) == 3
    assert SET.all().dtype == np.float32
    np.testing.assert_array_equal(SET.all(), X)


def test_the_returned_arrays_are_copies():
    SET.all()[:] = 9
    SET.gather(np.arange(3))[:] = 9
    assert SET.x.tolist() == [[0, 1], [2, 3], [4, 5]]


def test_the_splits_have_50_000_and_1_000_and_10_000_points_of_the_density(name, splits):
    modes = {"ring": 8, "grid": 25}[name]
    assert [len(split) for split in splits] == [50_000, 1_000, 10_000]
    for split in splits:
        assert (split.x.shape, split.x.dtype) == ((len(split), 2), np.float32)
        assert split.mixture.means.shape == (modes, 2)


def test_each_split_is_the_draw_of_seed_0_from_its_stream(name, splits):
    mixture = {"ring": toys.ring, "grid": toys.grid}[name]()
    for split, points_of_split in zip(("train", "validation", "test"), splits, strict=True):
        rng = draws.generator(0, f"data/{name}/{split}", 0)
        expected = mixture.sample(rng, len(points_of_split)).astype(np.float32)
        np.testing.assert_array_equal(points_of_split.x, expected)


def test_no_point_is_in_two_splits(splits):
    rows = np.concatenate([split.x for split in splits])
    assert len(np.unique(rows, axis=0)) == len(rows)


def test_the_points_follow_the_density(splits):
    for split in splits:
        mixture = split.mixture
        offsets = split.x[:, None, :] - mixture.means
        nearest = np.square(offsets).sum(axis=-1).argmin(axis=1)
        assert stats.chisquare(np.bincount(nearest, minlength=len(mixture.means))).pvalue > 0.001
        for column in ((split.x - mixture.means[nearest]) / mixture.s).T:
            assert stats.kstest(column, "norm").pvalue > 0.001


def test_a_minibatch_can_be_drawn_from_points():
    def zeros(rng, m, size):
        return np.zeros((m, size), dtype=np.float32)

    batches = Minibatches(1, SET, 2, "independent", zeros, 1, [])
    np.testing.assert_array_equal(batches.data(4), X[batches.indices(4)])


def test_an_unknown_name_raises_a_key_error():
    with pytest.raises(KeyError, match="spiral"):
        points.load("spiral")
