"""Dropout silences each input with probability 1 - keep and makes up for it in the others.

    forward           y  = x * mask / keep
    backward_input    dx = dy * mask / keep

Shapes: x, mask, y, dy, dx all alike. mask is boolean, True where the input is kept; it is an
argument, drawn by `minigan.draws.mask`, so that the same mask can be given to both passes.

This is inverted dropout: the factor 1 / keep makes the mean over masks equal to x, that is
E[y] = keep * x / keep = x, and D without dropout needs no other weights. (It is 1.25 for the keep
0.8 that the published MNIST configuration has on D's input, 2 for the 0.5 on its hidden layers.)

Derivation. Given the mask, y is x times a constant, so dx is dy times the same constant: the
backward pass is the forward pass, applied to dy.
"""

from __future__ import annotations

from minigan.arrays import Array, array_module


def forward(x: Array, mask: Array, keep: float, *, out: Array | None = None) -> Array:
    """y = x * mask / keep. `out` may be x itself. keep is a probability in (0, 1]."""
    y: Array = array_module(x).multiply(x, mask, out=out)
    y *= 1 / keep
    return y


def backward_input(dy: Array, mask: Array, keep: float, *, out: Array | None = None) -> Array:
    """dx = dy * mask / keep. `out` may be dy itself."""
    return forward(dy, mask, keep, out=out)
