"""Softmax and losses of logits or predictions a (m, n).

softmax          y_ij = e^a_ij / sum_k e^a_ik
log_sum_exp      y_i = log sum_k e^a_ik
cross_entropy    mean_i (log sum_k e^a_ik - a_i,label_i)
mse              mean (a - t)^2
hinge            mean max(0, 1 - t a)              t = 1 or -1
smooth_l1        mean of d^2 / 2 where |d| < 1, else |d| - 1/2,  d = a - t
"""

import numpy as np

from corpus import claims as says
from corpus.operation import operation


def softmax_of(a):
    e = np.exp(a - a.real.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def logits(rng, m=4, n=3, scale=1.0):
    return (scale * rng.normal(size=(m, n)),)


@operation
def softmax(a):
    return softmax_of(a)


softmax.inputs(logits)


@softmax.gradient
def _(dy, a):
    y = softmax_of(a)
    return y * (dy - (dy * y).sum(1, keepdims=True))


softmax.right("any_shape", m=(1, 5), n=(1, 6))
softmax.right("large_logits", m=(1, 3), n=(2, 5), scale=(1e1, 1e3))
softmax.right("small_logits", m=(1, 3), n=(2, 5), scale=(1e-6, 1e-2))
softmax.form("max", lambda a: (e := np.exp(a - a.max(1, keepdims=True))) / e.sum(1, keepdims=True))


@softmax.bug(says.TERM)
def only_the_diagonal(dy, a):
    y = softmax_of(a)
    return dy * y * (1 - y)


@softmax.bug(says.TERM)
def sum_forgotten(dy, a):
    return dy * softmax_of(a)


@softmax.bug(says.TERM)
def sum_over_the_batch(dy, a):
    y = softmax_of(a)
    return y * (dy - (dy * y).sum(0))


@operation
def log_sum_exp(a):
    largest = a.real.max(1)
    return largest + np.log(np.exp(a - largest[:, None]).sum(1))


log_sum_exp.inputs(logits)


@log_sum_exp.gradient
def _(dy, a):
    return dy[:, None] * softmax_of(a)


log_sum_exp.right("any_shape", m=(1, 5), n=(1, 6))
log_sum_exp.right("large_logits", m=(1, 3), n=(2, 5), scale=(1e1, 1e3))
log_sum_exp.form("logaddexp", lambda a: np.logaddexp.reduce(a, axis=1))


@log_sum_exp.bug(says.PER_ROW)
def not_divided_by_the_sum(dy, a):
    return dy[:, None] * np.exp(a - a.max(1, keepdims=True))


@operation
def cross_entropy(a, labels):
    return (log_sum_exp.forward(a) - a[np.arange(len(a)), labels]).mean()


@cross_entropy.inputs
def _(rng, m=4, n=3, scale=1.0):
    return scale * rng.normal(size=(m, n)), rng.integers(0, n, m)


def cross_entropy_gradient(dy, a, labels):
    return dy * (softmax_of(a) - np.eye(a.shape[1])[labels]) / len(a)


cross_entropy.gradient(cross_entropy_gradient)
cross_entropy.right("any_shape", m=(1, 5), n=(1, 6))
cross_entropy.right("large_logits", m=(1, 3), n=(2, 5), scale=(1e1, 1e3))
cross_entropy.spoil("sum_instead_of_mean", says.SIZE, says.FACTOR, a=lambda da: 4 * da)
cross_entropy.spoil("wrong_sign", says.SIGN, a=lambda da: -da)


@cross_entropy.bug(says.PLACES, says.TERM)
def label_off_by_one(dy, a, labels):
    return cross_entropy_gradient(dy, a, (labels + 1) % a.shape[1])


@cross_entropy.bug(says.PLACES, says.TERM)
def label_forgotten(dy, a, labels):
    return dy * softmax_of(a) / len(a)


@cross_entropy.bug(says.DY)
def dy_forgotten(dy, a, labels):
    return cross_entropy_gradient(1.0, a, labels)


@cross_entropy.bug(says.TERM)
def softmax_derivative_applied_twice(dy, a, labels):
    y = softmax_of(a)
    return cross_entropy_gradient(dy, a, labels) * y * (1 - y)


@operation
def mse(a, t):
    return ((a - t) ** 2).mean()


@mse.inputs
def _(rng, m=4, n=3, scale=1.0):
    return scale * rng.normal(size=(m, n)), scale * rng.normal(size=(m, n))


@mse.gradient
def _(dy, a, t):
    da = 2 * dy * (a - t) / a.size
    return da, -da


mse.right("any_shape", m=(1, 5), n=(1, 5), scale=(1e-6, 1e6))
mse.form("vdot", lambda a, t: np.vdot(a - t, a - t).real / a.size)
mse.spoil("two_forgotten", says.FACTOR, a=lambda da: da / 2)
mse.spoil("mean_over_batch_only", says.SIZE, says.FACTOR, a=lambda da: da * 3)
mse.spoil("target_wrong_sign", says.SIGN, t=lambda dt: -dt, also=(says.ORDER,))
mse.spoil("target_without_gradient", says.NO_GRADIENT, t=lambda dt: None)


@mse.bug(says.TERM, says.CONSTANT)
def target_forgotten(dy, a, t):
    return 2 * dy * a / a.size, mse.backward(dy, a, t)[1]
