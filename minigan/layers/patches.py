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

Both have two stages with S in between. S has line h of an image at l = h div s and r = h mod s, so
that the lines of adjacent positions are adjacent:

    along the lines   S[v, c, r, i, l, q] = padded[c, i, s l + r, s q + v]
    over the lines    P[u, v, c, i, p, q] = S[v, c, u mod s, i, p + u div s, q]

The positions are the last indices. So whole lines are moved in the first stage, and in the second
all positions of an image.

P has up to size^2 numbers for each number of x. Therefore it is made for a few images at a time
(`Scratch`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from math import prod
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.layers.windows import Windows

SCRATCH = 6_000_000  # bytes of scratch memory: chosen by measurement (docs/layers/convolution.md)
SCRATCH_OF_DEVICE = 64_000_000  # the same on a GPU, where every step of a chunk is a launch
kept: list[Array] = []  # the memory of finished passes, at most one for each thread


class Scratch:
    """The scratch memory for m images of C channels, used again for each of the `chunks` of them.

    P          (size, size, C, images, rows, columns)
    product    (images rows columns, units)                  a result of a product with P
    S          (size, C, s, images, lines, columns)          between the two stages
    padded     (C, images, s lines, width)                   the images with their padding

    It takes at most `SCRATCH` bytes, and on a GPU `SCRATCH_OF_DEVICE`. If an image takes more, each
    chunk has one image. After `release`, other passes use its memory: the system takes longer to
    provide new memory than unfold takes to write to it.
    """

    def __init__(self, xp: Any, windows: Windows, m: int, C: int, units: int, dtype: Any) -> None:
        self.windows, self.C, self.units = windows, C, units
        of_image = sum(map(prod, self._shapes(1))) * np.dtype(dtype).itemsize
        self.images = max(1, min(m, (SCRATCH if xp is np else SCRATCH_OF_DEVICE) // of_image))
        self.chunks = [slice(i, min(m, i + self.images)) for i in range(0, m, self.images)]
        numbers = sum(map(prod, self._shapes(self.images)))
        self.memory: Array | None = None
        if xp is np:
            size = numbers * np.dtype(dtype).itemsize
            self.memory = _memory(size)
            self.numbers: Array = self.memory[:size].view(dtype)
        else:  # CuPy keeps memory itself
            self.numbers = xp.empty(numbers, dtype=dtype)

    def arrays(self, images: int) -> list[Array]:
        """[P, product, S, padded] for so many images, at most those of a chunk."""
        found, start = [], 0
        for shape in self._shapes(images):
            found.append(self.numbers[start : start + prod(shape)].reshape(shape))
            start += prod(shape)
        return found

    def P(self, images: int) -> Array:
        """P (size size C, images rows columns) for so many images."""
        P: Array = self.arrays(images)[0]
        return P.reshape(-1, images * self.windows.positions)

    def product(self, images: int) -> Array:
        """The product (images rows columns, units) for so many images."""
        return self.arrays(images)[1]

    def unfold(self, x: Array) -> Array:
        """P of the images x, which are a chunk or fewer. It is a part of the scratch memory."""
        w, (P, _, S, padded) = self.windows, self.arrays(len(x))
        padded[...] = 0
        for inside, of_x in _inside(padded, x, w):
            inside[...] = of_x
        lines = _lines(padded, S)
        for v in range(w.size):
            S[v] = lines[..., v : v + w.stride * w.columns : w.stride]
        for u in range(w.size):
            first, r = divmod(u, w.stride)
            P[u] = S[:, :, r, :, first : first + w.rows]
        return self.P(len(x))

    def fold(self, P: Array, *, out: Array) -> Array:
        """x, each image the sum of its P. `out` (m, n) must not overlap P."""
        w, (of_P, _, S, padded) = self.windows, self.arrays(len(out))
        S[...] = 0
        for u, P_u in enumerate(P.reshape(of_P.shape)):
            first, r = divmod(u, w.stride)
            add_part(P_u, out=S[:, :, r, :, first : first + w.rows], u=u, w=w)
        padded[...] = 0
        lines = _lines(padded, S)
        for v in range(w.size):
            add_part(S[v], out=lines[..., v : v + w.stride * w.columns : w.stride], u=v, w=w)
        for inside, of_out in _inside(padded, out, w):
            of_out[...] = inside
        return out

    def release(self) -> None:
        """Give the memory to other passes: do not use this object any more."""
        if self.memory is not None and self.memory.nbytes <= SCRATCH:
            kept.append(self.memory)

    def _shapes(self, images: int) -> list[tuple[int, ...]]:
        w, (_, width) = self.windows, self.windows.covered
        lines = w.rows + (w.size - 1) // w.stride
        return [
            (w.size, w.size, self.C, images, w.rows, w.columns),
            (images * w.positions, self.units),
            (w.size, self.C, w.stride, images, lines, w.columns),
            (self.C, images, w.stride * lines, width),
        ]


def add_part(part: Array, *, out: Array, u: int, w: Windows) -> None:
    """Add the part of place u of the windows to `out`, in which the sums of places 0, 1, ... grow.

    The first s places are at different numbers, where nothing is to be added to: writing is faster.
    """
    if u < w.stride:
        out[...] = part
    else:
        out += part


def _memory(size: int) -> Array:
    """At least `size` bytes: those of a finished pass if they are enough, else new memory."""
    with suppress(IndexError):
        found = kept.pop()
        if found.nbytes >= size:
            return found
    return np.empty(size, np.uint8)


def _lines(padded: Array, S: Array) -> Array:
    """The padded images with the indices of S[v] (C, s, images, lines, width)."""
    _, C, s, images, lines, _ = S.shape
    return padded.reshape(C, images, lines, s, -1).transpose(0, 3, 1, 2, 4)


def _inside(padded: Array, x: Array, w: Windows) -> Iterator[tuple[Array, Array]]:
    """The padded images without their padding, with the same part of x.

    If a line has more pixels than channels, each part is a channel: NumPy copies along the longer.
    """
    inside = padded[..., w.pad : w.pad + w.height, w.pad : w.pad + w.width]
    channels = x.reshape(len(x), w.height, w.width, -1).transpose(3, 0, 1, 2)
    if len(channels) < w.width:
        yield from zip(inside, channels, strict=True)
    else:
        yield inside, channels
