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
steps, along the last axis but one of an array:

    r[h, q, c] = max_v x[h, s q + v, c]         along the lines
    y[p, q, c] = max_u r[s p + u, q, c]         over the lines

A step is maxout, whose pieces are the places of the window. So the numbers under each place are
copied, place by place, and the functions of maxout.py do the rest. There is its derivation. A copy
moves the C numbers of a pixel at a time, and all later loops are long for any number of channels.

The gradient of a number is the sum of the gradients of its copies. By the chain rule, the backward
pass does this for each step: dr from dy, then dx from dr.

Ties. Where two places of a window are both the largest, y has no derivative. By definition the
gradient goes to the first of them, as in maxout: the first line with the maximum, and the first
pixel in that line. (cuda-convnet, which the paper used, gives each of them the whole gradient.)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array, array_module
from minigan.layers import maxout, patches
from minigan.layers.layer import Layer, Theta
from minigan.layers.windows import Windows
from minigan.trace import LayerTrace


def forward(x: Array, windows: Windows, *, out: Array | None = None) -> Array:
    """y[p, q, c] = max_uv x[s p + u, s q + v, c]. `out` must not overlap x."""
    w, C = windows, windows.channels(x.shape[1])
    xp, shape = array_module(x), (len(x), w.positions * C)
    y: Array = xp.empty(shape, dtype=x.dtype) if out is None else out
    for rows in _chunks(x, w):
        r = maxout.forward(_along_lines(x[rows], w), w.size)
        maxout.forward(_over_lines(r, w), w.size, out=y[rows])
    return y


def backward_input(
    dy: Array, x: Array, y: Array, windows: Windows, *, out: Array | None = None
) -> Array:
    """dx[s p + u, s q + v, c] += dy[p, q, c] for the first (u, v) of a window with x = y.

    x and y are the argument and the result of `forward`. `out` must not overlap dy, x or y.
    """
    xp, w, dtype = array_module(dy, x), windows, np.result_type(dy.dtype, x.dtype)
    dx: Array = xp.empty(x.shape, dtype=dtype) if out is None else out
    for rows in _chunks(x, w):
        pixels = _along_lines(x[rows], w).astype(dtype, copy=False)
        r = maxout.forward(pixels, w.size)
        lines = _over_lines(r, w)
        # The gradients of pixels and lines take their memory.
        maxout.backward_input(dy[rows], lines, y[rows], w.size, out=lines)
        dr = _added(lines, w, out=xp.empty_like(r))
        maxout.backward_input(dr, pixels, r, w.size, out=pixels)
        _added(pixels, w, out=_images(dx[rows], w))
    return dx


def tangent(q: Array, x: Array, y: Array, windows: Windows) -> Array:
    """The number of the direction q at the first (u, v) with x = y: the derivative of y along q.

    x and y are the argument and the result of `forward`. q is like x, and the result like y.
    """
    xp, w = array_module(x), windows
    along: Array = xp.empty(y.shape, dtype=q.dtype)
    for rows in _chunks(x, w):
        pixels = _along_lines(x[rows], w)
        r = maxout.forward(pixels, w.size)
        of_r = maxout.tangent(_along_lines(q[rows], w), pixels, r, w.size)
        lines = _over_lines(r, w)
        along[rows] = maxout.tangent(_over_lines(of_r, w), lines, y[rows], w.size)
    return along


def _images(x: Array, w: Windows) -> Array:
    return x.reshape(len(x), w.height, w.width, -1)


def _along_lines(x: Array, w: Windows) -> Array:
    """The pixels under the windows of each line: (m, height, size columns C)."""
    return _under(_images(x, w), w, w.columns).reshape(len(x), w.height, -1)


def _over_lines(r: Array, w: Windows) -> Array:
    """The lines under the windows: (m, size rows columns C)."""
    return _under(r, w, w.rows).reshape(len(r), -1)


def _under(x: Array, w: Windows, positions: int) -> Array:
    """A copy (..., size, positions, n) of what is under each place of the windows of x (..., n).

    The windows are on the last axis but one. One that is cut by the border has its last number
    several times: the maximum is the same, and only the first can get the gradient.
    """
    xp = array_module(x)
    places = xp.arange(w.size)[:, None] + xp.arange(0, w.stride * positions, w.stride)
    under: Array = xp.take(x, xp.minimum(places, x.shape[-2] - 1), axis=-2)
    return under


def _added(gradients: Array, w: Windows, *, out: Array) -> Array:
    """The sum of the gradients of `_under` for each number on the last axis but one of `out`."""
    gradients = gradients.reshape(*out.shape[:-2], w.size, -1, out.shape[-1])
    out[...] = 0
    for u in range(w.size):
        out_u = out[..., u : u + w.stride * gradients.shape[-2] : w.stride, :]
        patches.add_part(gradients[..., u, : out_u.shape[-2], :], out=out_u, u=u, w=w)
    return out


def _chunks(x: Array, w: Windows) -> Iterator[slice]:
    """Slices of the rows; pixels, lines, r and dr take the scratch memory of a convolution.

    Raises ValueError if the windows have padding.
    """
    _require_no_padding(w)
    numbers = w.columns * w.channels(x.shape[1]) * (w.size * (w.height + w.rows) + 2 * w.height)
    scratch = patches.SCRATCH if array_module(x) is np else patches.SCRATCH_OF_DEVICE
    rows = max(1, scratch // (numbers * x.dtype.itemsize))
    return (slice(start, start + rows) for start in range(0, len(x), rows))


def _require_no_padding(w: Windows) -> None:
    if w.pad:
        raise ValueError(f"max pooling needs windows without padding, not {w.pad}")


@dataclass(frozen=True)
class MaxPooling(Layer):
    """The largest number under each window. Raises ValueError if the windows have padding."""

    windows: Windows

    def __post_init__(self) -> None:
        _require_no_padding(self.windows)

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
