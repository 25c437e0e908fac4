"""Positions of windows, compared with a search for the first that reaches the end."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import pytest
from hypothesis import given
from slow_images import windows

from minigan.layers import Windows


@given(w=windows(largest=12))
def test_the_last_position_is_the_first_that_reaches_the_end(w: Windows) -> None:
    for length, positions, covered in zip(
        (w.height, w.width), (w.rows, w.columns), w.covered, strict=True
    ):
        p = 0
        while w.stride * p + w.size < length + 2 * w.pad:
            p += 1
        assert positions == p + 1
        assert covered == w.stride * p + w.size
        assert w.pad or w.stride * p < length  # without padding, each window has a pixel
    assert w.positions == w.rows * w.columns


@pytest.mark.parametrize(
    ("sizes", "rows", "columns"),
    [  # the sizes of the published CIFAR-10 networks: convolutions, poolings, deconvolution
        (Windows(32, 32, 8, pad=4), 33, 33),
        (Windows(33, 33, 4, 2), 16, 16),
        (Windows(16, 16, 8, pad=3), 15, 15),
        (Windows(15, 15, 4, 2), 7, 7),
        (Windows(7, 7, 5, pad=3), 9, 9),
        (Windows(9, 9, 2, 2), 5, 5),
        (Windows(32, 32, 5, 3), 10, 10),
        (Windows(4, 7, 3, 2), 2, 3),
    ],
)
def test_sizes_computed_by_hand(sizes: Windows, rows: int, columns: int) -> None:
    assert (sizes.rows, sizes.columns) == (rows, columns)


def test_the_channels_follow_from_the_numbers_of_an_image() -> None:
    assert Windows(2, 3, 1).channels(12) == 2
    for n in (0, 7):
        with pytest.raises(ValueError, match=f"2 x 3 pixels have a multiple of 6 numbers, not {n}"):
            Windows(2, 3, 1).channels(n)


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ((0, 3, 1), "at least one pixel, not 0 x 3 and 1 x 1"),
        ((3, 0, 1), "not 3 x 0 and 1 x 1"),
        ((3, 3, 0), "not 3 x 3 and 0 x 0"),
        ((5, 5, 2, 0), "stride of a window of 2 x 2 must be from 1 to 2, not 0"),
        ((5, 5, 2, 3), "not 3: with a larger one, some pixels are in no window"),
        ((5, 5, 2, 1, -1), "padding for a window of 2 x 2 must be from 0 to 1, not -1"),
        ((5, 5, 2, 1, 2), "from 0 to 1, not 2"),
        ((2, 9, 5, 1, 1), "window of 5 x 5 is larger than an image of 2 x 9 with 1 pixels of padd"),
        ((9, 2, 5, 1, 1), "larger than an image of 9 x 2"),
    ],
)
def test_windows_that_do_not_fit_are_refused_by_name(sizes: Any, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        Windows(*sizes)


def test_the_largest_window_stride_and_padding_are_accepted() -> None:
    assert Windows(3, 3, 3, 3, 2).rows == 3
    assert Windows(1, 1, 3, 1, 1).positions == 1
    assert Windows(1, 1, 1).positions == 1


def test_windows_are_frozen() -> None:
    with pytest.raises(FrozenInstanceError):
        Windows(3, 3, 2).size = 3
