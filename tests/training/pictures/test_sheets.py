"""A sample sheet has the right pixels for each image."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from minigan.training import pictures


def slow_sheet(x, height, width, columns):
    """The sheet by the docstring, computed pixel by pixel."""
    zoom = next((f for f in range(32, 0, -1) if f * height <= 32 and f * width <= 32), 1)
    rows = -(-len(x) // columns)
    canvas = [
        [64] * (columns * (width * zoom + 2) + 2) for _ in range(rows * (height * zoom + 2) + 2)
    ]
    for i, image in enumerate(x):
        for y in range(height * zoom):
            for right in range(width * zoom):
                value = image[(y // zoom) * width + right // zoom]
                row = 2 + (i // columns) * (height * zoom + 2) + y
                column = 2 + (i % columns) * (width * zoom + 2) + right
                canvas[row][column] = round(255 * min(max(float(value), 0), 1))
    return canvas


def decoded(picture):
    image = Image.open(io.BytesIO(pictures.png(picture)))
    assert (image.format, image.mode) == ("PNG", "L")
    return np.asarray(image)


@given(
    count=st.integers(1, 7),
    height=st.sampled_from([1, 8, 28, 40]),
    width=st.sampled_from([2, 8, 17]),
    columns=st.integers(1, 4),
    seed=st.integers(0, 1000),
)
def test_a_sheet_equals_the_slow_loop(count, height, width, columns, seed):
    x = np.random.default_rng(seed).random((count, height * width))
    picture = pictures.sheet(x, height, width, columns=columns)
    assert picture.dtype == np.uint8
    np.testing.assert_array_equal(picture, slow_sheet(x, height, width, columns))


def test_one_small_image_by_hand():
    x = np.array([[0, 1]], dtype=np.float32)
    expected = np.full((20, 36), 64)
    expected[2:18, 2:18], expected[2:18, 18:34] = 0, 255
    np.testing.assert_array_equal(decoded(pictures.sheet(x, 1, 2)), expected)


def test_an_incomplete_row_stays_grey():
    picture = pictures.sheet(np.ones((3, 64)), 8, 8)
    assert picture.shape == (70, 70)
    assert (picture[36:, 36:] == 64).all()
    assert (picture[2:34, 36:68] == 255).all()


@pytest.mark.parametrize(("count", "columns"), [(1, 1), (2, 2), (4, 2), (5, 3), (100, 10)])
def test_by_default_the_sheet_is_nearly_square(count, columns):
    assert pictures.sheet(np.zeros((count, 1024)), 32, 32).shape[1] == columns * 34 + 2


@pytest.mark.parametrize(("side", "zoom"), [(8, 4), (10, 3), (16, 2), (17, 1), (28, 1), (40, 1)])
def test_an_image_is_enlarged_to_at_most_32_pixels(side, zoom):
    assert pictures.sheet(np.zeros((1, side * side)), side, side).shape[0] == side * zoom + 4


def test_values_outside_0_to_1_are_clipped_and_halves_are_rounded_to_even():
    x = np.array([[-3, 2, 0.5 / 255, 1.5 / 255]])
    row = pictures.sheet(x, 1, 4)[2, 2:-2:8]
    np.testing.assert_array_equal(row, [0, 255, 0, 2])


def test_a_png_decodes_to_the_same_pixels():
    picture = np.random.default_rng(3).integers(0, 256, (5, 9), dtype=np.uint8)
    np.testing.assert_array_equal(decoded(picture), picture)


def test_a_colour_sheet_is_three_grey_sheets():
    x = np.random.default_rng(1).random((5, 6 * 7 * 3))
    picture = pictures.sheet(x, 6, 7, 3, columns=2)
    for channel in range(3):
        grey = x.reshape(5, 6, 7, 3)[..., channel].reshape(5, -1)
        np.testing.assert_array_equal(picture[..., channel], pictures.sheet(grey, 6, 7, columns=2))
    image = Image.open(io.BytesIO(pictures.png(picture)))
    assert image.mode == "RGB"
    np.testing.assert_array_equal(np.asarray(image), picture)


def test_images_are_drawn_as_a_sheet_and_points_as_a_scatter_plot():
    x = np.random.default_rng(1).random((5, 12))
    data = np.random.default_rng(2).random((9, 2))
    np.testing.assert_array_equal(
        pictures.picture(x, (4, 3, 1), columns=2), pictures.sheet(x, 4, 3, 1, 2)
    )
    np.testing.assert_array_equal(
        pictures.picture(x[:, :2], (2,), data), pictures.scatter(x[:, :2], data)
    )
