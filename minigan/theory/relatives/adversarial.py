"""Adversarial examples: small changes of x that change a classifier's answer, and ascent of D(x).

    x' = x + epsilon sign(dJ/dx)              J: the cross-entropy of the classifier at (x, label)
    x <- clip(x + rate da/dx, 0, 1)           a: D's logit; the ascent begins at noise

The first is the largest increase of J within |x' - x| <= epsilon in each pixel, if J is linear in x
(Goodfellow et al. 2015, arXiv 1412.6572). Both use the input gradient of a network that is held
fixed, as the G step uses that of D, but no G learns from it.

The classifier has maxout layers with dropout, as D of the published MNIST configuration has.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.data.images import Images
from minigan.evaluation.logistic_head import cross_entropy_gradient
from minigan.evaluation.nearest import nearest
from minigan.layers import Dropout, Linear, Maxout, sigmoid
from minigan.network import Network
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant, ExponentialDecay

M, RATE, RATE_AT_THE_END, MOMENTUM = 100, 0.1, 0.005, 0.7


@dataclass(frozen=True)
class Answers:
    """A classifier's answers to N images: the share of errors, and the mean confidence in them.

    The confidence is the largest probability; `confidence_in_errors` is its mean over the wrong
    answers, NaN if there are none.
    """

    error: float
    confidence_in_errors: float


@dataclass(frozen=True)
class Ascent:
    """The result of an ascent of D: images x (N, n), D at noise and at x, and distances.

    `distance` is the mean distance of x to its nearest training image, `distance_of_images` that
    of held-out images.
    """

    x: Array
    D_of_noise: float
    D: float
    distance: float
    distance_of_images: float


def maxout_classifier(n: int, classes: int, units: int = 240, pieces: int = 5) -> Network:
    """n pixels -> two maxout layers -> one logit per class, with dropout before each layer."""
    layers = []
    for inputs, keep in ((n, 0.8), (units, 0.5)):
        spread = math.sqrt(3 / inputs)
        layers += [Dropout(keep), Linear(units * pieces, spread), Maxout(units, pieces)]
    return Network(n, (*layers, Dropout(0.5), Linear(classes, math.sqrt(3 / units))))


def train_maxout(network: Network, images: Images, updates: int, seed: int) -> Parameters:
    """theta after `updates` steps of momentum on the cross-entropy of labelled images."""
    theta, dtheta = network.initial(seed, "maxout classifier"), network.zeros()
    y = np.eye(network.outputs, dtype=np.float32)
    divisor = (RATE / RATE_AT_THE_END) ** (1 / updates)
    player = Momentum(theta, ExponentialDecay(RATE, divisor), Constant(MOMENTUM))
    for t in range(updates):
        rows = draws.generator(seed, "maxout classifier/data", t).integers(len(images), size=M)
        masks = [
            draws.mask(seed, f"maxout classifier/mask/{i}", t, (M, width), keep)
            for i, (width, keep) in enumerate(network.mask_sizes)
        ]
        trace = network.forward(theta, images.gather(rows), masks)
        da = cross_entropy_gradient(trace.y, y[images.labels[rows]])
        network.backward(trace, da, inputs=False, out=dtheta)
        player.descend(dtheta)
    return theta


def loss_gradient_in_x(network: Network, theta: Parameters, x: Array, labels: Array) -> Array:
    """dJ_i/dx_i (N, n), where J_i is the cross-entropy of row i, without dropout."""
    trace = network.forward(theta, x)
    y = np.eye(network.outputs, dtype=x.dtype)[labels]
    da = len(x) * cross_entropy_gradient(trace.y, y)  # that function has the mean over rows
    return network.backward(trace, da, params=False)[1]


def adversarial_examples(
    network: Network, theta: Parameters, x: Array, labels: Array, epsilon: float
) -> Array:
    """x' = x + epsilon sign(dJ/dx) (N, n)."""
    sign = np.sign(loss_gradient_in_x(network, theta, x, labels))
    changed: Array = x + x.dtype.type(epsilon) * sign
    return changed


def answers(network: Network, theta: Parameters, x: Array, labels: Array) -> Answers:
    """What the classifier answers to x (N, n) with these labels."""
    a = network.forward(theta, x).y.astype(np.float64)
    p = np.exp(a - a.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    wrong = p.argmax(axis=1) != labels
    confidence = float(p.max(axis=1)[wrong].mean()) if wrong.any() else math.nan
    return Answers(float(wrong.mean()), confidence)


def ascend_D(
    D: Network,
    theta_d: Parameters,
    train: Array,
    held_out: Array,
    count: int,
    steps: int,
    rate: float,
    seed: int = 0,
) -> Ascent:
    """Ascends D's logit from `count` images of uniform noise, within the range of pixels."""
    noise = draws.generator(seed, "ascent", 0).random((count, D.inputs), dtype=np.float32)
    x = noise.copy()
    ones = np.ones((count, 1), dtype=np.float32)
    for _ in range(steps):
        _, dx = D.backward(D.forward(theta_d, x), ones, params=False)
        x = np.clip(x + np.float32(rate) * dx, 0, 1)

    def mean_D(x: Array) -> float:
        return float(sigmoid.forward(D.forward(theta_d, x).y).mean())

    distances = (float(nearest(rows, train)[0].mean()) for rows in (x, held_out))
    return Ascent(x, mean_D(noise), mean_D(x), *distances)
