"""A "deconvolution" writes a scaled copy of a kernel into the image for every number of x.

    forward           y[s p + u - pad, s q + v - pad, c] += sum_k x[p, q, k] W[u, v, c, k],
                      then + b
    backward_input    dx[p, q, k]     = sum_uvc dy[s p + u - pad, s q + v - pad, c] W[u, v, c, k]
    backward_params   dW[u, v, c, k]  = sum_pq x[p, q, k] dy[s p + u - pad, s q + v - pad, c]
                      db = sum of dy
    tangent           the forward pass of q, a direction of x, without b

The name is that of the published code; nothing is inverted. It is the transposed map of the
convolution of convolution.py that maps images like y to images like x, without its bias:
<corr(y), x> = <y, deconv(x)> for every x and y. With s = 3, pad = 0 and a window of 5 x 5, one
number of x writes a stamp of 5 x 5 numbers, and adjacent stamps overlap by 2:

    column of y       0   1   2   3   4   5   6   7   8   9  10
    from x[p, 0]      W0  W1  W2  W3  W4
    from x[p, 1]                  W0  W1  W2  W3  W4
    from x[p, 2]                              W0  W1  W2  W3  W4

Shapes: x (m, rows columns K), W (size, size, C, K), y (m, height width C), where the `Windows`
describe the image y: rows and columns are the positions of stamps on it. `pad` is cropped at every
border. b is (height width C,), one number for each number of y, or (C,), one for each channel.

Derivation. y = fold(W x^T) + b, with W read as a matrix (size size C, K). fold is linear and its
transposed map is unfold, so with Q = unfold(dy), as derived in linear.py for x and W^T,

    dx = Q^T W      dW = Q x          db = sum of dy over images, and over pixels if b is (C,)

These are the three functions of a convolution with the roles of its x and y exchanged.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from minigan.arrays import Array, array_module
from minigan.layers import convolution
from minigan.layers.layer import Layer, Theta
from minigan.layers.linear import Linear
from minigan.layers.patches import Scratch
from minigan.layers.windows import Windows
from minigan.trace import LayerTrace


def forward(
    x: Array,
    W: Array,
    b: Array,
    windows: Windows,
    *,
    out: Array | None = None,
    make: Callable[..., Scratch] = Scratch,
) -> Array:
    """y = fold(W x^T) + b. `out` (m, height width C) must not overlap x, W or b.

    `make` is that of the functions of a convolution.
    """
    y = tangent(x, W, windows, out=out, make=make)
    if out is None:
        y = y.astype(np.result_type(y.dtype, b.dtype), copy=False)
    of_b = y.reshape(len(y), -1, b.size)  # a pixel of C numbers, or the whole image
    array_module(x).add(of_b, b, out=of_b)
    return y


def backward_input(
    dy: Array,
    W: Array,
    windows: Windows,
    *,
    out: Array | None = None,
    make: Callable[..., Scratch] = Scratch,
) -> Array:
    """dx = unfold(dy)^T W. `out` (m, rows columns K) must not overlap dy or W."""
    return convolution.tangent(dy, W, windows, out=out, make=make)


def tangent(
    q: Array,
    W: Array,
    windows: Windows,
    *,
    out: Array | None = None,
    make: Callable[..., Scratch] = Scratch,
) -> Array:
    """fold(W q^T), the derivative of y along q. `out` must not overlap q or W."""
    return convolution.backward_input(q, W, windows, out=out, make=make)


def backward_params(
    dy: Array,
    x: Array,
    windows: Windows,
    *,
    tied: bool = False,
    out: tuple[Array, Array] | None = None,
    make: Callable[..., Scratch] = Scratch,
) -> tuple[Array, Array]:
    """(dW, db) = (unfold(dy) x, sum of dy over images, and with `tied` over pixels).

    The arrays of `out=(dW, db)` must not overlap dy or x.
    """
    xp, C, K = array_module(dy), windows.channels(dy.shape[1]), x.shape[1] // windows.positions
    if out is None:
        W_shape, dtype = (windows.size, windows.size, C, K), np.result_type(dy.dtype, x.dtype)
        out = xp.empty(W_shape, dtype=dtype), xp.empty(C if tied else dy.shape[1], dtype=dy.dtype)
    dW, db = out
    convolution.backward_params(x, dy, windows, out=(dW, xp.empty(K, dtype=dW.dtype)), make=make)
    if tied:
        xp.sum(dy.sum(axis=0).reshape(-1, C), axis=0, out=db)
    else:
        xp.sum(dy, axis=0, out=db)
    return dW, db


@dataclass(frozen=True)
class Deconvolution(Layer):
    """The transposed convolution to images of `channels` channels, which `windows` describes.

    The bias has one number per number of y, or with `tied` one per channel. Initially W is uniform
    on [-spread, spread) and b is 0. Raises ValueError if channels < 1.
    """

    windows: Windows
    channels: int
    spread: float
    tied: bool = False

    def __post_init__(self) -> None:
        if self.channels < 1:
            raise ValueError(f"a deconvolution needs at least one channel, not {self.channels}")

    def width(self, n: int) -> int:
        """height * width * channels. Raises ValueError unless n is a multiple of the positions."""
        self._inputs_per_position(n)
        return self.windows.height * self.windows.width * self.channels

    def shapes(self, n: int) -> dict[str, tuple[int, ...]]:
        """W (size, size, channels, K) and b (height * width * channels,) or (channels,)."""
        size, of_b = self.windows.size, self.channels if self.tied else self.width(n)
        return {"W": (size, size, self.channels, self._inputs_per_position(n)), "b": (of_b,)}

    def initial(self, theta: Theta, generator: Callable[[str], np.random.Generator]) -> None:
        """Set W as in a linear layer, and leave b at 0."""
        Linear(self.channels, self.spread).initial(theta, generator)

    def make(self, *sizes: Any) -> Scratch:
        """The scratch memory of a pass, from the arguments of `Scratch`; a device has its own."""
        return Scratch(*sizes)

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y = fold(W x^T) + b."""
        return forward(trace.x, theta["W"], theta["b"], self.windows, out=trace.y, make=self.make)

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx = unfold(dy)^T W."""
        return backward_input(dy, theta["W"], self.windows, out=trace.dx, make=self.make)

    def backward_params(self, dtheta: Theta, trace: LayerTrace, dy: Array) -> None:
        """dW = unfold(dy) x, db = sum of dy."""
        out = dtheta["W"], dtheta["b"]
        backward_params(dy, trace.x, self.windows, tied=self.tied, out=out, make=self.make)

    def backward_params_along(
        self,
        dtheta: Theta,
        trace: LayerTrace,
        dy: Array,
        d: Array,
        rows: slice,
        q: Array,
        ddy: Array | None,
    ) -> None:
        """dW = unfold(dy) (d * x + q) + unfold(ddy) x, db = sum of d * dy and of ddy."""
        backward = partial(backward_params, windows=self.windows, tied=self.tied, make=self.make)
        out = dtheta["W"], dtheta["b"]
        convolution.params_along(backward, dy, trace.x, d, rows, q, ddy, out=out)

    def tangent(self, theta: Theta, trace: LayerTrace, q: Array) -> Array:
        """fold(W q^T)."""
        return tangent(q, theta["W"], self.windows, make=self.make)

    def curvature(self, theta: Theta, trace: LayerTrace, dy: Array, q: Array) -> None:
        """0: dx does not depend on x."""

    def _inputs_per_position(self, n: int) -> int:
        rows, columns = self.windows.rows, self.windows.columns
        K, rest = divmod(n, rows * columns)
        if rest or not K:
            raise ValueError(
                f"a deconvolution from {rows} x {columns} positions needs a multiple of "
                f"{rows * columns} inputs, not {n}"
            )
        return K
