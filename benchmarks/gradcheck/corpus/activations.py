"""Smooth activations of x, of any shape.

sigmoid    y = 1 / (1 + e^-x)
tanh       y = tanh x
softplus   y = log(1 + e^x)
"""

import numpy as np

from corpus import claims as says
from corpus.operation import operation


def numbers(rng, m=4, n=3, scale=1.0, mean=0.0):
    return (mean + scale * rng.normal(size=(m, n)),)


def far_out(rng):
    """Two thirds of the entries beyond 36, where 1 - sigmoid(x) rounds to 0."""
    return (rng.uniform(36, 45, size=(4, 3)) * np.array([1.0, 1.0, 0.02]),)


def all_far_out(rng):
    return (rng.uniform(36, 45, size=(4, 3)),)


def sigma(x):
    e = np.exp(np.where(x.real < 0, x, -x))
    return np.where(x.real < 0, e, 1) / (1 + e)


@operation
def sigmoid(x):
    return sigma(x)


sigmoid.inputs(numbers)


@sigmoid.gradient
def _(dy, x):
    return dy * sigma(x) * sigma(-x)


sigmoid.right("any_shape", m=(1, 6), n=(1, 6))
sigmoid.right("any_scale", m=(1, 3), n=(1, 3), scale=(1e-6, 1e2))
sigmoid.right("saturated", m=(1, 3), n=(1, 3), mean=(2e1, 6e1))
sigmoid.form("exp", lambda x: 1 / (1 + np.exp(-x)))
sigmoid.form("tanh", lambda x: 0.5 + 0.5 * np.tanh(np.asarray(x, dtype=float) / 2))
sigmoid.spoil("zero_in_the_second_row", says.PLACES, says.MASK, x=lambda g: g * (np.c_[:4] != 1))
sigmoid.spoil("constant_added", says.CONSTANT, says.DY, x=lambda dx: dx + 0.1)
sigmoid.spoil("constant_added_per_row", says.CONSTANT, says.DY, x=lambda dx: dx + 0.1 * np.c_[:4])
sigmoid.spoil("rows_shifted", says.SHIFTED, x=lambda dx: np.roll(dx, 1, axis=0))
sigmoid.spoil("rows_reversed", says.FLIPPED, x=lambda dx: dx[::-1])
sigmoid.spoil("both_axes_reversed", says.FLIPPED, x=lambda dx: dx[::-1, ::-1])


@sigmoid.bug(says.TERM)
def y_taken_for_x(dy, x):
    y = sigma(x)
    return dy * sigma(y) * sigma(-y)


@sigmoid.bug(says.TERM)
def x_taken_for_y(dy, x):
    return dy * x * (1 - x)


@sigmoid.bug(says.TERM, says.PER_ROW)
def y_squared(dy, x):
    return dy * sigma(x) ** 2


@sigmoid.bug(says.ZERO, says.PLACES, says.SMALL, says.MASK, at=far_out)
def tail_rounded_to_zero(dy, x):
    y = sigma(x)
    return dy * y * (1 - y)


@sigmoid.bug(says.ZERO, says.PLACES, says.SMALL, says.MASK, at=all_far_out)
def rounded_to_zero_everywhere(dy, x):
    y = sigma(x)
    return dy * y * (1 - y)


@sigmoid.bug(
    says.SMALL, says.PLACES, at=lambda rng: (np.r_[rng.normal(size=4), 18 + rng.random(4)],)
)
def small_entries_wrong(dy, x):
    dx = dy * sigma(x) * sigma(-x)
    return np.where(x > 17, 3 * dx, dx)


@operation
def tanh(x):
    return np.tanh(x)


tanh.inputs(numbers)


@tanh.gradient
def _(dy, x):
    return dy / np.cosh(x) ** 2


tanh.right("any_shape", m=(1, 6), n=(1, 6))
tanh.right("any_scale", m=(1, 3), n=(1, 3), scale=(1e-6, 1e2))
tanh.spoil("wrong_sign", says.SIGN, x=lambda dx: -dx)


@tanh.bug(says.TERM)
def y_not_squared(dy, x):
    return dy * (1 - np.tanh(x))


@tanh.bug(says.TERM)
def x_taken_for_y_in_tanh(dy, x):
    return dy * (1 - x**2)


@operation
def softplus(x):
    return np.where(x.real > 0, x, 0) + np.log1p(np.exp(np.where(x.real > 0, -x, x)))


softplus.inputs(numbers)


@softplus.gradient
def _(dy, x):
    return dy * sigma(x)


softplus.right("any_scale", m=(1, 4), n=(1, 4), scale=(1e-6, 1e3))
softplus.form("logaddexp", lambda x: np.logaddexp(x, 0))


@softplus.bug(says.TERM, says.SIGN)
def sigmoid_of_minus_x(dy, x):
    return dy * sigma(-x)


@softplus.bug(says.SMALL, says.PLACES, at=lambda rng: numbers(rng, scale=20.0))
def threshold_at_20(dy, x):
    return dy * np.where(x > 20, 1.0, np.where(x < -20, 0.0, sigma(x)))
