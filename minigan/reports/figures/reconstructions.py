"""Pictures of inference: images above their reconstructions, and paths between two real images.

    reconstructions    rows of x; below them G(E(x)); below them G(z) of the refined z, if there is
    interpolation      x0, then G((1 - t) z0 + t z1) for t = 0, 0.1, ..., 1, then x1

z0 and z1 are those of the real images x0 and x1. The first and the last image of a row are real.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from minigan.arrays import Array
from minigan.reports.figures.figure3 import PAIRS, STEPS, linear, stacked
from minigan.training.pictures.sheets import sheet

COLUMNS, MOST = 10, 50  # images per row, and in the picture


def draw_reconstructions(rows: Sequence[Array], shape: tuple[int, int, int]) -> Array:
    """A picture (uint8) of the first 50 images. Each of `rows` is (N, n) in [0, 1].

    The first are the images; each of the others is drawn below them, with the same images in a
    column. The last line is filled with black.
    """
    shown = min(len(rows[0]), MOST)
    columns = min(shown, COLUMNS)
    sheets = []
    for start in range(0, shown, columns):
        lines = np.zeros((len(rows), columns, rows[0].shape[1]), dtype=rows[0].dtype)
        for line, x in zip(lines, rows, strict=True):
            block = x[start : min(start + columns, shown)]
            line[: len(block)] = block
        sheets.append(sheet(lines.reshape(-1, lines.shape[2]), *shape, columns=columns))
    return stacked(sheets)


def draw_interpolation(
    x: Array,
    z: Array,
    samples: Callable[[Array], Array],
    shape: tuple[int, int, int],
    values: Callable[[Array], Array] = lambda x: x,
) -> Array:
    """A picture (uint8) of paths between consecutive images x (N, n), N >= 2, at most 6 pairs.

    z (N, z_size) are their codes and `samples` computes G(z). `values` makes pixels in [0, 1] of
    all images together.
    """
    pairs = min(PAIRS, len(x) // 2)
    first, second = slice(0, 2 * pairs, 2), slice(1, 2 * pairs, 2)
    paths = linear(z[first], z[second], np.linspace(0, 1, STEPS, dtype=z.dtype))
    y = samples(paths.reshape(-1, z.shape[1])).reshape(pairs, STEPS, -1)
    lines = values(np.concatenate([x[first, None], y, x[second, None]], axis=1))
    return stacked([sheet(line, *shape, columns=STEPS + 2) for line in lines])
