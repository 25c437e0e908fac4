"""Unfold copies the pixels under each window to a row; fold adds such rows back to images.

    unfold    P[p, q, u, v, c] = x[s p + u - pad, s q + v - pad, c]         0 outside the image
    fold      x[s p + u - pad, s q + v - pad, c] += P[p, q, u, v, c]        nothing outside it

for each image of a minibatch, with the indices of `minigan.layers.windows`. A convolution is one
matrix product with P, and the gradient of its input is a fold.

Shapes: x (m, height width C), P (m, rows, columns, size, size C). The last axis of P has v and c.

Derivation of fold. unfold is linear: every number of P is a copy of one number of x, or 0. The
gradient of a number of x is the sum of the gradients of its copies. So fold is the transposed map:
<unfold(x), P> = <x, fold(P)> for every x and P.

Both have two stages with S in between. In one line of the padded image, the size C numbers under a
window are adjacent, so whole runs of them are moved:

    along a line     S[h, q, :]    = line h of the padded image, size C numbers from s q C on
    over the lines   P[p, q, u, :] = S[s p + u, q, :]

P has up to size^2 numbers for each number of x. Therefore it is made for a few images at a time
(`Scratch`) and used while it is in the processor's cache.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.layers.windows import Windows

SCRATCH = 6_000_000  # bytes of scratch memory: chosen by measurement (docs/layers/convolution.md)


class Scratch:
    """The scratch memory for m images, used again for each of the `chunks` of them.

    padded    (images, height, width, C)           the images with their padding
    S         (images, height, columns, size C)    between the two stages
    P         (images, rows, columns, size, size C) for unfold
              (size, images, rows, columns, size C) with fold=True: the order in which fold reads it

    It takes at most `SCRATCH` bytes with `units` further numbers per position, which hold a product
    with P. If one image takes more, each chunk has one image.
    """

    def __init__(
        self, xp: Any, windows: Windows, m: int, C: int, units: int, dtype: Any, *, fold: bool
    ) -> None:
        w, (height, width), run = windows, windows.covered, windows.size * C
        numbers = height * (width * C + w.columns * run) + w.positions * (w.size * run + units)
        images = max(1, min(m, SCRATCH // (numbers * np.dtype(dtype).itemsize)))
        self.chunks = [slice(start, min(m, start + images)) for start in range(0, m, images)]
        self.padded = xp.empty((images, height, width, C), dtype=dtype)
        self.S = xp.empty((images, height, w.columns, run), dtype=dtype)
        shape = (images, w.rows, w.columns)
        self.P = xp.empty((w.size, *shape, run) if fold else (*shape, w.size, run), dtype=dtype)


def unfold(x: Array, windows: Windows, scratch: Scratch) -> Array:
    """P of the images x, which are a chunk or fewer. It is a part of `scratch.P`."""
    w, m, C = windows, len(x), windows.channels(x.shape[1])
    padded, S = scratch.padded[:m], scratch.S[:m]
    P: Array = scratch.P[:m]
    padded[...] = 0
    _inside(padded, w)[...] = x.reshape(m, w.height, w.width, C)
    lines = padded.reshape(m, padded.shape[1], -1)
    for q in range(w.columns):
        S[:, :, q] = lines[:, :, w.stride * q * C : (w.stride * q + w.size) * C]
    for u in range(w.size):
        P[:, :, :, u] = S[:, u : u + w.stride * w.rows : w.stride]
    return P


def fold(P: Array, windows: Windows, scratch: Scratch, *, out: Array) -> Array:
    """x, each image the sum of its P. `out` (m, n) must not overlap P."""
    w, m, C = windows, len(out), P.shape[-1] // windows.size
    padded, S = scratch.padded[:m], scratch.S[:m]
    S[...] = 0
    for u in range(w.size):
        S[:, u : u + w.stride * w.rows : w.stride] += P[:, :, :, u]
    padded[...] = 0
    lines = padded.reshape(m, padded.shape[1], -1)
    for q in range(w.columns):
        lines[:, :, w.stride * q * C : (w.stride * q + w.size) * C] += S[:, :, q]
    out.reshape(m, w.height, w.width, C)[...] = _inside(padded, w)
    return out


def _inside(padded: Array, w: Windows) -> Array:
    """The images without their padding."""
    return padded[:, w.pad : w.pad + w.height, w.pad : w.pad + w.width]
