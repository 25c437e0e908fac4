"""A sheet of completions: one row per picture, with its observed part and several completions.

picture | observed part, the missing pixels in blue | completion 1 | completion 2 | ...
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array
from minigan.training.pictures.sheets import sheet

BLUE = np.array([40, 70, 140], dtype=np.float32) / 255


def completion_sheet(x: Array, s: Array, completed: Array, shape: tuple[int, int, int]) -> Array:
    """The sheet, uint8 (rows, columns, 3), of pictures x (N, n) of this shape, in [0, 1].

    s (N, n) are the masks, and completed (N, count, n) the completions of each picture.
    """
    height, width, channels = shape

    def colour(images: Array) -> Array:
        """The images (N, pixels, 3); grey ones have three equal channels."""
        each = images.reshape(len(images), -1, channels)
        return np.broadcast_to(each, (*each.shape[:2], 3)) if channels == 1 else each

    missing = colour(s) == 0
    marked = np.where(missing, BLUE, colour(x))
    columns = [colour(x), marked, *(colour(completed[:, j]) for j in range(completed.shape[1]))]
    rows = np.stack(columns, axis=1).reshape(len(x) * len(columns), -1)
    return sheet(rows, height, width, 3, columns=len(columns))
