"""Normalizations of x (m, n): y = gamma (x - mean) / sqrt(variance + eps) + beta.

batch_norm    mean and variance of every column
layer_norm    mean and variance of every row
group_norm    mean and variance of two groups of columns in every row
rms_norm      y = gamma x / sqrt(mean square of the row + eps)
bias_then_batch_norm    batch_norm(x W + b): the gradient of b is zero
"""

import numpy as np

from corpus import claims as says
from corpus.operation import operation

EPS = 1e-5


def normalized(x, axis):
    """xhat and the standard deviation."""
    centred = x - x.mean(axis, keepdims=True)
    std = np.sqrt((centred**2).mean(axis, keepdims=True) + EPS)
    return centred / std, std


def through(g, xhat, std, axis):
    """The gradient of x, where g is the gradient of xhat."""
    mean_g, mean_gx = g.mean(axis, keepdims=True), (g * xhat).mean(axis, keepdims=True)
    return (g - mean_g - xhat * mean_gx) / std


def rows(rng, m=6, n=4, scale=1.0, mean=0.5, spread=1.0):
    x = scale * (mean + spread * rng.normal(size=(m, n)))
    return x, 1 + 0.5 * rng.normal(size=n), rng.normal(size=n)


@operation
def batch_norm(x, gamma, beta):
    return gamma * normalized(x, 0)[0] + beta


batch_norm.inputs(rows)


@batch_norm.gradient
def _(dy, x, gamma, beta):
    xhat, std = normalized(x, 0)
    return through(dy * gamma, xhat, std, 0), (dy * xhat).sum(0), dy.sum(0)


batch_norm.right("any_shape", m=(1, 7), n=(1, 5))
batch_norm.right("batch_of_one_or_two", m=(1, 2), n=(1, 4), scale=(1e-3, 1e3))
batch_norm.right("any_scale", m=(2, 6), n=(1, 3), scale=(1e-6, 1e6))
batch_norm.right("far_from_zero", m=(2, 6), n=(1, 3), mean=(1e2, 1e5))
batch_norm.form(
    "var", lambda x, gamma, beta: gamma * (x - x.mean(0)) / np.sqrt(x.var(0) + EPS) + beta
)
batch_norm.spoil("shift_mean", says.SIZE, says.FACTOR, beta=lambda db: db / 6)
batch_norm.spoil("gain_zero", says.ZERO, gamma=np.zeros_like)
batch_norm.spoil("gain_and_shift_one_column", says.BROADCAST, beta=lambda b: np.full(4, b.sum()))


@batch_norm.bug(says.CONSTANT)
def mean_treated_as_constant(dy, x, gamma, beta):
    xhat, std = normalized(x, 0)
    g = dy * gamma
    dx = (g - xhat * (g * xhat).mean(0)) / std
    return dx, (dy * xhat).sum(0), dy.sum(0)


@batch_norm.bug(says.TERM)
def variance_treated_as_constant(dy, x, gamma, beta):
    xhat, std = normalized(x, 0)
    g = dy * gamma
    return (g - g.mean(0)) / std, (dy * xhat).sum(0), dy.sum(0)


@batch_norm.bug(says.TERM)
def mean_and_variance_treated_as_constant(dy, x, gamma, beta):
    xhat, std = normalized(x, 0)
    return dy * gamma / std, (dy * xhat).sum(0), dy.sum(0)


@batch_norm.bug(says.PER_ROW, says.SMALL, says.FACTOR)
def eps_forgotten(dy, x, gamma, beta):
    xhat, std = normalized(x, 0)
    dx = through(dy * gamma, xhat, np.sqrt(std**2 - EPS), 0)
    return dx, (dy * xhat).sum(0), dy.sum(0)


@batch_norm.bug(says.PER_ROW, says.TERM)
def divided_by_variance(dy, x, gamma, beta):
    xhat, std = normalized(x, 0)
    return through(dy * gamma, xhat, std**2, 0), (dy * xhat).sum(0), dy.sum(0)


@batch_norm.bug(says.TERM)
def m_minus_one_in_the_variance(dy, x, gamma, beta):
    xhat, std = normalized(x, 0)
    g = dy * gamma
    dx = (g - g.mean(0) - xhat * (g * xhat).sum(0) / (len(x) - 1)) / std
    return dx, (dy * xhat).sum(0), dy.sum(0)


@batch_norm.bug(says.TERM)
def gain_uses_x(dy, x, gamma, beta):
    xhat, std = normalized(x, 0)
    return through(dy * gamma, xhat, std, 0), (dy * x).sum(0), dy.sum(0)


@batch_norm.bug(says.PER_ROW)
def gamma_forgotten(dy, x, gamma, beta):
    xhat, std = normalized(x, 0)
    return through(dy, xhat, std, 0), (dy * xhat).sum(0), dy.sum(0)


@operation
def layer_norm(x, gamma, beta):
    return gamma * normalized(x, 1)[0] + beta


layer_norm.inputs(rows)


@layer_norm.gradient
def _(dy, x, gamma, beta):
    xhat, std = normalized(x, 1)
    return through(dy * gamma, xhat, std, 1), (dy * xhat).sum(0), dy.sum(0)


layer_norm.right("any_shape", m=(1, 5), n=(1, 7))
layer_norm.right("any_scale", m=(1, 3), n=(2, 6), scale=(1e-6, 1e6))
layer_norm.right("nearly_constant_rows", m=(1, 3), n=(2, 6), mean=(1.0, 1e3), spread=(1e-7, 1e-2))
layer_norm.form(
    "std", lambda x, gamma, beta: gamma * ((x.T - x.mean(1)) / np.sqrt(x.T.var(0) + EPS)).T + beta
)


@layer_norm.bug(says.CONSTANT)
def mean_of_the_row_treated_as_constant(dy, x, gamma, beta):
    xhat, std = normalized(x, 1)
    g = dy * gamma
    dx = (g - xhat * (g * xhat).mean(1, keepdims=True)) / std
    return dx, (dy * xhat).sum(0), dy.sum(0)


@layer_norm.bug(says.TERM)
def statistics_of_columns(dy, x, gamma, beta):
    xhat, std = normalized(x, 0)
    return through(dy * gamma, xhat, std, 0), *layer_norm.backward(dy, x, gamma, beta)[1:]


@layer_norm.bug(says.TERM, says.JACOBIAN)
def gamma_after_the_mean(dy, x, gamma, beta):
    xhat, std = normalized(x, 1)
    return gamma * through(dy, xhat, std, 1), (dy * xhat).sum(0), dy.sum(0)


@layer_norm.bug(says.SHAPE)
def gain_summed_over_features(dy, x, gamma, beta):
    xhat, std = normalized(x, 1)
    return through(dy * gamma, xhat, std, 1), (dy * xhat).sum(1), dy.sum(0)
