"""The logistic sigmoid turns any number into a probability.

    forward           y  = sigma(x) = 1 / (1 + e^-x)
    backward_input    dx = dy * sigma(x) * sigma(-x)

Shapes: x, y, dy, dx all alike, any shape.

Derivation.  d/dx (1 + e^-x)^-1 = e^-x / (1 + e^-x)^2 = sigma(x) * e^-x / (1 + e^-x), and the last
fraction is 1 / (1 + e^x) = sigma(-x) = 1 - sigma(x).

Numerics. With e = exp(-|x|), which never overflows,

    sigma(x) = 1 / (1 + e)  where x >= 0,  e / (1 + e)  elsewhere
    sigma(x) sigma(-x) = e / (1 + e)^2     on both sides: it is the same at x and -x

Both keep full relative accuracy in the tails, down to sigma(-80) = 1.8e-35 in float32. The
tempting y (1 - y) does not: 1 - y rounds to 0 from x = 17 (float32) or 37 (float64) on. So
backward takes x and not y.
"""

from __future__ import annotations

from minigan.arrays import Array, array_module


def exp_minus_magnitude(x: Array) -> Array:
    """e = exp(-|x|), in (0, 1], with |x| = where(Re x >= 0, x, -x) also for complex x."""
    xp = array_module(x)
    e: Array = xp.exp(xp.where(x.real >= 0, -x, x))
    return e


def forward(x: Array, *, out: Array | None = None) -> Array:
    """y = sigma(x), in [0, 1]. `out` may be x itself."""
    xp = array_module(x)
    e = exp_minus_magnitude(x)
    y: Array = xp.divide(xp.where(x.real >= 0, 1, e), 1 + e, out=out)
    return y


def backward_input(dy: Array, x: Array, *, out: Array | None = None) -> Array:
    """dx = dy * sigma(x) * sigma(-x), x being what `forward` was given. `out` may be dy or x."""
    xp = array_module(x)
    e = exp_minus_magnitude(x)
    dx: Array = xp.multiply(dy, e / xp.square(1 + e), out=out)
    return dx
