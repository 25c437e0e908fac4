"""A contractive autoencoder (CAE): its code changes as little as the reconstruction allows.

    a = x W + c,  h = sigma(a)                       the code of x
    r = h W^T + b                                    logits of the reconstruction: tied weights
    L = 1/m sum_i [sum_j softplus(r_ij) - x_ij r_ij + lambda |J(x_i)|^2]         descended
    J_jl = dh_j/dx_l = s_j W_lj,   s = sigma'(a)
    |J|^2 = sum_j s_j^2 |W_j|^2                      W_j: column j of W

Gradient of |J|^2, with ds/da = s (1 - 2 h):

    d|J|^2/dW_lj = 2 s_j^2 W_lj + x_l d|J|^2/da_j       W is a factor of J, and it is inside s
    d|J|^2/da_j  = 2 s_j^2 (1 - 2 h_j) |W_j|^2          also the gradient in c_j

Published code of the CAE's authors lacks both factors 2, so the lambda in effect is half of the one
it is given (docs/relatives/cae.md).

A chain of samples moves along the directions in which the code of a training image changes most:

    h' = h + J J^T alpha,  alpha ~ N(0, sigma^2 I),     x' = sigma(h' W^T + b)
    J J^T alpha = s * (W^T (W (s * alpha)))             without J J^T itself: two products

A stack is trained from the bottom to the top, each CAE on the codes of the one below. Its chain
adds the noise to the highest code, with J of the highest CAE, and decodes through all of them.

Sources: Rifai et al. 2011 (CAE); Rifai et al. 2012 (the chain).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigan import draws
from minigan.arrays import Array, array_module
from minigan.data.images import Images
from minigan.layers import linear, sigmoid
from minigan.objectives import softplus
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant

M, MOMENTUM = 100, 0.9


def cae_shapes(n: int, hidden: int) -> dict[str, tuple[int, ...]]:
    """W (n, hidden), b (n,) of the reconstruction and c (hidden,) of the code."""
    return {"W": (n, hidden), "b": (n,), "c": (hidden,)}


def encode(theta: Parameters, x: Array) -> tuple[Array, Array, Array]:
    """(a, h, s), each (m, hidden), for x (m, n)."""
    a = linear.forward(x, theta["W"], theta["c"])
    return a, sigmoid.forward(a), sigmoid.backward_input(array_module(a).ones_like(a), a)


def reconstruction(theta: Parameters, h: Array) -> Array:
    """sigma(r) (m, n), for codes h (m, hidden)."""
    return sigmoid.forward(linear.forward(h, theta["W"].T, theta["b"]))


def contraction(theta: Parameters, x: Array) -> Any:
    """|J|^2, its mean over the rows of x (m, n)."""
    s = encode(theta, x)[2]
    return (s**2 * (theta["W"] ** 2).sum(axis=0)).sum() / len(x)


def contraction_gradient(theta: Parameters, x: Array) -> tuple[Array, Array]:
    """(dW, dc) of `contraction`."""
    W, (_, h, s) = theta["W"], encode(theta, x)
    da = 2 * s**2 * (1 - 2 * h) * (W**2).sum(axis=0) / len(x)
    dW, dc = linear.backward_params(da, x)
    dW += 2 * W * (s**2).sum(axis=0) / len(x)
    return dW, dc


def cae_loss(theta: Parameters, x: Array, weight: float) -> Any:
    """L in nats, with lambda = `weight`."""
    r = linear.forward(encode(theta, x)[1], theta["W"].T, theta["b"])
    return (softplus(r) - x * r).sum() / len(x) + weight * contraction(theta, x)


def cae_gradient(theta: Parameters, x: Array, weight: float) -> Parameters:
    """dL/dtheta."""
    W, (_, h, s) = theta["W"], encode(theta, x)
    dr = (sigmoid.forward(linear.forward(h, W.T, theta["b"])) - x) / len(x)
    of_decoder, db = linear.backward_params(dr, h)
    of_encoder, dc = linear.backward_params((dr @ W) * s, x)
    of_J, dc_of_J = contraction_gradient(theta, x)
    dtheta = Parameters.zeros(theta.shapes, dr.dtype)
    dtheta["W"][...] = of_decoder.T + of_encoder + weight * of_J
    dtheta["b"][...] = db
    dtheta["c"][...] = dc + weight * dc_of_J
    return dtheta


@dataclass(frozen=True)
class StackedCAE:
    """The parameters of each CAE, from the bottom to the top."""

    thetas: tuple[Parameters, ...]

    def codes(self, x: Array) -> Array:
        """The highest codes of x (m, n)."""
        for theta in self.thetas:
            x = encode(theta, x)[1]
        return x

    def decoded(self, h: Array) -> Array:
        """x (m, n) of the highest codes h."""
        for theta in reversed(self.thetas):
            h = reconstruction(theta, h)
        return h

    def step(self, x: Array, sigma: float, rng: np.random.Generator) -> Array:
        """The next x (m, n) of each chain."""
        for theta in self.thetas[:-1]:
            x = encode(theta, x)[1]
        W, (_, h, s) = self.thetas[-1]["W"], encode(self.thetas[-1], x)
        alpha = np.float32(sigma) * rng.standard_normal(h.shape, dtype=np.float32)
        return self.decoded(h + s * (((s * alpha) @ W.T) @ W))

    def samples(
        self, count: int, steps: int, sigma: float, seed: int, start: Array | None = None
    ) -> Array:
        """x (count, n), from one chain of `steps` steps for each sample.

        The chains start at the rows of `start` (count, n), or at uniform noise.
        """
        rng = draws.generator(seed, "cae/samples", 0)
        x = rng.random((count, len(self.thetas[0]["b"])), dtype=np.float32)
        if start is not None:
            x = start
        for _ in range(steps):
            x = self.step(x, sigma, rng)
        return x


def initial_cae(n: int, hidden: int, seed: int, stream: str) -> Parameters:
    """W uniform on (-4 k, 4 k), k = sqrt(6 / (n + hidden)), as in the authors' code; b = c = 0."""
    theta = Parameters.zeros(cae_shapes(n, hidden))
    u = draws.generator(seed, f"{stream}/W", 0).random((n, hidden), dtype=np.float32)
    theta["W"][...] = (2 * u - 1) * np.float32(4 * math.sqrt(6 / (n + hidden)))
    return theta


def cae_update(
    below: StackedCAE,
    theta: Parameters,
    images: Images,
    m: int,
    weight: float,
    seed: int,
    t: int,
) -> tuple[Parameters, Callable[[], float]]:
    """(dL/dtheta, a function that returns L) of update t of the CAE on top of `below`.

    L is that of a minibatch of m images, at the value of theta when the function is called.
    """
    rng = draws.generator(seed, f"cae/{len(below.thetas)}", t)
    x = below.codes(images.gather(rng.integers(len(images), size=m)))
    return cae_gradient(theta, x, weight), lambda: float(cae_loss(theta, x, weight))


def train_stacked_cae(
    images: Images, sizes: Sequence[int], updates: int, rate: float, weight: float, seed: int
) -> StackedCAE:
    """CAEs with codes of these sizes, each trained with `updates` updates of momentum."""
    stack, n = StackedCAE(()), images.pixels.shape[1]
    for i, hidden in enumerate(sizes):
        theta = initial_cae(n, hidden, seed, f"cae/{i}")
        player = Momentum(theta, Constant(rate), Constant(MOMENTUM))
        for t in range(updates):
            player.descend(cae_update(stack, theta, images, M, weight, seed, t)[0])
        stack, n = StackedCAE((*stack.thetas, theta)), hidden
    return stack
