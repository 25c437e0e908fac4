"""A sheet of completions: the columns of a row, the colour of missing pixels, grey and colour."""

from __future__ import annotations

import numpy as np

from minigan.training.pictures.completions import BLUE, completion_sheet
from minigan.training.pictures.sheets import GAP, SMALLEST_SIDE

BLUE_PIXEL = np.rint(255 * BLUE).tolist()


def cells(sheet, row, column):
    """The picture in this place, at the pixel size of a 2 x 2 image."""
    side, zoom = SMALLEST_SIDE + GAP, SMALLEST_SIDE // 2
    top, left = row * side + GAP, column * side + GAP
    return sheet[top : top + SMALLEST_SIDE : zoom, left : left + SMALLEST_SIDE : zoom].tolist()


def test_a_row_has_the_picture_its_observed_part_and_the_completions():
    x = np.array([[0, 1, 1, 0], [1, 1, 0, 0]], np.float32)
    s = np.array([[1, 1, 0, 0], [0, 1, 1, 1]], np.float32)
    completed = np.stack([np.full((2, 4), 1.0), np.full((2, 4), 0.2)], axis=1).astype(np.float32)
    sheet = completion_sheet(x, s, completed, (2, 2, 1))
    black, white, dim = [0] * 3, [255] * 3, [51] * 3
    assert cells(sheet, 0, 0) == [[black, white], [white, black]]
    assert cells(sheet, 0, 1) == [[black, white], [BLUE_PIXEL] * 2]
    assert cells(sheet, 1, 1) == [[BLUE_PIXEL, white], [black, black]]
    assert cells(sheet, 1, 2) == [[white] * 2] * 2
    assert cells(sheet, 1, 3) == [[dim] * 2] * 2
    assert sheet.shape == (2 * 34 + 2, 4 * 34 + 2, 3)


def test_colour_pictures_keep_their_colours():
    x = np.tile(np.array([1, 0, 0.2], np.float32), 4)[None]
    s = np.repeat(np.array([1, 0, 1, 1], np.float32), 3)[None]
    sheet = completion_sheet(x, s, x[:, None], (2, 2, 3))
    red = [255, 0, 51]
    assert cells(sheet, 0, 1) == [[red, BLUE_PIXEL], [red, red]]
    assert cells(sheet, 0, 2) == [[red, red], [red, red]]
