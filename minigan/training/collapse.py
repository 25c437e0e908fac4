"""The Helvetica scenario, or mode collapse: G maps too many z to the same x (section 6).

It is measured of 1,000 samples at each save:

    modes, near          points: how many modes they reach, which share lies near one
    classes, rarest      labelled images: how many classes occur, and the smallest share of one,
                         as a classifier sees them that is wrong on the share `classifier_error`
                         of test images
    diversity            images: the spread of samples / the spread of as many training images

A class occurs where its share is at least a tenth of what the same classifier finds among test
images. (One that has fewer than ten in a thousand there is too rare for its absence to say much.)

Collapsed: at most half of the modes or classes, or a diversity below 1/4. Of a G in its infancy,
whose samples are all alike as well, nothing is said: before its 2,000th update, and of images
before D has seen each ten times.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.data.images import Images
from minigan.data.points import Points
from minigan.data.sets import DataSet
from minigan.evaluation import classifier
from minigan.evaluation.classifier import Classifier
from minigan.evaluation.diversity import spread
from minigan.evaluation.modes import covered
from minigan.evaluation.quality import N_SAMPLES
from minigan.training.recipes import Recipe

FIELDS = ("modes", "near", "classes", "rarest", "classifier_error", "diversity", "collapsed")
LEAST, TOO_RARE = 0.1, 0.01  # of the share among real images; of all real images
HALF, QUARTER = 1 / 2, 1 / 4
UPDATES, EPOCHS = 2000, 10  # of G, and of D on images: its infancy

Seen = Mapping[str, float]  # some of FIELDS, as they stand in the log

_trained: dict[tuple[str, bytes], Classifier] = {}  # by content: runs of one process share it


@dataclass(frozen=True)
class Watch:
    """Over the samples of a recipe's game; what it needs of the data is made when it is needed."""

    recipe: Recipe
    data: DataSet

    def measured(self, samples: Array) -> dict[str, float]:
        """The fields that this kind of data has, of finite samples (N, n), N >= 2."""
        if isinstance(self.data.train, Points):
            found = covered(samples, self.data.train.mixture)
            return {"modes": found.found, "near": found.near}
        seen = dict[str, float]()
        if self.classifier is not None:
            answers, of_real = self.classifier.classes(samples), np.array(self.classifier.shares)
            shares = np.bincount(answers, minlength=len(of_real)) / len(samples)
            seen["classes"] = int(((shares >= LEAST * of_real) | (of_real < TOO_RARE)).sum())
            seen["rarest"] = float(shares.min())
            seen["classifier_error"] = self.classifier.error
        count, spread_of_real = self._real
        if spread_of_real:
            seen["diversity"] = spread(samples[:count]) / spread_of_real
        return seen

    def warning(self, t: int, seen: Seen) -> str | None:
        """What was seen of the state after t iterations and what to do, if G has collapsed."""
        what = None if self.warming_up(t) else collapsed(seen, self.kinds)
        if what is None:
            return None
        return (
            f"after {t} iterations {what}: the Helvetica scenario (mode collapse), where G maps "
            f"too many z to the same x; {advice(self.recipe)}"
        )

    def warming_up(self, t: int) -> bool:
        """Whether G and D have played too little after t iterations for a warning."""
        training = self.recipe.training
        epochs = t * training.k * training.m / len(self.data.train)
        images = isinstance(self.data.train, Images)  # of points an epoch is any number
        return t * training.g_steps < UPDATES or (images and epochs < EPOCHS)

    @cached_property
    def kinds(self) -> int:
        """How many modes or classes the data has; 0 of pictures without labels."""
        if isinstance(self.data.train, Points):
            return len(self.data.train.mixture.means)
        return 0 if self.classifier is None else self.classifier.network.outputs

    @cached_property
    def classifier(self) -> Classifier | None:
        """That of the training images, or None where they have one label alone."""
        train, test = self.data.train, self.data.test
        if not (isinstance(train, Images) and isinstance(test, Images)) or train.labels.max() == 0:
            return None
        key = self.data.digest, train.labels.tobytes()
        if key not in _trained:
            _trained.clear()
            _trained[key] = classifier.train_classifier(train, test)
        return _trained[key]

    @cached_property
    def _real(self) -> tuple[int, float]:
        """How many training images are compared with samples, and their spread."""
        indices = draws.generator(0, "collapse/real", 0).permutation(len(self.data.train))[
            :N_SAMPLES
        ]
        return len(indices), spread(self.data.train.gather(indices))


def collapsed(seen: Seen, kinds: int) -> str | None:
    """What was seen that is a collapse, in half a sentence; None where it is none.

    `seen` holds what was `measured`, `kinds` the number of modes or classes of the data.
    """
    words = []
    if "modes" in seen and seen["modes"] <= HALF * kinds:
        near = f"{100 * seen['near']:.1f} % of them lie near one"
        words += [f"the samples reach {seen['modes']} of {kinds} modes ({near})"]
    if "classes" in seen and seen["classes"] <= HALF * kinds:
        wrong = f"wrong on {100 * seen['classifier_error']:.1f} % of test images"
        words += [
            f"the samples show {seen['classes']} of {kinds} classes (by a classifier {wrong})"
        ]
    if "diversity" in seen and seen["diversity"] < QUARTER:
        words += [f"the samples are {seen['diversity']:.2f} times as varied as real images"]
    return " and ".join(words) or None


def advice(recipe: Recipe) -> str:
    """What to change in the recipe: more steps on D, fewer on G, or a lower rate."""
    training, rate = recipe.training, recipe.optimizer.rate
    more = f"training.k={training.k + 1}"
    if training.schedule == "simultaneous":
        more = "training.schedule=algorithm1 --set training.k=2"
    words = [f"more steps on D (--set {more})"]
    if training.g_steps > 1:
        words += ["fewer on G (--set training.g_steps=1)"]
    words += [f"a lower rate (--set optimizer.rate={rate / 2:g})"]
    return f"begin again with {', '.join(words[:-1])} or {words[-1]}"
