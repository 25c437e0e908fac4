"""Unfold copies the pixels under each window to a column; fold adds such columns back to images.

    unfold    P[u, v, c, i, p, q] = x_i[s p + u - pad, s q + v - pad, c]    0 outside the image
    fold      x_i[s p + u - pad, s q + v - pad, c] += P[u, v, c, i, p, q]   nothing outside it

for each image i of a minibatch, with the indices of `minigan.layers.windows`. A convolution is one
matrix product with P, and the gradient of its input is a fold.

Shapes: x (m, height width C), P (size size C, m rows columns). P has a row for each place (u, v) of
a window and channel c, and a column for each image and position (p, q).

Derivation of fold. unfold is linear: every number of P is a copy of one number of x, or 0. The
gradient of a number of x is the sum of the gradients of its copies. So fold is the transposed map:
<unfold(x), P> = <x, fold(P)> for every x and P.

Both have two stages with S in between. The positions are the last indices, so whole lines are moved
in the first stage, and with s = 1 whole images in the second:

    along the lines   S[v, c, i, h, q]    = padded[c, i, h, s q + v]
    over the lines    P[u, v, c, i, p, q] = S[v, c, i, s p + u, q]

P has up to size^2 numbers for each number of x. Therefore it is made for a few images at a time
(`Scratch`).
"""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.layers.windows import Windows

SCRATCH = 6_000_000  # bytes of scratch memory: chosen by measurement (docs/layers/convolution.md)


class Scratch:
    """The scratch memory for m images of C channels, used again for each of the `chunks` of them.

    padded    (C, images, height, width)                      the images with their padding
    S         (size, C, images, height, columns)              between the two stages
    P         (size, size, C, images, rows, columns)

    It takes at most `SCRATCH` bytes with `units` further numbers per position, which hold a product
    with P. If one image takes more, each chunk has one image.
    """

    def __init__(self, xp: Any, windows: Windows, m: int, C: int, units: int, dtype: Any) -> None:
        self.windows, self.C = windows, C
        numbers = sum(map(prod, self._shapes(1))) + windows.positions * units
        self.images = max(1, min(m, SCRATCH // (numbers * np.dtype(dtype).itemsize)))
        self.chunks = [slice(i, min(m, i + self.images)) for i in range(0, m, self.images)]
        self.buffers = [xp.empty(prod(shape), dtype=dtype) for shape in self._shapes(self.images)]

    def arrays(self, images: int) -> list[Array]:
        """[padded, S, P] for so many images, at most those of a chunk."""
        shapes = self._shapes(images)
        return [
            a[: prod(shape)].reshape(shape) for a, shape in zip(self.buffers, shapes, strict=True)
        ]

    def P(self, images: int) -> Array:
        """P (size size C, images rows columns) for so many images."""
        P: Array = self.arrays(images)[2]
        return P.reshape(-1, images * self.windows.positions)

    def _shapes(self, images: int) -> list[tuple[int, ...]]:
        w, (height, width) = self.windows, self.windows.covered
        return [
            (self.C, images, height, width),
            (w.size, self.C, images, height, w.columns),
            (w.size, w.size, self.C, images, w.rows, w.columns),
        ]


def unfold(x: Array, scratch: Scratch) -> Array:
    """P of the images x, which are a chunk or fewer. It is a part of the scratch memory."""
    w, (padded, S, P) = scratch.windows, scratch.arrays(len(x))
    padded[...] = 0
    _inside(padded, w)[...] = x.reshape(len(x), w.height, w.width, -1)
    for v in range(w.size):
        S[v] = padded[..., v : v + w.stride * w.columns : w.stride]
    for u in range(w.size):
        P[u] = S[..., u : u + w.stride * w.rows : w.stride, :]
    return scratch.P(len(x))


def fold(P: Array, scratch: Scratch, *, out: Array) -> Array:
    """x, each image the sum of its P. `out` (m, n) must not overlap P."""
    w, (padded, S, of_P) = scratch.windows, scratch.arrays(len(out))
    S[...] = 0
    for u, P_u in enumerate(P.reshape(of_P.shape)):
        S[..., u : u + w.stride * w.rows : w.stride, :] += P_u
    padded[...] = 0
    for v in range(w.size):
        padded[..., v : v + w.stride * w.columns : w.stride] += S[v]
    out.reshape(len(out), w.height, w.width, -1)[...] = _inside(padded, w)
    return out


def _inside(padded: Array, w: Windows) -> Array:
    """The images (m, height, width, C) without their padding."""
    inside = padded[..., w.pad : w.pad + w.height, w.pad : w.pad + w.width]
    return inside.transpose(1, 2, 3, 0)
