"""More normalizations of x (m, n).

group_norm              mean and variance of two groups of columns in every row
rms_norm                y = gamma x / sqrt(mean square of the row + eps)
bias_then_batch_norm    batch_norm(x + b): the gradient of b is zero
unit_rows               y = x / |x|, every row of length 1
"""

import numpy as np

from corpus import claims as says
from corpus.normalization import EPS, batch_norm, normalized, rows, through
from corpus.operation import operation


def grouped(x):
    return x.reshape(len(x), 2, -1)


@operation
def group_norm(x, gamma, beta):
    return gamma * normalized(grouped(x), 2)[0].reshape(x.shape) + beta


@group_norm.inputs
def _(rng, m=4, half=3, **scales):
    return rows(rng, m, 2 * half, **scales)


def group_gradient(dy, x, gamma, axes):
    xhat, std = normalized(grouped(x), 2)
    dx = through(grouped(dy * gamma), xhat, std, axes).reshape(x.shape)
    return dx, (dy * xhat.reshape(x.shape)).sum(0), dy.sum(0)


@group_norm.gradient
def _(dy, x, gamma, beta):
    return group_gradient(dy, x, gamma, 2)


group_norm.right("any_shape", m=(1, 5), half=(1, 4))
group_norm.right("any_scale", m=(1, 3), half=(1, 3), scale=(1e-6, 1e6))


@group_norm.bug(says.TERM)
def means_over_both_groups(dy, x, gamma, beta):
    return group_gradient(dy, x, gamma, (1, 2))


@group_norm.bug(says.PLACES, says.TERM)
def second_group_with_the_first_deviation(dy, x, gamma, beta):
    xhat, std = normalized(grouped(x), 2)
    dx = through(grouped(dy * gamma), xhat, std[:, :1], 2).reshape(x.shape)
    return dx, (dy * xhat.reshape(x.shape)).sum(0), dy.sum(0)


@operation
def rms_norm(x, gamma):
    return gamma * x / np.sqrt((x**2).mean(1, keepdims=True) + EPS)


@rms_norm.inputs
def _(rng, **lengths):
    return rows(rng, **lengths)[:2]


@rms_norm.gradient
def _(dy, x, gamma):
    rms, g = np.sqrt((x**2).mean(1, keepdims=True) + EPS), dy * gamma
    dx = (g - x * (g * x).mean(1, keepdims=True) / rms**2) / rms
    return dx, (dy * x / rms).sum(0)


rms_norm.right("any_shape", m=(1, 5), n=(1, 7))
rms_norm.right("any_scale", m=(1, 3), n=(1, 5), scale=(1e-6, 1e6))


@rms_norm.bug(says.TERM)
def length_for_root_mean_square(dy, x, gamma):
    rms, g = np.sqrt((x**2).mean(1, keepdims=True) + EPS), dy * gamma
    dx = (g - x * (g * x).sum(1, keepdims=True) / rms**2) / rms
    return dx, (dy * x / rms).sum(0)


@rms_norm.bug(r"sqrt|root", says.FACTOR)
def square_root_of_the_length(dy, x, gamma):
    dx, dgamma = rms_norm.backward(dy, x, gamma)
    return dx, dgamma / np.sqrt(x.shape[1])


@rms_norm.bug(says.SIZE, says.FACTOR)
def gain_mean_over_rows(dy, x, gamma):
    dx, dgamma = rms_norm.backward(dy, x, gamma)
    return dx, dgamma / len(x)


@rms_norm.bug(says.TERM)
def second_term_forgotten(dy, x, gamma):
    rms = np.sqrt((x**2).mean(1, keepdims=True) + EPS)
    return dy * gamma / rms, (dy * x / rms).sum(0)


@operation
def bias_then_batch_norm(x, b, gamma, beta):
    return batch_norm.forward(x + b, gamma, beta)


@bias_then_batch_norm.inputs
def _(rng, **lengths):
    x, gamma, beta = rows(rng, **lengths)
    return x, rng.normal(size=x.shape[1]), gamma, beta


@bias_then_batch_norm.gradient
def _(dy, x, b, gamma, beta):
    dx, dgamma, dbeta = batch_norm.backward(dy, x + b, gamma, beta)
    return dx, dx.sum(0), dgamma, dbeta


bias_then_batch_norm.right("any_shape", m=(1, 6), n=(1, 5))
bias_then_batch_norm.right("any_scale", m=(2, 5), n=(1, 3), scale=(1e-4, 1e4))
bias_then_batch_norm.right("exactly_zero", m=(2, 5), n=(1, 3))


@bias_then_batch_norm.bug(r"true gradient is zero|numeric (gradient|one) is (zero|0)")
def bias_gradient_not_zero(dy, x, b, gamma, beta):
    dx, db, dgamma, dbeta = bias_then_batch_norm.backward(dy, x, b, gamma, beta)
    return dx, db + 1e-3 * dbeta, dgamma, dbeta


@bias_then_batch_norm.bug(says.BROADCAST, says.ORDER)
def bias_gets_the_gradient_of_beta(dy, x, b, gamma, beta):
    dx, _, dgamma, dbeta = bias_then_batch_norm.backward(dy, x, b, gamma, beta)
    return dx, dbeta, dgamma, dbeta


@operation
def unit_rows(x):
    return x / np.sqrt((x**2).sum(1, keepdims=True))


@unit_rows.inputs
def _(rng, m=4, n=3, scale=1.0):
    return (scale * rng.normal(size=(m, n)),)


@unit_rows.gradient
def _(dy, x):
    length = np.sqrt((x**2).sum(1, keepdims=True))
    return (dy - x * (dy * x).sum(1, keepdims=True) / length**2) / length


unit_rows.right("any_shape", m=(1, 5), n=(1, 6))
unit_rows.right("any_scale", m=(1, 3), n=(1, 4), scale=(1e-6, 1e6))
unit_rows.form("norm", lambda x: x / np.linalg.norm(x, axis=1, keepdims=True))


@unit_rows.bug(says.TERM)
def length_treated_as_constant(dy, x):
    return dy / np.sqrt((x**2).sum(1, keepdims=True))


@unit_rows.bug(says.PER_ROW, says.TERM)
def divided_by_squared_length(dy, x):
    return unit_rows.backward(dy, x) / np.sqrt((x**2).sum(1, keepdims=True))
