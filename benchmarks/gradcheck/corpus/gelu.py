"""The activations y = x Phi(x), where Phi is the normal distribution function or nearly so.

gelu       Phi(x) = (1 + tanh u) / 2,  u = sqrt(2/pi) (x + 0.044715 x^3)
gelu_erf   Phi(x) = (1 + erf(x / sqrt 2)) / 2,  with an erf for real numbers only
silu       Phi(x) = 1 / (1 + e^-x)
"""

import math

import numpy as np

from corpus import claims as says
from corpus.activations import numbers, sigma
from corpus.operation import operation

C = math.sqrt(2 / math.pi)


def gelu_inner(x):
    return np.tanh(C * (x + 0.044715 * x**3))


@operation
def gelu(x):
    return x * (1 + gelu_inner(x)) / 2


gelu.inputs(numbers)


@gelu.gradient
def _(dy, x):
    t = gelu_inner(x)
    return dy * ((1 + t) + x * (1 - t**2) * C * (1 + 3 * 0.044715 * x**2)) / 2


gelu.right("any_scale", m=(1, 4), n=(1, 4), scale=(1e-6, 1e1))


@gelu.bug(says.TERM)
def second_term_forgotten(dy, x):
    return dy * (1 + gelu_inner(x)) / 2


@gelu.bug(says.TERM)
def three_forgotten_in_the_cube(dy, x):
    t = gelu_inner(x)
    return dy * ((1 + t) + x * (1 - t**2) * C * (1 + 0.044715 * x**2)) / 2


ERF = np.vectorize(math.erf, otypes=[float])


@operation
def gelu_erf(x):
    return x * (1 + ERF(x / math.sqrt(2))) / 2


gelu_erf.inputs(numbers)


@gelu_erf.gradient
def _(dy, x):
    return dy * ((1 + ERF(x / math.sqrt(2))) / 2 + x * np.exp(-(x**2) / 2) * C / 2)


gelu_erf.right("any_scale", m=(1, 4), n=(1, 4), scale=(1e-6, 1e1))


@gelu_erf.bug(says.TERM)
def gradient_of_the_tanh_approximation(dy, x):
    return gelu.backward(dy, x)


@gelu_erf.bug(says.TERM)
def density_without_its_factor(dy, x):
    return dy * ((1 + ERF(x / math.sqrt(2))) / 2 + x * np.exp(-(x**2) / 2))


@operation
def silu(x):
    return x * sigma(x)


silu.inputs(numbers)


@silu.gradient
def _(dy, x):
    return dy * sigma(x) * (1 + x * sigma(-x))


silu.right("any_scale", m=(1, 4), n=(1, 4), scale=(1e-6, 1e2))


@silu.bug(says.TERM)
def derivative_of_the_sigmoid_only(dy, x):
    return dy * x * sigma(x) * sigma(-x)


@silu.bug(says.SIGN, says.TERM)
def inner_sign_wrong(dy, x):
    return dy * sigma(x) * (1 - x * sigma(-x))
