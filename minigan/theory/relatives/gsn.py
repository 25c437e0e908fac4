"""A generative stochastic network (GSN) with two hidden layers, trained by walk-back.

    h_1 = tanh(x~ W_1 + h_2 W_2^T + b_1)                 from the layers below and above
    r   = h_1 W_1^T + b_0,  x^ = sigma(r)                the reconstruction: tied weights
    t   = tanh(h_1 W_2 + b_2 + e),  h_2 = t + e'         e, e' ~ N(0, noise^2)
    x~  = the next input: a binary sample of x^, with salt and pepper

A walk has N = 4 such steps. It starts at the image x with salt and pepper, and h_2 = 0.

    L = sum over the steps of the mean of softplus(r) - x r over pixels and rows          descended

The target of every step is the image x, so the chain learns to return to the data. The gradient
passes backwards through h_2 from step to step, and not through the binary samples x~:

    dr   = (sigma(r) - x) / (m n)
    da_2 = dh_2 (1 - t^2)                                dh_2 = 0 in the last step
    da_1 = (dr W_1 + da_2 W_2^T) (1 - h_1^2)
    dh_2 of the step before = da_1 W_2
    dW_1 = sum x~^T da_1 + dr^T h_1,    dW_2 = sum h_1^T da_2 + da_1^T h_2,    db = sums

Sources: Bengio et al. 2014; code of the authors, yaoli/GSN, whose sizes are 784-1500-1500 with
noise 2, salt and pepper 0.4, N = 4. The samples here come from chains that start at noise with the
mean brightness of each pixel; theirs start at a test image.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
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
from minigan.theory.relatives.vae import binarised

M, STEPS, MOMENTUM = 100, 4, 0.5


@dataclass(frozen=True)
class GSN:
    """The sizes, the standard deviation `noise`, and the share `salt` of pixels that become 0 or 1.

    Half of the changed pixels become 0.
    """

    n: int
    hidden: tuple[int, int]
    noise: float = 2.0
    salt: float = 0.4

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """W_1 (n, first), W_2 (first, second), and the biases b_0, b_1 and b_2."""
        first, second = self.hidden
        shapes = {"W_1": (self.n, first), "W_2": (first, second)}
        return shapes | {"b_0": (self.n,), "b_1": (first,), "b_2": (second,)}

    def initial(self, seed: int) -> Parameters:
        """W uniform on (-k, k), k = sqrt(6 / (inputs + outputs)); b = 0."""
        theta = Parameters.zeros(self.shapes)
        for name in ("W_1", "W_2"):
            W = theta[name]
            u = draws.generator(seed, f"gsn/{name}", 0).random(W.shape, dtype=np.float32)
            W[...] = (2 * u - 1) * np.float32(math.sqrt(6 / sum(W.shape)))
        return theta

    def corrupted(self, x: Array, rng: np.random.Generator) -> Array:
        """x with salt and pepper."""
        u = rng.random(x.shape, dtype=np.float32)
        changed = np.where(u < self.salt / 2, np.float32(0), np.float32(1))
        return np.where(u < self.salt, changed, x)


@dataclass(frozen=True)
class WalkStep:
    """The arrays of one step: its input x~ and h_2, then h_1, r, t and the next h_2."""

    x: Array
    h_2: Array
    h_1: Array
    r: Array
    t: Array
    next_h_2: Array


def walk_step(theta: Parameters, x: Array, h_2: Array, e: Array, e_after: Array) -> WalkStep:
    """One step from x~ (m, n) and h_2, with the noise e before tanh and e' after it."""
    xp = array_module(theta.vector)
    W_1, W_2 = theta["W_1"], theta["W_2"]
    h_1 = xp.tanh(linear.forward(x, W_1, theta["b_1"]) + h_2 @ W_2.T)
    r = linear.forward(h_1, W_1.T, theta["b_0"])
    t = xp.tanh(linear.forward(h_1, W_2, theta["b_2"]) + e)
    return WalkStep(x, h_2, h_1, r, t, t + e_after)


def walk(
    theta: Parameters,
    start: Array,
    steps: int,
    next_input: Callable[[Array], Array],
    noise: Callable[[], Array],
) -> list[WalkStep]:
    """The steps of a walk. next_input(x^) gives the x~ of the next step, noise() each e and e'."""
    return list(_walk(theta, start, steps, next_input, noise))


def _walk(
    theta: Parameters,
    start: Array,
    steps: int,
    next_input: Callable[[Array], Array],
    noise: Callable[[], Array],
) -> Iterator[WalkStep]:
    """The steps of `walk`, one after the other."""
    x, h_2 = start, np.zeros((len(start), len(theta["b_2"])), theta.vector.dtype)
    for _ in range(steps):
        taken = walk_step(theta, x, h_2, noise(), noise())
        x, h_2 = next_input(sigmoid.forward(taken.r)), taken.next_h_2
        yield taken


def walk_loss(steps: list[WalkStep], x: Array) -> Any:
    """L in nats, for the clean images x (m, n)."""
    return sum((softplus(one.r) - x * one.r).sum() for one in steps) / x.size


def walk_gradient(theta: Parameters, steps: list[WalkStep], x: Array) -> Parameters:
    """dL/dtheta, for the clean images x (m, n); inputs and noise of the walk are held fixed."""
    W_1, W_2 = theta["W_1"], theta["W_2"]
    dtheta = Parameters.zeros(theta.shapes, theta.vector.dtype)
    dh_2 = np.zeros_like(steps[-1].t)
    for one in reversed(steps):
        dr = (sigmoid.forward(one.r) - x) / x.size
        da_2 = dh_2 * (1 - one.t**2)
        da_1 = (dr @ W_1 + da_2 @ W_2.T) * (1 - one.h_1**2)
        dh_2 = da_1 @ W_2
        dtheta["W_1"][...] += one.x.T @ da_1 + dr.T @ one.h_1
        dtheta["W_2"][...] += one.h_1.T @ da_2 + da_1.T @ one.h_2
        for name, da in (("b_0", dr), ("b_1", da_1), ("b_2", da_2)):
            dtheta[name][...] += da.sum(axis=0)
    return dtheta


def random_walk(
    gsn: GSN, theta: Parameters, start: Array, steps: int, rng: np.random.Generator
) -> list[WalkStep]:
    """A walk with sampled inputs and noise. `start` (m, n) is corrupted first."""
    return list(_random_walk(gsn, theta, start, steps, rng))


def _random_walk(
    gsn: GSN, theta: Parameters, start: Array, steps: int, rng: np.random.Generator
) -> Iterator[WalkStep]:
    """The steps of `random_walk`, one after the other."""

    def noise() -> Array:
        shape = len(start), gsn.hidden[1]
        return np.float32(gsn.noise) * rng.standard_normal(shape, dtype=np.float32)

    def next_input(means: Array) -> Array:
        return gsn.corrupted(binarised(means, rng), rng)

    return _walk(theta, gsn.corrupted(start, rng), steps, next_input, noise)


def gsn_update(
    gsn: GSN, theta: Parameters, images: Images, m: int, steps: int, seed: int, t: int
) -> tuple[Parameters, Callable[[], float]]:
    """(dL/dtheta, a function that returns L) of update t, on walks from a minibatch of m images."""
    rng = draws.generator(seed, "gsn", t)
    x = images.gather(rng.integers(len(images), size=m))
    walked = random_walk(gsn, theta, x, steps, rng)
    return walk_gradient(theta, walked, x), lambda: float(walk_loss(walked, x))


def train_gsn(gsn: GSN, images: Images, updates: int, rate: float, seed: int) -> Parameters:
    """theta after `updates` updates of momentum on walks of STEPS = 4 steps."""
    theta = gsn.initial(seed)
    player = Momentum(theta, Constant(rate), Constant(MOMENTUM))
    for t in range(updates):
        player.descend(gsn_update(gsn, theta, images, M, STEPS, seed, t)[0])
    return theta


def walk_samples(gsn: GSN, theta: Parameters, start: Array, steps: int, seed: int) -> Array:
    """x^ (count, n) at the end of one walk of `steps` steps from each row of `start` (count, n)."""
    rng = draws.generator(seed, "gsn/samples", 0)
    (last,) = deque(_random_walk(gsn, theta, start, steps, rng), maxlen=1)  # all need much memory
    return sigmoid.forward(last.r)


def noise_of_marginals(images: Images, count: int, seed: int) -> Array:
    """Binary rows (count, n) with independent pixels: each is 1 with its mean over the images."""
    return noise_of_means(images.mean(), count, seed)


def noise_of_means(means: Array, count: int, seed: int) -> Array:
    """Binary rows (count, n) with independent pixels: each is 1 with its mean in `means` (n,)."""
    rng = draws.generator(seed, "gsn/start", 0)
    return binarised(np.broadcast_to(means, (count, len(means))), rng)
