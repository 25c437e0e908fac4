"""Piecewise linear activations of x (m, n).

relu         y = max(0, x)
leaky_relu   y = x where x > 0, else 0.01 x
maxout       y_ij = the largest of x_i,j  x_i,n+j  x_i,2n+j
"""

import numpy as np

from corpus import claims as says
from corpus.activations import numbers
from corpus.operation import operation

SLOPE, PIECES = 0.01, 3


@operation
def relu(x):
    return np.where(x.real > 0, x, 0)


relu.inputs(numbers)


@relu.gradient
def _(dy, x):
    return dy * (x > 0)


relu.right("any_shape", m=(1, 6), n=(1, 6), scale=(1e-6, 1e6))
relu.right("all_closed", m=(1, 3), n=(1, 3), scale=0.1, mean=-5.0)
relu.form("maximum", lambda x: np.maximum(x, 0))
relu.form("asarray", lambda x: np.maximum(np.asarray(x, dtype=np.float64), 0.0))


@relu.bug(says.MASK)
def mask_missing(dy, x):
    return dy


@relu.bug(says.MASK, says.TERM, says.DY)
def mask_of_dy(dy, x):
    return dy * (dy > 0)


@relu.bug(says.MASK, says.TERM)
def mask_reversed(dy, x):
    return dy * (x <= 0)


@relu.bug(says.TERM, says.FACTOR)
def multiplied_by_x(dy, x):
    return dy * np.maximum(x, 0)


@relu.bug(says.MASK, says.PLACES)
def open_from_minus_one(dy, x):
    return dy * (x > -1)


@relu.bug(says.MASK, says.PLACES)
def closed_above_one(dy, x):
    return dy * ((x > 0) & (x < 1))


@operation
def leaky_relu(x):
    return np.where(x.real > 0, x, SLOPE * x)


leaky_relu.inputs(numbers)


@leaky_relu.gradient
def _(dy, x):
    return dy * np.where(x > 0, 1, SLOPE)


leaky_relu.right("any_scale", m=(1, 5), n=(1, 5), scale=(1e-6, 1e6))
leaky_relu.form("maximum", lambda x: np.maximum(x, SLOPE * x))


@leaky_relu.bug(says.MASK, says.PLACES, says.ZERO)
def zero_where_negative(dy, x):
    return dy * (x > 0)


@leaky_relu.bug(says.FACTOR, says.PLACES)
def slope_a_tenth(dy, x):
    return dy * np.where(x > 0, 1, 0.1)


@leaky_relu.bug(says.SIGN, says.PLACES)
def slope_of_wrong_sign(dy, x):
    return dy * np.where(x > 0, 1, -SLOPE)


def mostly_positive(rng):
    return (np.append(rng.uniform(0.1, 2, 11), -1.0).reshape(4, 3),)


@leaky_relu.bug(says.PLACES, says.FACTOR, says.MASK, at=mostly_positive)
def one_negative_entry_ignored(dy, x):
    return dy


@operation
def maxout(x):
    pieces = np.stack(np.split(x, PIECES, axis=1))
    return np.take_along_axis(pieces, np.argmax(pieces.real, 0)[None], 0)[0]


@maxout.inputs
def _(rng, m=4, n=2, scale=1.0):
    return numbers(rng, m, PIECES * n, scale)


def to_pieces(dy, chosen):
    return np.concatenate([dy * (chosen == p) for p in range(PIECES)], axis=1)


def winner(x):
    return np.argmax(np.stack(np.split(x, PIECES, axis=1)), 0)


@maxout.gradient
def _(dy, x):
    return to_pieces(dy, winner(x))


maxout.right("any_shape", m=(1, 5), n=(1, 4), scale=(1e-6, 1e6))


@maxout.bug(says.MASK)
def gradient_to_every_piece(dy, x):
    return np.tile(dy, PIECES)


@maxout.bug(says.MASK, says.TERM)
def gradient_to_the_first_piece(dy, x):
    return to_pieces(dy, np.zeros(dy.shape))


@maxout.bug(says.TERM, says.TRANSPOSED)
def units_and_pieces_exchanged(dy, x):
    dx = to_pieces(dy, winner(x)).reshape(len(x), PIECES, -1)
    return dx.swapaxes(1, 2).reshape(x.shape)
