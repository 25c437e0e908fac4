"""Pictures of samples, where people would rather look than read.

Pillow is imported when the first file is made.
"""

from __future__ import annotations

import io

from minigan.arrays import Array
from minigan.training.pictures.scatter import scatter
from minigan.training.pictures.sheets import sheet


def picture(
    samples: Array,
    shape: tuple[int, ...],
    references: Array | None = None,
    columns: int | None = None,
) -> Array | None:
    """A sheet of images of the shape (height, width, channels), or points over the references.

    Points without references are drawn over themselves. None for a shape that has no picture:
    anything but images and points in the plane.
    """
    if len(shape) == 3:
        return sheet(samples, *shape, columns)
    if shape != (2,):
        return None
    return scatter(samples, samples if references is None else references)


def png(picture: Array) -> bytes:
    """A picture uint8, grey (rows, columns) or colour (rows, columns, 3), as a PNG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="PNG")
    return file.getvalue()
