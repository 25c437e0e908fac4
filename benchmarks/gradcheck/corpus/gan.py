"""Losses of generative adversarial networks, and the gradient penalty.

value                  V = mean log D + mean log(1 - D'),  D = sigmoid of a_real, D' of a_fake
minimax                mean log(1 - D')
non_saturating         -mean log D'
"""

import numpy as np

from corpus import claims as says
from corpus.activations import sigma, softplus
from corpus.operation import operation

log1pexp = softplus.forward


def one_column(rng, m=5, scale=1.0):
    return (scale * rng.normal(size=(m, 1)),)


@operation
def value(a_real, a_fake):
    return -log1pexp(-a_real).mean() - log1pexp(a_fake).mean()


@value.inputs
def _(rng, m=5, scale=1.0):
    return *one_column(rng, m, scale), *one_column(rng, m, scale)


@value.gradient
def _(dy, a_real, a_fake):
    return dy * sigma(-a_real) / len(a_real), -dy * sigma(a_fake) / len(a_fake)


value.right("any_scale", m=(1, 6), scale=(1e-6, 1e2))
value.spoil("fake_wrong_sign", says.SIGN, a_fake=lambda da: -da)
value.spoil("real_sum_over_batch", says.SIZE, says.FACTOR, a_real=lambda da: 5 * da)


@value.bug(says.TERM)
def fake_uses_real_logits(dy, a_real, a_fake):
    return dy * sigma(-a_real) / len(a_real), -dy * sigma(a_real) / len(a_fake)


@value.bug(says.TERM)
def sigmoid_slope_twice(dy, a_real, a_fake):
    da_real, da_fake = value.backward(dy, a_real, a_fake)
    return da_real * sigma(a_real), da_fake


@operation
def minimax(a):
    return -log1pexp(a).mean()


minimax.inputs(one_column)


@minimax.gradient
def _(dy, a):
    return -dy * sigma(a) / len(a)


minimax.right("any_scale", m=(1, 6), scale=(1e-6, 1e2))


@minimax.bug(says.TERM, says.CONSTANT)
def gradient_of_non_saturating(dy, a):
    return -dy * sigma(-a) / len(a)


@minimax.bug(says.SHAPE)
def column_became_row(dy, a):
    return -dy * sigma(a)[:, 0] / len(a)


@operation
def non_saturating(a):
    return log1pexp(-a).mean()


non_saturating.inputs(one_column)


@non_saturating.gradient
def _(dy, a):
    return -dy * sigma(-a) / len(a)


non_saturating.right("any_scale", m=(1, 6), scale=(1e-6, 1e2))
non_saturating.form("logaddexp", lambda a: np.logaddexp(0, -a).mean())
non_saturating.spoil("ascended", says.SIGN, a=lambda da: -da)


@non_saturating.bug(says.DY)
def loss_scale_forgotten(dy, a):
    return -sigma(-a) / len(a)
