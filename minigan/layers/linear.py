"""A linear layer gives each output a weighted sum of all inputs.

    forward           y  = x W + b              y_ij = sum_l x_il W_lj + b_j
    backward_input    dx = dy W^T
    backward_params   dW = x^T dy,   db = sum_i dy_i

Shapes: x (m, n), W (n, u), b (u,), y (m, u); every gradient has the shape of its variable.

Derivation. Let L be the loss and dy = dL/dy. W_lj touches y_ij, for each row i, with slope x_il:

    dL/dW_lj = sum_i dL/dy_ij x_il     which is  (x^T dy)_lj

x_il touches y_ij, for each j, with slope W_lj:  dL/dx_il = sum_j dL/dy_ij W_lj = (dy W^T)_il.
b_j touches y_ij, for each i, with slope 1:      dL/db_j  = sum_i dL/dy_ij.

The three are apart because a GAN needs them apart: the D step never asks for dx of D's first
layer, and the G step, on its way through D to G, never asks for D's dW and db.
"""

from __future__ import annotations

from minigan.arrays import Array, array_module


def forward(x: Array, W: Array, b: Array, *, out: Array | None = None) -> Array:
    """y = x W + b. x (m, n), W (n, u), b (u,) -> (m, u). `out` must not overlap x, W or b."""
    xp = array_module(x)
    # Not y += b: in a gradient check b alone may be complex.
    y: Array = xp.add(xp.matmul(x, W, out=out), b, out=out)
    return y


def backward_input(dy: Array, W: Array, *, out: Array | None = None) -> Array:
    """dx = dy W^T. dy (m, u), W (n, u) -> (m, n). `out` must not overlap dy or W."""
    dx: Array = array_module(dy).matmul(dy, W.T, out=out)
    return dx


def backward_params(
    dy: Array, x: Array, *, out: tuple[Array, Array] | None = None
) -> tuple[Array, Array]:
    """(dW, db) = (x^T dy, sum over rows of dy). dy (m, u), x (m, n) -> (n, u) and (u,).

    `out=(dW, db)` must overlap neither dy nor x.
    """
    xp = array_module(dy)
    dW, db = (None, None) if out is None else out
    return xp.matmul(x.T, dy, out=dW), xp.sum(dy, axis=0, out=db)
