"""Second derivatives, and a generator that is trained through a discriminator.

gradient_norm          y_i = |dD/dx_i| for D(x) = tanh(x W) v: backward is a second derivative
gradient_penalty       mean (y_i - 1)^2
generator              -mean log sigmoid D(G(z)) for G(z) = tanh(z A) and the same D
"""

import numpy as np

from corpus import claims as says
from corpus.activations import sigma, softplus
from corpus.operation import operation


@operation
def gradient_norm(x, W, v):
    slope = (1 - np.tanh(x @ W) ** 2) * v
    return np.sqrt(((slope @ W.T) ** 2).sum(1))


@gradient_norm.inputs
def _(rng, m=3, n=3, u=4, scale=1.0):
    return scale * rng.normal(size=(m, n)), rng.normal(size=(n, u)) / 2, rng.normal(size=u)


def norm_gradient(dy, x, W, v, second=1, through_weights=1, normed=1):
    """The gradients; each option set to 0 forgets a term or the division by the norm."""
    t = np.tanh(x @ W)
    slope = (1 - t**2) * v
    g = slope @ W.T
    dg = dy[:, None] * g / (np.sqrt((g**2).sum(1, keepdims=True)) if normed else 1)
    dslope = dg @ W
    da = second * dslope * v * -2 * t * (1 - t**2)
    return da @ W.T, x.T @ da + through_weights * dg.T @ slope, (dslope * (1 - t**2)).sum(0)


gradient_norm.gradient(norm_gradient)
gradient_norm.right("any_shape", m=(1, 4), n=(1, 4), u=(1, 4))
gradient_norm.form(
    "linalg", lambda x, W, v: np.linalg.norm(((1 - np.tanh(x @ W) ** 2) * v) @ W.T, axis=1)
)


@gradient_norm.bug(says.ZERO, says.TERM)
def second_derivative_forgotten(dy, *inputs):
    return norm_gradient(dy, *inputs, second=0)


@gradient_norm.bug(says.TERM)
def outer_weights_forgotten(dy, *inputs):
    return norm_gradient(dy, *inputs, through_weights=0)


@gradient_norm.bug(says.PER_ROW, says.TERM)
def not_divided_by_the_norm(dy, *inputs):
    return norm_gradient(dy, *inputs, normed=0)


@operation
def gradient_penalty(x, W, v):
    return ((gradient_norm.forward(x, W, v) - 1) ** 2).mean()


gradient_penalty.inputs(gradient_norm.draw)


@gradient_penalty.gradient
def _(dy, x, W, v):
    return norm_gradient(2 * dy * (gradient_norm.forward(x, W, v) - 1) / len(x), x, W, v)


gradient_penalty.right("any_shape", m=(1, 4), n=(1, 4), u=(1, 4))


@gradient_penalty.bug(says.TERM)
def penalty_towards_zero(dy, x, W, v):
    return norm_gradient(2 * dy * gradient_norm.forward(x, W, v) / len(x), x, W, v)


@operation
def generator(z, A, W, v):
    return softplus.forward(-(np.tanh(np.tanh(z @ A) @ W) @ v)).mean()


@generator.inputs
def _(rng, m=4, k=2, n=3, u=3, scale=1.0):
    z, A = scale * rng.normal(size=(m, k)), rng.normal(size=(k, n))
    return z, A, rng.normal(size=(n, u)), rng.normal(size=u)


def generator_gradient(dy, z, A, W, v, of_loss=lambda a: -sigma(-a), slope_of_G=1):
    """The gradients, for another derivative of the loss or without the slope of G's tanh."""
    x = np.tanh(z @ A)
    t = np.tanh(x @ W)
    da = dy * of_loss(t @ v) / len(z)
    dt = np.outer(da, v) * (1 - t**2)
    dx = dt @ W.T * (1 - slope_of_G * x**2)
    return dx @ A.T, z.T @ dx, x.T @ dt, t.T @ da


generator.gradient(generator_gradient)
generator.right("any_shape", m=(1, 4), k=(1, 3), n=(1, 3), u=(1, 3))
generator.spoil("discriminator_weights_zero", says.ZERO, W=np.zeros_like)


@generator.bug(says.TERM)
def gradient_of_minimax(dy, *inputs):
    return generator_gradient(dy, *inputs, of_loss=lambda a: -sigma(a))


@generator.bug(says.TERM)
def slope_of_the_last_tanh_forgotten(dy, *inputs):
    return generator_gradient(dy, *inputs, slope_of_G=0)
