"""The rows of a draw are rows of the whole draw, and their bits alone are computed."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.data import digits
from minigan.draws import noise
from minigan.draws.minibatches import Minibatches
from minigan.draws.rows import RowsOfMinibatches

M = 7


def whole(order: str = "independent") -> Minibatches:
    images = digits.load("train")
    return Minibatches(4, images, M, order, noise.gaussian, 3, [(64, 0.8), (5, 0.5), (1, 0.3)])


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
