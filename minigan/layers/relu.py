"""A rectifier (ReLU) returns positive numbers unchanged, and 0 for all other numbers.

    forward           y  = max(0, x)
    backward_input    dx = dy * [y > 0]
    tangent           q * [y > 0]                   [c] is 1 where c is true, and 0 elsewhere

Shapes: x, y, dy, dx and q have the same shape, which may be any.

Derivation. Where x > 0, y = x and the derivative is 1. Where x < 0, y = 0 and the derivative is 0.
Since y > 0 exactly where x > 0, the backward pass needs only y, and `forward` may overwrite x.

The Jacobian is diagonal, so the tangent along a direction q of x is the same product with q in the
place of dy.

At x = 0 the derivative does not exist: it is 0 from the left and 1 from the right. By definition
ReLU'(0) = 0. `larger(0, x)` agrees with this: at a tie it returns its first argument, the constant
0. Inputs of exactly 0 occur in practice: while the biases are 0, an input row of zeros gives x = 0
in every unit.
"""

from __future__ import annotations

from dataclasses import dataclass

from minigan.arrays import Array, array_module, larger
from minigan.layers.layer import Layer, Theta
from minigan.trace import LayerTrace


def forward(x: Array, *, out: Array | None = None) -> Array:
    """y = max(0, x). `out` may be x. NaN stays NaN, and -inf becomes 0."""
    return larger(0, x, out=out)


def backward_input(dy: Array, y: Array, *, out: Array | None = None) -> Array:
    """dx = dy * [y > 0], where y is the result of `forward`. `out` may be dy."""
    dx: Array = array_module(dy).multiply(dy, y.real > 0, out=out)
    return dx


def tangent(q: Array, y: Array, *, out: Array | None = None) -> Array:
    """q * [y > 0], where y is the result of `forward`. `out` may be q."""
    return backward_input(q, y, out=out)


@dataclass(frozen=True)
class ReLU(Layer):
    """The layer y = max(0, x)."""

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y = max(0, x)."""
        return forward(trace.x, out=trace.y)

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx = dy * [y > 0]."""
        return backward_input(dy, trace.y, out=trace.dx)

    def tangent(self, theta: Theta, trace: LayerTrace, q: Array) -> Array:
        """q * [y > 0]."""
        return tangent(q, trace.y)

    def curvature(self, theta: Theta, trace: LayerTrace, dy: Array, q: Array) -> None:
        """0: [y > 0] is constant on both sides of x = 0."""
