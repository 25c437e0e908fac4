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

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array, array_module
from minigan.layers.layer import Layer, Theta
from minigan.trace import LayerTrace


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


@dataclass(frozen=True)
class Linear(Layer):
    """y = x W + b with `units` outputs; W starts uniform on [-spread, spread), b at 0.

    Raises ValueError for fewer than one unit.
    """

    units: int
    spread: float

    def __post_init__(self) -> None:
        if self.units < 1:
            raise ValueError(f"a linear layer needs at least one unit, not {self.units}")

    def width(self, n: int) -> int:
        """Any number of inputs gives `units` outputs."""
        return self.units

    def shapes(self, n: int) -> dict[str, tuple[int, ...]]:
        """W (n, units) and b (units,)."""
        return {"W": (n, self.units), "b": (self.units,)}

    def initial(self, theta: Theta, generator: Callable[[str], np.random.Generator]) -> None:
        """W = (2 u - 1) spread with u uniform on [0, 1).

        u is drawn in float32 for every dtype, so that all runs start from the same numbers.
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
        """dW = x^T dy and db = sum of dy over rows."""
        backward_params(dy, trace.x, out=(dtheta["W"], dtheta["b"]))
