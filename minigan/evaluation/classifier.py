"""A small image classifier, used to count the classes that occur among the samples.

    a = max(0, x W1 + b1) W2 + b2                       one logit per class
    J = 1/m sum_i sum_c [ softplus(a_ic) - y_ic a_ic ]  minimised with momentum
    dJ/da_ic = (sigma(a_ic) - y_ic) / m                 y_ic = 1 where image i is of class c, else 0

sigma(a_c) is the estimated probability of class c, in the same way as D = sigma(a) is the
probability that x is data. J is a sum of one logistic loss per class. The predicted class is the
one with the largest logit.

The classifier uses minigan's own layers. Its random streams have the fixed seed 0, so it does not
depend on the seed of the training run.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from minigan import draws, objectives
from minigan.arrays import Array
from minigan.data.images import Images
from minigan.data.one_hot import one_hot
from minigan.layers import Linear, ReLU, sigmoid
from minigan.network import Network
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant, ExponentialDecay

HIDDEN = 128  # ReLU units
M = 100  # images per minibatch, or all images if there are fewer
EPOCHS, UPDATES = 40, 3000  # training ends at the limit that is reached first
PIXELS = 784  # for larger images UPDATES is reduced in proportion, so that the time is bounded
RATE, RATE_AT_THE_END, MOMENTUM = 0.1, 0.005, 0.9
ROWS_AT_A_TIME = 1000


@dataclass(frozen=True)
class Classifier:
    """A trained classifier and its results on the test images, which were not used for training.

    `error` is the fraction of test images that are classified wrongly. `shares` (classes,) holds
    the fraction of test images that are assigned to each class.
    """

    network: Network
    theta: Parameters
    error: float = math.nan
    shares: tuple[float, ...] = ()

    def classes(self, x: Array) -> Array:
        """The predicted class (N,) of each row of x (N, n), float32 in [0, 1].

        If two logits are equal, the lower class number is returned.
        """
        predicted: Array = self.network.forward(self.theta, x).y.argmax(axis=1)
        return predicted


def cost(a: Array, y: Array) -> Any:
    """J in nats, for logits a (m, classes) and labels y (m, classes) of zeros and ones."""
    return (objectives.softplus(a) - y * a).sum() / len(a)


def cost_gradient(a: Array, y: Array) -> Array:
    """dJ/da = (sigma(a) - y) / m, of shape (m, classes)."""
    da = sigmoid.forward(a)
    da -= y
    da /= len(a)
    return da


def network_of(n: int, classes: int) -> Network:
    """The network n pixels -> HIDDEN ReLU units -> one logit per class.

    W is uniform on (-sqrt(6 / inputs), sqrt(6 / inputs)). Its variance is 2 / inputs, which keeps
    the scale of the activations constant through ReLU layers (He initialisation).
    """
    layers = (Linear(HIDDEN, math.sqrt(6 / n)), ReLU(), Linear(classes, math.sqrt(6 / HIDDEN)))
    return Network(n, layers)


def train_classifier(images: Images, test: Images) -> Classifier:
    """Trains a classifier on labelled images and evaluates it on `test`.

    The classes are 0 to the largest label. Each epoch uses a new random order of the images.
    Training takes a few seconds for MNIST on one core, and 0.2 seconds for 8 x 8 digits.
    """
    n, N, m = images.pixels.shape[1], len(images), min(M, len(images))
    classes = int(images.labels.max()) + 1
    y, network = one_hot(images.labels, classes), network_of(n, classes)
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
        da = cost_gradient(trace.y, y[indices])
        network.backward(trace, da, inputs=False, out=dtheta)
        player.descend(dtheta)
    classifier = Classifier(network, theta)
    blocks = [test[i : i + ROWS_AT_A_TIME] for i in range(0, len(test), ROWS_AT_A_TIME)]
    predicted = np.concatenate([classifier.classes(block.all()) for block in blocks])
    error = float((predicted != test.labels).mean())
    shares = np.bincount(predicted, minlength=classes) / len(test)
    return replace(classifier, error=error, shares=tuple(shares.tolist()))
