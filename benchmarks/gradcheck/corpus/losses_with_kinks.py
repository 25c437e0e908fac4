"""Losses of predictions a (m, n) that are not smooth everywhere, and a weak penalty.

hinge            mean max(0, 1 - t a)              t = 1 or -1, integers
smooth_l1        mean of d^2 / 2 where |d| < 1, else |d| - 1/2,  d = a - t
lasso            mean (x w - t)^2 + 1e-6 sum |w|
ridge            mean (x w - t)^2 + 1e-6 sum w^2
"""

import numpy as np

from corpus import claims as says
from corpus.operation import operation

WEAK = 1e-6


@operation
def hinge(a, t):
    return np.maximum(0, 1 - t * a).mean()


@hinge.inputs
def _(rng, m=5, n=3, scale=1.0):
    return scale * rng.normal(size=(m, n)), rng.choice([-1, 1], size=(m, n))


@hinge.gradient
def _(dy, a, t):
    return -dy * t * (t * a < 1) / a.size


hinge.right("any_shape", m=(1, 5), n=(1, 5), scale=(1e-3, 1e3))
hinge.spoil("wrong_sign", says.SIGN, a=lambda da: -da)


@hinge.bug(says.MASK)
def mask_missing(dy, a, t):
    return -dy * t / a.size


@hinge.bug(says.MASK, says.TERM)
def mask_reversed(dy, a, t):
    return -dy * t * (t * a >= 1) / a.size


@hinge.bug(says.SIGN, says.PLACES, says.TERM)
def target_forgotten(dy, a, t):
    return -dy * (t * a < 1) / a.size


@operation
def smooth_l1(a, t):
    d = a - t
    size = np.where(d.real < 0, -d, d)
    return np.where(size.real < 1, d**2 / 2, size - 0.5).mean()


@smooth_l1.inputs
def _(rng, m=5, n=3, scale=2.0):
    return scale * rng.normal(size=(m, n)), scale * rng.normal(size=(m, n))


@smooth_l1.gradient
def _(dy, a, t):
    da = dy * np.clip(a - t, -1, 1) / a.size
    return da, -da


smooth_l1.right("any_shape", m=(1, 5), n=(1, 5), scale=(1e-3, 1e3))
smooth_l1.form(
    "abs",
    lambda a, t: np.where(abs(a - t) < 1, (a - t) ** 2 / 2, abs(a - t) - 0.5).mean(),
)


@smooth_l1.bug(says.PLACES, says.TERM)
def quadratic_everywhere(dy, a, t):
    da = dy * (a - t) / a.size
    return da, -da


@smooth_l1.bug(says.SIGN, says.PLACES)
def linear_branch_without_sign(dy, a, t):
    d = a - t
    da = dy * np.where(np.abs(d) < 1, d, 1) / a.size
    return da, -da


def one_large_error(rng):
    t, d = rng.normal(size=(4, 3)), rng.uniform(-0.9, 0.9, size=(4, 3))
    d[1, 2] = 2
    return t + d, t


@smooth_l1.bug(says.PLACES, at=one_large_error, also=(says.FACTOR,))
def one_large_error_doubled(dy, a, t):
    da = dy * np.where(np.abs(a - t) < 1, a - t, 2 * np.sign(a - t)) / a.size
    return da, -da


def regression(rng, m=6, n=4, scale=1.0):
    return rng.normal(size=(m, n)), scale * rng.normal(size=n), rng.normal(size=m)


def penalized_gradient(dy, x, w, t, penalty):
    residual = 2 * dy * (x @ w - t) / len(t)
    return np.outer(residual, w), x.T @ residual + dy * penalty, -residual


@operation
def ridge(x, w, t):
    return ((x @ w - t) ** 2).mean() + WEAK * (w**2).sum()


ridge.inputs(regression)


@ridge.gradient
def _(dy, x, w, t):
    return penalized_gradient(dy, x, w, t, 2 * WEAK * w)


ridge.right("any_shape", m=(1, 6), n=(1, 5), scale=(1e-3, 1e3))


@ridge.bug(says.SMALL, says.TERM)
def penalty_forgotten(dy, x, w, t):
    return penalized_gradient(dy, x, w, t, 0)


@ridge.bug(says.SMALL, says.TERM)
def penalty_not_doubled(dy, x, w, t):
    return penalized_gradient(dy, x, w, t, WEAK * w)


@operation
def lasso(x, w, t):
    return ((x @ w - t) ** 2).mean() + WEAK * np.abs(w).sum()


lasso.inputs(regression)


@lasso.gradient
def _(dy, x, w, t):
    return penalized_gradient(dy, x, w, t, WEAK * np.sign(w))


lasso.right("any_shape", m=(1, 6), n=(1, 5), scale=(1e-3, 1e3))


@lasso.bug(says.SMALL, says.TERM)
def penalty_forgotten_where_abs(dy, x, w, t):
    return penalized_gradient(dy, x, w, t, 0)


@lasso.bug(says.SMALL, says.TERM)
def penalty_without_sign(dy, x, w, t):
    return penalized_gradient(dy, x, w, t, WEAK)
