"""Images beside each other are one image with more channels, in which NumPy has longer loops.

    beside     wide[j, i C + c] = x_i[j, c]        pixel j of the m images, one after the other
    apart      x_i[j, c] = wide[j, i C + c]        the inverse

Shapes: x (m, pixels C), for m images of C channels, and wide (1, pixels m C), one image of m C
channels. What a layer computes for each channel, it can compute on either.

The inner loop of NumPy runs along the last index, the channel: with few channels it starts anew for
every few numbers. These two functions have no such loop, because they move the channels of a pixel
as one item.
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array


def beside(x: Array, *, out: Array) -> Array:
    """Write x (m, pixels C) to `out` (pixels, m, C). Returns `out` as (1, pixels m C)."""
    _move(x.reshape(len(x), len(out), -1).transpose(1, 0, 2), to=out)
    return out.reshape(1, -1)


def apart(wide: Array, *, out: Array) -> None:
    """Write to `out` (m, pixels C) the images of `wide` (pixels, m, C)."""
    _move(wide, to=out.reshape(len(out), len(wide), -1).transpose(1, 0, 2))


def _move(x: Array, *, to: Array) -> None:
    """to = x, for two arrays (..., C) of one shape and dtype."""
    if type(x) is type(to) is np.ndarray and x.strides[-1] == to.strides[-1] == x.itemsize:
        pixel = np.dtype((np.void, x.shape[-1] * x.itemsize))
        x, to = x.view(pixel), to.view(pixel)
    to[...] = x
