"""Masks: what is missing, how often, and which descriptions are refused."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.draws import generator
from minigan.errors import UserError
from minigan.training.completion import masks


def rng():
    return generator(0, "test", 0)


def test_each_pixel_is_observed_with_probability_a_half():
    s = masks.pixels(rng(), 4000, 2, 3)
    np.testing.assert_allclose(s.mean(axis=0), 0.5, atol=0.04)
    # Independent: all four values of two pixels are equally frequent.
    pairs = 2 * s[:, 0, 0] + s[:, 1, 2]
    np.testing.assert_allclose(np.bincount(pairs) / 4000, 0.25, atol=0.03)


def test_a_missing_rectangle_is_one_and_every_rectangle_occurs():
    s = masks.rectangle(rng(), 2000, 2, 3)
    kinds = {one.tobytes() for one in s}
    assert len(kinds) == 3 * 6  # pairs of edges with repetition: 3 in two rows, 6 in three columns
    for one in s:
        rows, columns = np.nonzero(~one)
        assert not one[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1].any()


def test_halves_are_the_four_sides_equally_often():
    s = masks.half(rng(), 2000, 4, 4)
    sides = [masks.side(name, 4, 4) for name in masks.SIDES]
    counts = [sum(np.array_equal(one, side) for one in s) for side in sides]
    assert sum(counts) == 2000
    np.testing.assert_allclose(np.array(counts) / 2000, 0.25, atol=0.04)


def test_a_side_has_half_of_the_pixels_and_the_middle_is_observed():
    assert masks.side("left", 1, 3).tolist() == [[False, True, True]]
    assert masks.side("right", 1, 2).tolist() == [[True, False]]
    assert masks.side("top", 3, 1).ravel().tolist() == [False, True, True]
    assert masks.side("bottom", 3, 1).ravel().tolist() == [True, True, False]


def test_all_misses_everything_and_kinds_are_equally_frequent():
    s = masks.draw_masks(rng(), 3000, (2, 2, 1), ["all", "half"])
    assert s.dtype == np.float32
    np.testing.assert_allclose((s.sum(axis=1) == 0).mean(), 0.5, atol=0.04)
    assert set(s.sum(axis=1)) == {0, 2}


def test_the_channels_of_a_pixel_share_its_mask_and_a_point_is_one_row():
    s = masks.draw_masks(rng(), 50, (2, 2, 3), ["pixels"]).reshape(50, 4, 3)
    assert (s == s[:, :, :1]).all()
    assert 0 < s.mean() < 1
    assert masks.draw_masks(rng(), 5, (2,), ["pixels"]).shape == (5, 2)
    assert masks.extents((5,)) == (1, 5, 1)


def test_a_box_misses_its_rows_and_columns_and_must_be_in_the_picture():
    s = masks.box((1, 0, 3, 2), 3, 4)
    assert (~s).sum() == 4
    assert not s[1:3, :2].any()
    for wrong in ((0, 0, 0, 1), (0, 0, 4, 1), (-1, 0, 1, 1), (0, 2, 1, 2), (0, 0, 1, 5)):
        with pytest.raises(UserError, match="is not in a picture of 3 rows and 4 columns"):
            masks.box(wrong, 3, 4)


def test_a_random_part_has_the_fraction_and_depends_on_the_generator():
    s = masks.random_part(rng(), 0.25, 4, 5)
    assert (~s).sum() == 5
    assert np.array_equal(s, masks.random_part(rng(), 0.25, 4, 5))
    assert not np.array_equal(s, masks.random_part(generator(1, "test", 0), 0.25, 4, 5))
