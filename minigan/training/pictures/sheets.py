"""A sample sheet: one picture with many small images in rows."""

from __future__ import annotations

import math

import numpy as np

from minigan.arrays import Array

GAP = 2
GREY = 64
SMALLEST_SIDE = 32


def sheet(
    x: Array, height: int, width: int, channels: int = 1, columns: int | None = None
) -> Array:
    """A sheet of the images x (N, height * width * channels) in [0, 1]; 0 is black, 1 is white.

    Returns uint8, grey (rows, columns) for channels = 1 or colour (rows, columns, 3) for 3. Values
    outside [0, 1] are clipped.

    There are `columns` images per row; by default the sheet is nearly square. Images are enlarged
    by the largest integer factor up to a side of 32 pixels, with a grey gap of 2 pixels around.
    """
    columns = columns or math.ceil(math.sqrt(len(x)))
    zoom = max(1, SMALLEST_SIDE // max(height, width))
    rows = math.ceil(len(x) / columns)
    down, right = height * zoom + GAP, width * zoom + GAP
    colours = () if channels == 1 else (channels,)
    size = (rows * down + GAP, columns * right + GAP)
    canvas = np.full(size + colours, GREY, dtype=np.uint8)
    pixels = np.rint(255 * np.clip(x, 0, 1)).astype(np.uint8).reshape(-1, height, width, *colours)
    for i, image in enumerate(pixels):
        top, left = i // columns * down + GAP, i % columns * right + GAP
        large = image.repeat(zoom, axis=0).repeat(zoom, axis=1)
        canvas[top : top + height * zoom, left : left + width * zoom] = large
    return canvas
