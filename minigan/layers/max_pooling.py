"""Max pooling returns the largest number under each window, channel by channel.

    forward           y[p, q, c] = max_uv x[s p + u, s q + v, c]
    backward_input    dx[s p + u, s q + v, c] += dy[p, q, c]  for the first (u, v) with x = y
    tangent           the number of a direction of x at the first (u, v) with x = y

The windows are those of `minigan.layers.windows` without padding, and s is the stride. The last
window of a line may be cut by the border; the maximum is then over the pixels that it has:

    a line of 5 pixels, size 2, s = 2       x0 x1 | x2 x3 | x4         3 windows, as ceil(3 / 2) + 1
    a line of 6 pixels, size 4, s = 2       x0 x1 x2 x3                2 windows, which overlap: a
                                                  x2 x3 x4 x5          pixel of both gets both dy

Shapes: x and dx (m, height width C), y and dy (m, rows columns C).

The maximum over a window is that over its lines of the maximum of each line. So there are two
steps, each along the last axis but one of an array:

    r[h, q, c] = max_v x[h, s q + v, c]         along the lines
    y[p, q, c] = max_u r[s p + u, q, c]         over the lines

Derivation. Let one number under a window be larger than the others. Then y is a copy of it: a small
change of this x changes y by the same amount, and a change of another x does not change y. A pixel
of several windows gets the sum of their dy. By the chain rule, the backward pass does this for each
step: dr from dy, then dx from dr.

Ties. Where two places of a window are both the largest, y has no derivative. By definition the
gradient goes to the first of them: the first line with the maximum, and the first pixel in that
line. (cuda-convnet, which the paper used, gives each of them the whole gradient.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array, array_module, larger
from minigan.layers import patches
from minigan.layers.layer import Layer, Theta
from minigan.layers.windows import Windows
from minigan.trace import LayerTrace

SCRATCH = 2_000_000  # bytes of scratch memory: chosen by measurement (docs/layers/max_pooling.md)


def forward(x: Array, windows: Windows, *, out: Array | None = None) -> Array:
    """y[p, q, c] = max_uv x[s p + u, s q + v, c]. `out` must not overlap x."""
    w, C = windows, windows.channels(x.shape[1])
    xp, shape = array_module(x), (len(x), w.positions * C)
    y: Array = xp.empty(shape, dtype=x.dtype) if out is None else out
    for rows in _chunks(x, w):
        _, r = _along_lines(x[rows], w, C)
        _maximum(r, w, out=y[rows].reshape(len(r), w.rows, -1))
    return y


def backward_input(
    dy: Array, x: Array, y: Array, windows: Windows, *, out: Array | None = None
) -> Array:
    """dx[s p + u, s q + v, c] += dy[p, q, c] for the first (u, v) of a window with x = y.

    x and y are the argument and the result of `forward`. `out` must not overlap dy, x or y.
    """
    xp, w, C = array_module(dy, x), windows, windows.channels(x.shape[1])
    dx: Array = xp.empty(x.shape, dtype=dy.dtype) if out is None else out
    for rows in _chunks(x, w):
        images, r = _along_lines(x[rows], w, C)
        dr = xp.empty(r.shape, dtype=dy.dtype)
        of_windows = len(r), w.rows, -1
        _to_first(dy[rows].reshape(of_windows), r, y[rows].reshape(of_windows), w, out=dr)
        lines = *images.shape[:2], w.columns, C
        dx_images = dx[rows].reshape(images.shape)
        _to_first(dr.reshape(lines), images, r.reshape(lines), w, out=dx_images)
    return dx


def tangent(direction: Array, x: Array, y: Array, windows: Windows) -> Array:
    """The derivative of y along a direction (m, n) of x: its number at the first (u, v) with x = y.

    x and y are the argument and the result of `forward`.
    """
    xp, w, C = array_module(x), windows, windows.channels(x.shape[1])
    along: Array = xp.empty(y.shape, dtype=direction.dtype)
    for rows in _chunks(x, w):
        images, r = _along_lines(x[rows], w, C)
        lines = *images.shape[:2], w.columns, C
        of_r = xp.empty(lines, dtype=direction.dtype)
        _from_first(direction[rows].reshape(images.shape), images, r.reshape(lines), w, out=of_r)
        of_windows = len(r), w.rows, -1
        of_y = along[rows].reshape(of_windows)
        _from_first(of_r.reshape(r.shape), r, y[rows].reshape(of_windows), w, out=of_y)
    return along


def _along_lines(x: Array, w: Windows, C: int) -> tuple[Array, Array]:
    """x as (m, height, width, C), and r as (m, height, columns C)."""
    images = x.reshape(len(x), w.height, w.width, C)
    r = array_module(x).empty((*images.shape[:2], w.columns, C), dtype=x.dtype)
    _maximum(images, w, out=r)
    return images, r.reshape(len(x), w.height, -1)


def _maximum(x: Array, w: Windows, *, out: Array) -> None:
    """The maximum of each window on the last axis but one."""
    for u, (x_u, y_u) in enumerate(_under(x, w, out)):
        if u == 0:
            y_u[...] = x_u
        else:
            larger(y_u, x_u, out=y_u)


def _to_first(dy: Array, x: Array, y: Array, w: Windows, *, out: Array) -> None:
    """Add each dy to the first number of its window with x = y; the axis is as in `_maximum`."""
    out[...] = 0
    for wins, (dx_u, dy_u) in zip(_wins(x, y, w), _under(out, w, dy), strict=True):
        dx_u += dy_u * wins


def _from_first(direction: Array, x: Array, y: Array, w: Windows, *, out: Array) -> None:
    """The number of the direction where each window has its first x = y."""
    out[...] = 0
    for wins, (along_u, out_u) in zip(_wins(x, y, w), _under(direction, w, out), strict=True):
        out_u += along_u * wins


def _wins(x: Array, y: Array, w: Windows) -> Iterator[Array]:
    """For u = 0, 1, ...: whether place u of a window is the first with x = y."""
    unclaimed = array_module(x).ones(y.shape, dtype=bool)
    for (x_u, y_u), (_, unclaimed_u) in zip(_under(x, w, y), _under(x, w, unclaimed), strict=True):
        wins = x_u == y_u
        wins &= unclaimed_u
        unclaimed_u ^= wins
        yield wins


def _under(x: Array, w: Windows, y: Array) -> Iterator[tuple[Array, Array]]:
    """For u = 0, 1, ...: the numbers under place u of the windows that have one, and their y."""
    count = y.shape[-2]
    for u in range(w.size):
        x_u = x[..., u : u + w.stride * count : w.stride, :]
        yield x_u, y[..., : x_u.shape[-2], :]


def _chunks(x: Array, w: Windows) -> Iterator[slice]:
    """Slices of the rows; r, dr and a product of them take `SCRATCH` bytes, on a GPU more."""
    of_r = x.shape[1] * w.columns // w.width * x.dtype.itemsize
    scratch = SCRATCH if array_module(x) is np else patches.SCRATCH_OF_DEVICE
    rows = max(1, scratch // (3 * of_r))
    return (slice(start, start + rows) for start in range(0, len(x), rows))


@dataclass(frozen=True)
class MaxPooling(Layer):
    """The largest number under each window. Raises ValueError if the windows have padding."""

    windows: Windows

    def __post_init__(self) -> None:
        if self.windows.pad:
            raise ValueError(f"max pooling needs windows without padding, not {self.windows.pad}")

    def width(self, n: int) -> int:
        """rows * columns * C. Raises ValueError unless n is a multiple of height * width."""
        return self.windows.positions * self.windows.channels(n)

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y[p, q, c] = max_uv x[s p + u, s q + v, c]."""
        return forward(trace.x, self.windows, out=trace.y)

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx[s p + u, s q + v, c] += dy[p, q, c] for the first (u, v) of a window with x = y."""
        return backward_input(dy, trace.x, trace.y, self.windows, out=trace.dx)

    def tangent(self, theta: Theta, trace: LayerTrace, q: Array) -> Array:
        """The number of q at the first (u, v) with x = y."""
        return tangent(q, trace.x, trace.y, self.windows)

    def curvature(self, theta: Theta, trace: LayerTrace, dy: Array, q: Array) -> None:
        """0: near x, the place of the maximum does not change."""
