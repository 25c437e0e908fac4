"""The rows of a draw are rows of the whole draw, and their bits alone are computed."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.data import digits
from minigan.draws import noise
from minigan.draws.minibatches import Minibatches
from minigan.draws.rows import RowsOfMinibatches

M = 7


def noisy(rng, x):
    return np.hstack([x, rng.standard_normal((len(x), 2), dtype=np.float32)])


def whole(order: str = "independent", change=None) -> Minibatches:
    images, sizes = digits.load("train"), [(64, 0.8), (5, 0.5), (1, 0.3)]
    return Minibatches(4, images, M, order, noise.gaussian, 3, sizes, change)


@pytest.mark.parametrize("order", ["independent", "epochs"])
@pytest.mark.parametrize("rows", [range(2), range(2, 5), range(5, 7), range(7)])
def test_data_noise_and_masks_are_rows_of_the_whole_draw(order, rows):
    draws, own = whole(order), RowsOfMinibatches(whole(order), rows)
    cut, step = slice(rows.start, rows.stop), 11
    assert np.array_equal(own.data(step), draws.data(step)[cut])
    out = np.empty((len(rows), 64), np.float32)
    assert own.data(step, out=out) is out
    assert np.array_equal(out, draws.data(step)[cut])
    for player in "DG":
        assert np.array_equal(own.noise(player, step), draws.noise(player, step)[cut])
        for halves in (1, 2):
            expected = [
                np.concatenate([mask[i * M :][cut] for i in range(halves)])
                for mask in draws.masks(player, step, halves * M)
            ]
            found = own.masks(player, step, halves * len(rows))
            assert len(found) == len(expected) == 3
            for one, other in zip(found, expected, strict=True):
                assert one.dtype == bool
                assert np.array_equal(one, other)


def test_changed_data_are_rows_of_the_whole_changed_minibatch():
    rows, step = range(2, 5), 3
    expected = whole(change=noisy).data(step)[2:5]
    own = RowsOfMinibatches(whole(change=noisy), rows)
    assert expected.shape == (3, 66)
    assert np.array_equal(own.data(step), expected)
    out = np.empty((3, 66), np.float32)
    assert own.data(step, out=out) is out
    assert np.array_equal(out, expected)
