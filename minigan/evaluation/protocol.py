"""The paper's evaluation protocol for the Parzen-window estimate.

    sigma   = argmax over logspace(-1, 0, 10) of the mean log p of the first 1,000 validation images
    LL      = mean over the test images of log p, with that sigma             nats
    error   = standard deviation of log p over the test images / sqrt(number of test images)

The error covers the choice of the test images only. It does not include the variation between sets
of samples, choices of sigma or training runs.

For TFD the protocol has five folds. In each fold, sigma is chosen on all its validation images and
LL is computed on its test images. The result is the mean of the five LLs.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.draws.minibatches import Examples
from minigan.evaluation.parzen import SampleRows, log_likelihoods

GRID: Array = np.logspace(-1, 0, 10)
FINER = 21  # number of sigmas in `finer`, from one neighbour of the best sigma to the other
VALIDATION = 1_000
SAMPLES = 10_000


@dataclass(frozen=True)
class Choice:
    """The chosen sigma, and the mean LL of the validation images (`means`) at each of `sigmas`."""

    sigma: float
    sigmas: tuple[float, ...]
    means: tuple[float, ...]

    @property
    def LL(self) -> float:
        """The mean LL of the validation images at the chosen sigma, in nats."""
        return self.means[self.sigmas.index(self.sigma)]

    @property
    def at_edge(self) -> bool:
        """True if the best sigma is the first or last of the grid, so a better one may exist."""
        return self.sigma in (self.sigmas[0], self.sigmas[-1])


@dataclass(frozen=True)
class Score:
    """LL and its standard error in nats, for N samples and `tests` test images in d dimensions.

    `choice` is the choice of sigma.
    """

    LL: float
    error: float
    choice: Choice
    N: int
    tests: int
    d: int

    @property
    def bits(self) -> float:
        """LL in bits."""
        return self.LL / math.log(2)

    @property
    def per_dimension(self) -> float:
        """LL in nats per dimension."""
        return self.LL / self.d


def validation_images(validation: Examples) -> Array:
    """x (M, d): the first 1,000 validation examples, or all of them if there are fewer."""
    return validation.gather(np.arange(min(VALIDATION, len(validation))))


def choose(samples: SampleRows, validation: Array, sigmas: Array = GRID, **options: Any) -> Choice:
    """Chooses the sigma with the highest mean LL of the validation images (M, d).

    At a tie the smallest sigma is chosen. `options` are passed to `log_likelihoods`.
    """
    means = log_likelihoods(validation, samples, sigmas, **options).mean(axis=1)
    best = int(np.argmax(means))
    return Choice(float(sigmas[best]), tuple(map(float, sigmas)), tuple(map(float, means)))


def finer(choice: Choice) -> Array:
    """A grid of FINER sigmas between the neighbours of the chosen sigma, which it contains.

    At an edge of the grid the chosen sigma has one neighbour, and the finer grid is half as long.
    """
    index = choice.sigmas.index(choice.sigma)
    below = choice.sigmas[max(0, index - 1)]
    above = choice.sigmas[min(len(choice.sigmas) - 1, index + 1)]
    ratios = (
        np.geomspace(below, choice.sigma, FINER // 2 + 1),
        np.geomspace(choice.sigma, above, FINER // 2 + 1),
    )
    return np.unique(np.concatenate(ratios))


def score(samples: SampleRows, test: Array, choice: Choice, **options: Any) -> Score:
    """LL of the test images (T, d) under the samples (N, d), with the chosen sigma.

    `options` are passed to `log_likelihoods`.
    """
    each = log_likelihoods(test, samples, np.array([choice.sigma]), **options)[0]
    error = float(each.std()) / math.sqrt(len(each))
    return Score(float(each.mean()), error, choice, len(samples), len(test), samples.shape[1])


@dataclass(frozen=True)
class Folds:
    """The scores of the folds, with their mean LL and its standard error."""

    folds: tuple[Score, ...]

    @property
    def LL(self) -> float:
        """The mean LL over the folds, in nats."""
        return float(np.mean([fold.LL for fold in self.folds]))

    @property
    def error(self) -> float:
        """Standard deviation of LL over the folds / sqrt(number of folds), in nats."""
        return float(np.std([fold.LL for fold in self.folds])) / math.sqrt(len(self.folds))


def over_folds(
    samples_of: Callable[[int], SampleRows],
    folds: Sequence[tuple[Array, Array]],
    sigmas: Array = GRID,
    **options: Any,
) -> Folds:
    """The TFD protocol for a list of folds (validation, test).

    samples_of(i) returns samples of the G that was trained on fold i. `options` are passed to
    `log_likelihoods`.
    """
    scores = []
    for number, (validation, test) in enumerate(folds):
        samples = samples_of(number)
        choice = choose(samples, validation, sigmas, **options)
        scores.append(score(samples, test, choice, **options))
    return Folds(tuple(scores))
