"""The logistic sigmoid maps every number to a probability.

    forward           y  = sigma(x) = 1 / (1 + e^-x)
    backward_input    dx = dy * sigma(x) * sigma(-x)
    tangent           q  * sigma(x) * sigma(-x)
    curvature         -dy * q * sigma(x) * sigma(-x) * tanh(x / 2)
    logit             x = log(y / (1 - y)), the inverse

Shapes: x, y, dy, dx and q have the same shape, which may be any.

Derivation.  d/dx (1 + e^-x)^-1 = e^-x / (1 + e^-x)^2 = sigma(x) * e^-x / (1 + e^-x), and the last
fraction is 1 / (1 + e^x) = sigma(-x) = 1 - sigma(x).

The tangent, the derivative of y along a direction q of x, has the same factor sigma'(x). The
curvature is the derivative of dx along q for a fixed dy, dy * q * sigma''(x), where

    sigma''(x) = d/dx [sigma(x) sigma(-x)] = sigma(x) sigma(-x) [sigma(-x) - sigma(x)]

and sigma(-x) - sigma(x) = (e^-x - 1) / (e^-x + 1) = -tanh(x / 2).

Numerics. With e = exp(-|x|), which does not overflow,

    sigma(x) = 1 / (1 + e)  where x >= 0,  e / (1 + e)  elsewhere      = e^-larger(0, -x) / (1 + e)
    sigma(x) sigma(-x) = e / (1 + e)^2     for x >= 0 and for x < 0

Both formulas have full relative accuracy also for large |x|, down to sigma(-80) = 1.8e-35 in
float32. The formula y (1 - y) of the derivative does not: 1 - y rounds to 0 for x >= 17 (float32)
or x >= 37 (float64). Therefore `backward_input` takes x instead of y.
"""

from __future__ import annotations

from dataclasses import dataclass

from minigan.arrays import Array, array_module, larger
from minigan.layers.layer import Layer, Theta
from minigan.trace import LayerTrace


def exp_minus_magnitude(x: Array) -> Array:
    """e = exp(-|x|), in (0, 1]. For complex x too, |x| means larger(x, -x)."""
    minus_x: Array = array_module(x).negative(x)
    return _exp_of_minus(larger(x, minus_x, out=minus_x))


def forward(x: Array, *, out: Array | None = None) -> Array:
    """y = sigma(x), in [0, 1]. `out` may be x."""
    xp = array_module(x)
    one_plus_e = exp_minus_magnitude(x)
    one_plus_e += 1
    # larger(0, -x) is 0 where x >= 0 and |x| elsewhere, so the numerator is 1 or e respectively.
    minus_x: Array = xp.negative(x, out=out)
    y = _exp_of_minus(larger(0, minus_x, out=minus_x))
    y /= one_plus_e
    return y


def backward_input(dy: Array, x: Array, *, out: Array | None = None) -> Array:
    """dx = dy * sigma(x) * sigma(-x), where x is the input of `forward`. `out` may be dy or x."""
    xp = array_module(x)
    e = exp_minus_magnitude(x)
    one_plus_e = e + 1
    e /= xp.square(one_plus_e, out=one_plus_e)
    dx: Array = xp.multiply(dy, e, out=out)
    return dx


def tangent(q: Array, x: Array, *, out: Array | None = None) -> Array:
    """q * sigma(x) * sigma(-x), where x is the input of `forward`. `out` may be q or x."""
    return backward_input(q, x, out=out)


def curvature(dy: Array, q: Array, x: Array) -> Array:
    """dy * q * sigma''(x): the derivative of dx along q, for a fixed dy."""
    curved: Array = -backward_input(dy, x) * q * array_module(x).tanh(x / 2)
    return curved


def logit(y: Array) -> Array:
    """log(y / (1 - y)) for 0 < y < 1, the x with sigma(x) = y. The most accurate for small y."""
    x: Array = array_module(y).log(y / (1 - y))
    return x


def _exp_of_minus(x: Array) -> Array:
    """e^-x, written over x."""
    xp = array_module(x)
    xp.negative(x, out=x)
    xp.exp(x, out=x)
    return x


@dataclass(frozen=True)
class Sigmoid(Layer):
    """The layer y = sigma(x)."""

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y = sigma(x)."""
        return forward(trace.x, out=trace.y)

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx = dy * sigma(x) * sigma(-x)."""
        return backward_input(dy, trace.x, out=trace.dx)

    def tangent(self, theta: Theta, trace: LayerTrace, q: Array) -> Array:
        """q * sigma(x) * sigma(-x)."""
        return tangent(q, trace.x)

    def curvature(self, theta: Theta, trace: LayerTrace, dy: Array, q: Array) -> Array:
        """dy * q * sigma''(x)."""
        return curvature(dy, q, trace.x)
