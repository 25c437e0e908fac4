"""The protocol of few labels: how wrong is a classifier that has seen N labels only?

    subset      N / classes images of each class, drawn at random. The subsets of fewer labels with
                the same number are parts of it.
    rows        x <- (x - mean) / scale: the given rows get the mean 0 and the mean |x|^2 = 1
    head        multinomial logistic regression of the given rows (`logistic_head`)
    decay       of DECAYS that with the smallest cross-entropy of labels left out, in a
                cross-validation of the N given labels with 3 folds of balanced classes
    error       share of the test rows for which the largest logit is that of another class

Only the N labels of the subset are read. Labels of other images have no influence on the head, not
even through its decay or the scale of the rows.
"""

from __future__ import annotations

import math

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.data.one_hot import one_hot
from minigan.evaluation.logistic_head import cross_entropy, fit_head
from minigan.layers import linear

DECAYS = (1e-1, 1e-2, 1e-3, 1e-4, 1e-5)  # from strong to weak: each fit starts at the last one
FOLDS = 3


def given_images(labels: Array, per_class: int, seed: int, subset: int) -> Array:
    """The indices (classes, per_class) of a subset: row c holds images of the c-th class.

    labels (N,): the label of every training image, of which each class has `per_class` at least.
    The first k columns are the subset with k images per class.
    """
    rng = draws.generator(seed, "labels/subset", subset)
    rows = [rng.permutation(np.flatnonzero(labels == one)) for one in np.unique(labels)]
    return np.stack([row[:per_class] for row in rows])


def head_error(given: Array, labels: Array, test: Array, test_labels: Array) -> tuple[float, float]:
    """(error, decay) of a head for given rows (classes, per_class, n), per_class >= 2.

    labels (classes,) are those of the given rows; test (T, n) and test_labels (T,).
    """
    mean = given.mean(axis=(0, 1), dtype=np.float64)
    rows = given - mean
    scale = math.sqrt(np.square(rows).sum(axis=2).mean()) or 1.0
    rows /= scale
    decay = choose_decay(rows)
    logits = _path_of_logits(rows, (test - mean) / scale, DECAYS[: DECAYS.index(decay) + 1])[-1]
    return float((labels[logits.argmax(axis=1)] != test_labels).mean()), decay


def choose_decay(rows: Array) -> float:
    """The decay with the smallest cross-entropy of left-out rows; rows (classes, per_class, n).

    Fold f leaves out the columns f, f + folds, ... of `rows`, so its classes are balanced.
    """
    classes, per_class, _ = rows.shape
    folds = min(FOLDS, per_class)
    total = np.zeros(len(DECAYS))
    for fold in range(folds):
        left_out = np.arange(per_class) % folds == fold
        rest, held = rows[:, ~left_out], rows[:, left_out]
        y = one_hot(np.repeat(np.arange(classes), held.shape[1]), classes)
        logits = _path_of_logits(rest, held.reshape(-1, rows.shape[2]), DECAYS)
        total += [float(cross_entropy(a, y)) * len(y) for a in logits]
    return DECAYS[int(total.argmin())]


def _path_of_logits(rows: Array, x: Array, decays: tuple[float, ...]) -> list[Array]:
    """The logits of x for a head of `rows` (classes, per_class, n) with each decay in turn."""
    classes, per_class, n = rows.shape
    y = one_hot(np.repeat(np.arange(classes), per_class), classes)
    theta, logits = None, []
    for decay in decays:
        theta = fit_head(rows.reshape(-1, n), y, decay, theta)
        logits.append(linear.forward(x, theta["W"], theta["b"]))
    return logits
