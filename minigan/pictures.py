"""A sample sheet: many small grey images on one PNG, row by row.

Pillow is imported when the first picture is made.
"""

from __future__ import annotations

import io
import math

import numpy as np

from minigan.arrays import Array

GAP = 2
GREY = 64
SMALLEST_SIDE = 32


def sheet(x: Array, height: int, width: int, columns: int | None = None) -> Array:
    """x (N, height * width) in [0, 1] as one picture, uint8 (rows, columns), white on black.

    `columns` images per row, as near to a square as can be if None. Images are enlarged by the
    largest whole factor that keeps them within 32 pixels; a grey gap of 2 pixels surrounds each.
    """
    columns = columns or math.ceil(math.sqrt(len(x)))
    zoom = max(1, SMALLEST_SIDE // max(height, width))
    rows = math.ceil(len(x) / columns)
    down, right = height * zoom + GAP, width * zoom + GAP
    canvas = np.full((rows * down + GAP, columns * right + GAP), GREY, dtype=np.uint8)
    pixels = np.rint(255 * np.clip(x, 0, 1)).astype(np.uint8).reshape(-1, height, width)
    for i, image in enumerate(pixels):
        top, left = i // columns * down + GAP, i % columns * right + GAP
        large = image.repeat(zoom, axis=0).repeat(zoom, axis=1)
        canvas[top : top + height * zoom, left : left + width * zoom] = large
    return canvas


def png(picture: Array) -> bytes:
    """A grey picture (rows, columns) uint8 as the bytes of a PNG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="PNG")
    return file.getvalue()
