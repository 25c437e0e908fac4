"""A small classifier of minigan's own layers: which class does an image, or a sample, belong to?

    a = max(0, x W1 + b1) W2 + b2                       one logit per class
    J = 1/m sum_i sum_c [ softplus(a_ic) - y_ic a_ic ]  descended with momentum
    dJ/da_ic = (sigma(a_ic) - y_ic) / m                 y_ic = 1 where image i is of class c, else 0

sigma(a_c) is the probability of class c, as D = sigma(a) is that of "data": J is the sum of one
logistic cost per class, log D and log(1 - D) of the objectives. The answer is the class with the
largest logit.

The classifier is made to count the classes among samples. It has draws of its own, so that it
is the same in every run, whatever the run's seed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minigan import draws, objectives
from minigan.arrays import Array
from minigan.data.images import Images
from minigan.layers import Linear, ReLU, sigmoid
from minigan.network import Network
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant, ExponentialDecay

HIDDEN = 128  # ReLU units
M = 100  # images per minibatch, or as many as there are
EPOCHS, UPDATES = 40, 3000  # whichever comes first
PIXELS = 784  # of images with more there are fewer updates, so that they take no longer
RATE, RATE_AT_THE_END, MOMENTUM = 0.1, 0.005, 0.9
ROWS_AT_A_TIME = 1000


@dataclass(frozen=True)
class Classifier:
    """A trained classifier, and what it says of test images, which it never saw.

    `error` is the share of wrong answers, `shares` (classes,) that of each class among them.
    """

    network: Network
    theta: Parameters
    error: float = math.nan
    shares: tuple[float, ...] = ()

    def classes(self, x: Array) -> Array:
        """The class (N,) of each of x (N, n) float32 in [0, 1]; the first one at a tie."""
        answers: Array = self.network.forward(self.theta, x).y.argmax(axis=1)
        return answers


def cost(a: Array, y: Array) -> Any:
    """J in nats of logits a (m, classes), y (m, classes) of zeros and ones."""
    return (objectives.softplus(a) - y * a).sum() / len(a)


def cost_gradient(a: Array, y: Array) -> Array:
    """dJ/da = (sigma(a) - y) / m, shape (m, classes)."""
    da = sigmoid.forward(a)
    da -= y
    da /= len(a)
    return da


def network_of(n: int, classes: int) -> Network:
    """n numbers -> ReLU units -> one logit per class.

    W uniform on (-sqrt(6 / inputs), sqrt(6 / inputs)) has the variance 2 / inputs, with which
    ReLU units keep the size of what goes through them.
    """
    layers = (Linear(HIDDEN, math.sqrt(6 / n)), ReLU(), Linear(classes, math.sqrt(6 / HIDDEN)))
    return Network(n, layers)


def train_classifier(images: Images, test: Images) -> Classifier:
    """The classifier of labelled images, for the classes 0 to their largest label.

    Takes some seconds for MNIST on one core, a fifth of a second for 8 x 8 digits. Goes through
    the images in a new random order each epoch.
    """
    n, N, m = images.pixels.shape[1], len(images), min(M, len(images))
    y = np.eye(int(images.labels.max()) + 1, dtype=np.float32)
    network = network_of(n, len(y))
    theta, dtheta, trace = network.initial(0, "classifier"), network.zeros(), network.trace(m)
    updates = min(EPOCHS * (N // m), math.ceil(UPDATES * min(1, PIXELS / n)))
    divisor = (RATE / RATE_AT_THE_END) ** (1 / updates)
    player = Momentum(theta, ExponentialDecay(RATE, divisor), Constant(MOMENTUM))
    for t in range(updates):
        epoch, batch = divmod(t, N // m)
        if batch == 0:
            order = draws.generator(0, "classifier/epoch", epoch).permutation(N)
        indices = order[batch * m : (batch + 1) * m]
        network.forward(theta, images.gather(indices), trace=trace)
        da = cost_gradient(trace.y, y[images.labels[indices]])
        network.backward(trace, da, inputs=False, out=dtheta)
        player.descend(dtheta)
    classifier = Classifier(network, theta)
    blocks = [test[i : i + ROWS_AT_A_TIME] for i in range(0, len(test), ROWS_AT_A_TIME)]
    answers = np.concatenate([classifier.classes(block.all()) for block in blocks])
    error = float((answers != test.labels).mean())
    shares = np.bincount(answers, minlength=len(y)) / len(test)
    return replace(classifier, error=error, shares=tuple(shares.tolist()))
