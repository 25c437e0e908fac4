"""Pictures of samples: a sheet of images, or a scatter plot of points.

Pillow is imported when the first PNG is encoded.
"""

from __future__ import annotations

import io

from minigan.arrays import Array
from minigan.data.contrast import picture_values
from minigan.training.pictures.scatter import scatter
from minigan.training.pictures.sheets import sheet


def picture(
    samples: Array,
    shape: tuple[int, ...],
    references: Array | None = None,
    columns: int | None = None,
    normalised: bool = False,
) -> Array | None:
    """Samples as an array of pixels; None for samples that cannot be drawn.

    shape (height, width, channels): a sheet of images, with `columns` images per row. `normalised`:
    the images have normalised contrast and are scaled together, so that 0 is grey.
    shape (2,): a scatter plot over `references`; by default over the samples themselves.
    Another shape cannot be drawn.
    """
    if len(shape) == 3:
        return sheet(picture_values(samples) if normalised else samples, *shape, columns)
    if shape != (2,):
        return None
    return scatter(samples, samples if references is None else references)


def class_columns(count: int, classes: int) -> int | None:
    """The images per row that give one row per class; None if `count` is not a multiple of it."""
    return count // classes if classes and count % classes == 0 else None


def png(picture: Array) -> bytes:
    """Encode a uint8 array, grey (rows, columns) or colour (rows, columns, 3), as a PNG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, format="PNG")
    return file.getvalue()
