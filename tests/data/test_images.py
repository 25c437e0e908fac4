"""Images are stored as uint8 and converted to float32 in a minibatch."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.data.images import Images

PIXELS = np.array([[0, 16, 8, 4], [1, 2, 3, 5], [16, 0, 0, 16]], dtype=np.uint8)
SET = Images(PIXELS, np.array([7, 1, 4]), white=16, height=2, width=2)


def test_gather_divides_by_white_and_returns_float32_rows_in_the_order_of_the_indices():
    x = SET.gather(np.array([2, 0, 2]))
    assert x.dtype == np.float32
    np.testing.assert_array_equal(x, [[1, 0, 0, 1], [0, 1, 0.5, 0.25], [1, 0, 0, 1]])


def test_all_is_every_image_in_order():
    np.testing.assert_array_equal(SET.all(), PIXELS / 16)


def test_a_slice_has_its_pixels_and_labels():
    part = SET[1:]
    assert len(SET) == 3
    assert len(part) == 2
    np.testing.assert_array_equal(part.labels, [1, 4])
    np.testing.assert_array_equal(part.pixels, PIXELS[1:])
    assert (part.white, part.height, part.width) == (16, 2, 2)


@pytest.mark.parametrize("white", [1, 15, 16, 100, 255])
def test_pixels_are_in_0_to_1_and_both_ends_are_exact(white):
    pixels = np.arange(white + 1, dtype=np.uint8)[:, None]
    x = Images(pixels, np.zeros(white + 1), white, 1, 1).all()[:, 0]
    assert x[0] == 0
    assert x[-1] == 1
    np.testing.assert_allclose(x, [k / white for k in range(white + 1)], rtol=1.2e-7)
