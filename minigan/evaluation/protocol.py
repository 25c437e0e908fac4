"""The paper's protocol around the Parzen-window estimate: which sigma, which images, what error.

    sigma   = argmax over logspace(-1, 0, 10) of the mean log p of the first 1,000 validation images
    LL      = mean over the test images of log p, with that sigma             nats
    error   = standard deviation over the test images / sqrt(their number)

The error is that of the test images alone: other samples, another sigma or another training run
would add to it. On TFD the protocol has five folds: sigma on a whole validation fold, LL on that
fold's test images, and the five LLs are averaged.
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
FINER = 21  # sigmas of `refined`, from one neighbour of the best to the other
VALIDATION = 1_000
SAMPLES = 10_000


@dataclass(frozen=True)
class Choice:
    """A sigma and how it was chosen: the mean LL of the validation images at each sigma tried."""

    sigma: float
    sigmas: tuple[float, ...]
    means: tuple[float, ...]

    @property
    def LL(self) -> float:
        """The mean LL of the validation images at the chosen sigma, in nats."""
        return self.means[self.sigmas.index(self.sigma)]

    @property
    def at_edge(self) -> bool:
        """True where the best sigma is the first or the last: a better one may lie beyond."""
        return self.sigma in (self.sigmas[0], self.sigmas[-1])


@dataclass(frozen=True)
class Score:
    """LL and its standard error in nats, for N samples and `tests` test images in d dimensions."""

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
    """x (M, d): the first M = 1,000 validation examples, which choose sigma, or as many as are."""
    return validation.gather(np.arange(min(VALIDATION, len(validation))))


def choose(samples: SampleRows, validation: Array, sigmas: Array = GRID, **how: Any) -> Choice:
    """The sigma under which the validation images (M, d) are likeliest; the smallest at a tie."""
    means = log_likelihoods(validation, samples, sigmas, **how).mean(axis=1)
    best = int(np.argmax(means))
    return Choice(float(sigmas[best]), tuple(map(float, sigmas)), tuple(map(float, means)))


def finer(choice: Choice) -> Array:
    """FINER sigmas between the neighbours of the chosen one, the chosen one among them."""
    place = choice.sigmas.index(choice.sigma)
    below = choice.sigmas[max(0, place - 1)]
    above = choice.sigmas[min(len(choice.sigmas) - 1, place + 1)]
    ratios = (
        np.geomspace(below, choice.sigma, FINER // 2 + 1),
        np.geomspace(choice.sigma, above, FINER // 2 + 1),
    )
    return np.unique(np.concatenate(ratios))


def score(samples: SampleRows, test: Array, choice: Choice, **how: Any) -> Score:
    """LL of the test images (T, d) under the samples (N, d), with the chosen sigma."""
    each = log_likelihoods(test, samples, np.array([choice.sigma]), **how)[0]
    error = float(each.std()) / math.sqrt(len(each))
    return Score(float(each.mean()), error, choice, len(samples), len(test), samples.shape[1])


@dataclass(frozen=True)
class Folds:
    """The mean LL over folds, and the standard error of that mean, from their spread."""

    folds: tuple[Score, ...]

    @property
    def LL(self) -> float:
        """The mean over the folds, in nats."""
        return float(np.mean([fold.LL for fold in self.folds]))

    @property
    def error(self) -> float:
        """Standard deviation over the folds / sqrt(their number), in nats."""
        return float(np.std([fold.LL for fold in self.folds])) / math.sqrt(len(self.folds))


def over_folds(
    samples_of: Callable[[int], Array], folds: Sequence[tuple[Array, Array]], **how: Any
) -> Folds:
    """TFD's protocol: for each fold (validation, test), the samples of the G trained on it."""
    scores = []
    for number, (validation, test) in enumerate(folds):
        samples = samples_of(number)
        scores.append(score(samples, test, choose(samples, validation, **how), **how))
    return Folds(tuple(scores))
