"""A convolution computes the same weighted sums in every window of an image, plus a bias.

    forward           y[p, q, o]  = sum_uvc x[s p + u - pad, s q + v - pad, c] W[u, v, c, o] + b[o]
    backward_input    dx[s p + u - pad, s q + v - pad, c] += sum_o dy[p, q, o] W[u, v, c, o]
    backward_params   dW[u, v, c, o] = sum_pq x[s p + u - pad, s q + v - pad, c] dy[p, q, o]
                      db[o] = sum_pq dy[p, q, o]
    tangent           the forward pass of q, a direction of x, without b

The sums of dW and db are also over the images of the minibatch. x is 0 outside the image. This is a
cross-correlation: W is not flipped. (u, v) is a place in the window, (p, q) one of its positions,
and s the stride (`minigan.layers.windows`). With a window of 2 x 2, s = 1, and one channel:

    x00 x01 x02       W00 W01       y00 = x00 W00 + x01 W01 + x10 W10 + x11 W11
    x10 x11 x12       W10 W11       y01 = x01 W00 + x02 W01 + x11 W10 + x12 W11

Shapes: x (m, height width C), W (size, size, C, units), b (units,), y (m, rows columns units), for
m images of C channels. The units are the channels of y. The channel is the last index of an image.

Derivation. P = unfold(x) has the numbers under each window, a column per image and position. So
y = P^T W + b is a linear layer, with W read as a matrix (size size C, units). As derived in
linear.py,

    dW = P dy          db = sum of dy over images and positions        dP = W dy^T

A number of x has one copy in P for each window that covers it, and its gradient is the sum of
theirs: dx = fold(dP), see patches.py. y is linear in x but for b, so its change along a direction q
of x is unfold(q)^T W.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from minigan.arrays import Array, array_module
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
    """y = unfold(x)^T W + b. `out` (m, rows columns units) must not overlap x, W or b.

    In all functions, `make` has the arguments of `Scratch`: a device may unfold and fold by itself.
    """
    xp, (_, _, C, units), m = array_module(x, W), W.shape, len(x)
    dtype = np.result_type(x.dtype, W.dtype, b.dtype)
    y: Array = xp.empty((m, windows.positions * units), dtype=dtype) if out is None else out
    scratch = make(xp, windows, m, C, units, dtype)
    b_everywhere = xp.empty((windows.positions, units), dtype=dtype)
    b_everywhere[...] = b
    for rows in scratch.chunks:
        P = scratch.unfold(x[rows])
        PW = xp.matmul(P.T, W.reshape(-1, units), out=scratch.product(len(y[rows])))
        xp.add(PW.reshape(-1, b_everywhere.size), b_everywhere.reshape(-1), out=y[rows])
    scratch.release()
    return y


def backward_input(
    dy: Array,
    W: Array,
    windows: Windows,
    *,
    out: Array | None = None,
    make: Callable[..., Scratch] = Scratch,
) -> Array:
    """dx = fold(W dy^T). `out` (m, height width C) must not overlap dy or W."""
    xp, (_, _, C, units), m = array_module(dy, W), W.shape, len(dy)
    n, dtype = windows.height * windows.width * C, np.result_type(dy.dtype, W.dtype)
    dx: Array = xp.empty((m, n), dtype=dtype) if out is None else out
    scratch = make(xp, windows, m, C, units, dtype)
    for rows in scratch.chunks:
        dP = scratch.P(len(dy[rows]))
        xp.matmul(W.reshape(-1, units), dy[rows].reshape(-1, units).T, out=dP)
        scratch.fold(dP, out=dx[rows])
    scratch.release()
    return dx


def tangent(
    q: Array,
    W: Array,
    windows: Windows,
    *,
    out: Array | None = None,
    make: Callable[..., Scratch] = Scratch,
) -> Array:
    """unfold(q)^T W, the derivative of y along q (m, n). `out` must not overlap q or W."""
    b = array_module(q).zeros(W.shape[-1], dtype=W.dtype)
    return forward(q, W, b, windows, out=out, make=make)


def backward_params(
    dy: Array,
    x: Array,
    windows: Windows,
    *,
    out: tuple[Array, Array] | None = None,
    make: Callable[..., Scratch] = Scratch,
) -> tuple[Array, Array]:
    """(dW, db) = (unfold(x) dy, sum of dy over images and positions).

    The arrays of `out=(dW, db)` must not overlap dy or x.
    """
    xp, size, C = array_module(dy, x), windows.size, windows.channels(x.shape[1])
    units, dtype = dy.shape[1] // windows.positions, np.result_type(dy.dtype, x.dtype)
    if out is None:
        out = xp.empty((size, size, C, units), dtype=dtype), xp.empty(units, dtype=dtype)
    dW, db = out
    dW[...] = 0
    scratch, of_chunk = make(xp, windows, len(x), C, units, dtype), xp.empty_like(dW)
    for rows in scratch.chunks:
        P = scratch.unfold(x[rows])
        xp.matmul(P, dy[rows].reshape(-1, units), out=of_chunk.reshape(-1, units))
        dW += of_chunk
    scratch.release()
    # First over the images: NumPy adds long rows several times faster than short ones.
    xp.sum(dy.sum(axis=0).reshape(-1, units), axis=0, out=db)
    return dW, db


def params_along(
    backward: Callable[..., tuple[Array, Array]],
    dy: Array,
    x: Array,
    d: Array,
    rows: slice,
    q: Array,
    ddy: Array | None,
    *,
    out: tuple[Array, Array],
) -> None:
    """Write to `out` (dW, db) of sum_i d_i f_i, plus the derivative of those of sum_i f_i along q.

        dW = dW(dy, d * x + q) + dW(ddy, x)        db = sum of d * dy and of ddy

    for a layer that is linear in x and in W, with (dW, db) = backward(dy, x). Only a bias has no
    factor x in its gradient. dy has the gradient of each row's f_i in y, and d (m, 1). q and ddy
    have the rows `rows` only; ddy = None means 0. `out` must not overlap the inputs.
    """
    h = d * x
    h[rows] += q
    dW, db = backward(dy, h, out=out)
    array_module(dy).sum((d * dy).reshape(-1, len(db)), axis=0, out=db)
    if ddy is not None:
        dW_of_ddy, db_of_ddy = backward(ddy, x[rows])
        dW += dW_of_ddy
        db += db_of_ddy


@dataclass(frozen=True)
class Convolution(Layer):
    """The convolution of images with `units` units, whose channels are the channels of y.

    Initially W is uniform on [-spread, spread) and b is 0. Raises ValueError if units < 1.
    """

    windows: Windows
    units: int
    spread: float

    def __post_init__(self) -> None:
        if self.units < 1:
            raise ValueError(f"a convolution needs at least one unit, not {self.units}")

    def width(self, n: int) -> int:
        """rows * columns * units. Raises ValueError unless n is a multiple of height * width."""
        self.windows.channels(n)
        return self.windows.positions * self.units

    def shapes(self, n: int) -> dict[str, tuple[int, ...]]:
        """W (size, size, C, units) and b (units,)."""
        size = self.windows.size
        return {"W": (size, size, self.windows.channels(n), self.units), "b": (self.units,)}

    def initial(self, theta: Theta, generator: Callable[[str], np.random.Generator]) -> None:
        """Set W as in a linear layer, and leave b at 0."""
        Linear(self.units, self.spread).initial(theta, generator)

    def make(self, *sizes: Any) -> Scratch:
        """The scratch memory of a pass, from the arguments of `Scratch`; a device has its own."""
        return Scratch(*sizes)

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y = unfold(x)^T W + b."""
        return forward(trace.x, theta["W"], theta["b"], self.windows, out=trace.y, make=self.make)

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx = fold(W dy^T)."""
        return backward_input(dy, theta["W"], self.windows, out=trace.dx, make=self.make)

    def backward_params(self, dtheta: Theta, trace: LayerTrace, dy: Array) -> None:
        """dW = unfold(x) dy, db = sum of dy over images and positions."""
        out = dtheta["W"], dtheta["b"]
        backward_params(dy, trace.x, self.windows, out=out, make=self.make)

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
        """dW = unfold(d * x + q) dy + unfold(x) ddy, db = sum of d * dy and of ddy."""
        backward = partial(backward_params, windows=self.windows, make=self.make)
        out = dtheta["W"], dtheta["b"]
        params_along(backward, dy, trace.x, d, rows, q, ddy, out=out)

    def tangent(self, theta: Theta, trace: LayerTrace, q: Array) -> Array:
        """unfold(q)^T W."""
        return tangent(q, theta["W"], self.windows, make=self.make)

    def curvature(self, theta: Theta, trace: LayerTrace, dy: Array, q: Array) -> None:
        """0: dx does not depend on x."""
