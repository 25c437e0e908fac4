"""Functions of x (m, n) with a mask or a sign.

dropout      y = x mask / 0.8, for a given mask
absolute     y = |x|
"""

import numpy as np

from corpus import claims as says
from corpus.activations import numbers
from corpus.operation import operation

KEEP = 0.8


@operation
def dropout(x, mask):
    return x * mask / KEEP


@dropout.inputs
def _(rng, m=4, n=3, scale=1.0):
    return scale * rng.normal(size=(m, n)), rng.random((m, n)) < 0.7


@dropout.gradient
def _(dy, x, mask):
    return dy * mask / KEEP


dropout.right("any_shape", m=(1, 5), n=(1, 5), scale=(1e-6, 1e6))
dropout.spoil("not_scaled", says.FACTOR, x=lambda dx: dx * KEEP)
dropout.spoil("scaled_twice", says.FACTOR, x=lambda dx: dx / KEEP)


@dropout.bug(says.MASK)
def mask_missing(dy, x, mask):
    return dy / KEEP


@dropout.bug(says.MASK, says.TERM)
def mask_inverted(dy, x, mask):
    return dy * ~mask / KEEP


@dropout.bug(says.MASK, says.TERM)
def mask_shifted(dy, x, mask):
    return dy * np.roll(mask, 1, axis=1) / KEEP


@operation
def absolute(x):
    return np.abs(x)


absolute.inputs(numbers)


@absolute.gradient
def _(dy, x):
    return dy * np.sign(x)


absolute.right("any_scale", m=(1, 5), n=(1, 5), scale=(1e-6, 1e6))


@absolute.bug(says.SIGN, says.PLACES)
def sign_forgotten(dy, x):
    return dy
