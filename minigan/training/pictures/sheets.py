"""A sample sheet: many small images on one picture, row by row."""

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
    """x (N, height * width * channels) in [0, 1] as one picture, uint8, white on black.

    Grey (rows, columns) where channels is 1, colour (rows, columns, 3) where it is 3.

    `columns` images per row, as near to a square as can be if None. Images are enlarged by the
    largest whole factor that keeps them within 32 pixels; a grey gap of 2 pixels surrounds each.
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
