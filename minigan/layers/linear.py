"""A linear layer computes weighted sums of its inputs, plus a bias.

    forward           y  = x W + b              y_ij = sum_l x_il W_lj + b_j
    backward_input    dx = dy W^T
    backward_params   dW = x^T dy,   db = sum_i dy_i
    tangent           q W                   the derivative of y along q, a direction of x

Shapes: x (m, n), W (n, u), b (u,), y (m, u), for m rows, n inputs and u outputs. Every gradient has
the shape of its variable.

Derivation. Let L be the loss and dy = dL/dy. By the chain rule, the gradient of a variable is the
sum of dL/dy_ij times the derivative of y_ij, over all y_ij that depend on the variable:

    W_lj:   dy_ij/dW_lj = x_il for every row i       dL/dW_lj = sum_i dL/dy_ij x_il = (x^T dy)_lj
    x_il:   dy_ij/dx_il = W_lj for every output j    dL/dx_il = sum_j dL/dy_ij W_lj = (dy W^T)_il
    b_j:    dy_ij/db_j  = 1 for every row i          dL/db_j  = sum_i dL/dy_ij

Along a direction q (m, n), y changes by (x + eps q) W + b - y = eps q W, so the tangent is q W.

dx and (dW, db) are computed by separate functions, because a GAN does not need all of them in
each step: the D step does not need dx of D's first layer, and the G step does not need D's dW, db.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array, array_module
from minigan.layers.layer import Layer, Theta
from minigan.trace import LayerTrace


def forward(x: Array, W: Array, b: Array, *, out: Array | None = None) -> Array:
    """y = x W + b. x (m, n), W (n, u), b (u,) -> (m, u). `out` must not overlap x, W or b."""
    xp = array_module(x)
    # Not y += b: in a gradient check, b may be complex while x and W are real.
    y: Array = xp.add(xp.matmul(x, W, out=out), b, out=out)
    return y


def backward_input(dy: Array, W: Array, *, out: Array | None = None) -> Array:
    """dx = dy W^T. dy (m, u), W (n, u) -> (m, n). `out` must not overlap dy or W."""
    dx: Array = array_module(dy).matmul(dy, W.T, out=out)
    return dx


def backward_params(
    dy: Array, x: Array, *, out: tuple[Array, Array] | None = None
) -> tuple[Array, Array]:
    """(dW, db) = (x^T dy, sum of dy over rows). dy (m, u), x (m, n) -> (n, u) and (u,).

    The arrays of `out=(dW, db)` must not overlap dy or x.
    """
    xp = array_module(dy)
    dW, db = (None, None) if out is None else out
    return xp.matmul(x.T, dy, out=dW), xp.sum(dy, axis=0, out=db)


def backward_params_along(
    dy: Array,
    x: Array,
    d: Array,
    rows: slice,
    q: Array,
    ddy: Array | None = None,
    *,
    out: tuple[Array, Array] | None = None,
) -> tuple[Array, Array]:
    """(dW, db) of sum_i d_i f_i, plus the derivative of those of sum_i f_i along q.

        dW = (d * x + q)^T dy + x^T ddy        db = sum_i d_i dy_i + ddy_i

    dy (m, u) is the gradient of each row's f_i in y, and d (m, 1). q and ddy have the rows `rows`
    only. ddy = None means 0. The arrays of `out=(dW, db)` must not overlap the inputs.
    """
    xp = array_module(dy)
    dW, db = (None, None) if out is None else out
    h = d * x
    h[rows] += q
    dW, db = xp.matmul(h.T, dy, out=dW), xp.sum(d * dy, axis=0, out=db)
    if ddy is not None:
        dW += x[rows].T @ ddy
        db += ddy.sum(axis=0)
    return dW, db


def tangent(q: Array, W: Array, *, out: Array | None = None) -> Array:
    """q W, without b. q (m, n), W (n, u) -> (m, u). `out` must not overlap q or W."""
    result: Array = array_module(q).matmul(q, W, out=out)
    return result


@dataclass(frozen=True)
class Linear(Layer):
    """The layer y = x W + b with `units` outputs.

    Initially W is uniform on [-spread, spread) and b is 0. Raises ValueError if units < 1.
    """

    units: int
    spread: float

    def __post_init__(self) -> None:
        if self.units < 1:
            raise ValueError(f"a linear layer needs at least one unit, not {self.units}")

    def width(self, n: int) -> int:
        """`units`, for any number of inputs."""
        return self.units

    def shapes(self, n: int) -> dict[str, tuple[int, ...]]:
        """W (n, units) and b (units,)."""
        return {"W": (n, self.units), "b": (self.units,)}

    def initial(self, theta: Theta, generator: Callable[[str], np.random.Generator]) -> None:
        """Set W = (2 u - 1) spread with u uniform on [0, 1), and leave b at 0.

        u is drawn in float32 for every dtype, so the initial numbers do not depend on the dtype.
        """
        W = theta["W"]
        u = generator("W").random(W.shape, dtype=np.float32)
        W[...] = (2 * u - 1) * np.float32(self.spread)

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y = x W + b."""
        return forward(trace.x, theta["W"], theta["b"], out=trace.y)

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx = dy W^T."""
        return backward_input(dy, theta["W"], out=trace.dx)

    def backward_params(self, dtheta: Theta, trace: LayerTrace, dy: Array) -> None:
        """dW = x^T dy, db = sum of dy over rows."""
        backward_params(dy, trace.x, out=(dtheta["W"], dtheta["b"]))

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
        """dW = (d * x + q)^T dy + x^T ddy, db = sum of d * dy and of ddy over rows."""
        out = dtheta["W"], dtheta["b"]
        backward_params_along(dy, trace.x, d, rows, q, ddy, out=out)

    def tangent(self, theta: Theta, trace: LayerTrace, q: Array) -> Array:
        """q W."""
        return tangent(q, theta["W"])

    def curvature(self, theta: Theta, trace: LayerTrace, dy: Array, q: Array) -> None:
        """0: dx = dy W^T does not depend on x."""
