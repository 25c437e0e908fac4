"""Detect the Helvetica scenario, or mode collapse: G maps many z to the same x (section 6).

At each save, these metrics are computed from 1,000 samples:

    modes, near          points: the number of modes found, and the fraction of samples near a mode
    modes_KL             points: the KL divergence of the masses of the modes from those of the data
    classes, rarest      labelled images: the number of classes found, and the fraction of the
                         rarest class, according to a classifier with the error rate
                         `classifier_error` on test images
    diversity            images: spread of the samples / spread of as many training images

A class is found if its fraction among the samples is at least a tenth of its fraction among the
test images, both according to the classifier. A class with a fraction below 0.01 among the test
images always counts as found, because a sample of 1,000 may miss it by chance.

G has collapsed if at most half of the modes or classes are found, or if the diversity is below
1/4. A G at the start of training also has samples that are all alike, so no warning is given while
training is warming up: before the 2,000th update of G and, for images, before epoch 10 is complete.
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
from minigan.evaluation.modes import mode_coverage
from minigan.evaluation.quality import N_SAMPLES
from minigan.training.recipes import AnyRecipe, Recipe

FIELDS = (
    *("modes", "near", "modes_KL", "classes", "rarest", "classifier_error"),
    *("diversity", "collapsed"),
)
LEAST, TOO_RARE = 0.1, 0.01  # relative to the fraction among real images; fraction of real images
HALF, QUARTER = 1 / 2, 1 / 4
UPDATES, EPOCHS = 2000, 10  # warming up: updates of G, and epochs of D on images

_trained: dict[tuple[str, bytes], Classifier] = {}  # by content, shared by the runs of a process


@dataclass(frozen=True)
class Watch:
    """Computes the metrics and the warnings for one run.

    The classifier and the spread of the data are computed when they are first needed.
    """

    recipe: AnyRecipe
    data: DataSet

    def measured(self, samples: Array) -> dict[str, float]:
        """The metrics that apply to this data set, from finite samples (N, n) with N >= 2."""
        if isinstance(self.data.train, Points):
            found = mode_coverage(samples, self.data.train.mixture)
            metrics: dict[str, float] = {"modes": found.found, "near": found.near}
            return metrics | ({"modes_KL": found.KL} if found.near else {})
        metrics = {}
        if self.classifier is not None:
            labels, real = self.classifier.classes(samples), np.array(self.classifier.shares)
            shares = np.bincount(labels, minlength=len(real)) / len(samples)
            metrics["classes"] = int(((shares >= LEAST * real) | (real < TOO_RARE)).sum())
            metrics["rarest"] = float(shares.min())
            metrics["classifier_error"] = self.classifier.error
        count, real_spread = self._real
        if real_spread:
            metrics["diversity"] = spread(samples[:count]) / real_spread
        return metrics

    def warning(self, t: int, seen: Mapping[str, float]) -> str | None:
        """The warning after t iterations if G has collapsed: the metrics and what to do."""
        reason = None if self.warming_up(t) else collapsed(seen, self.kinds)
        if reason is None or not isinstance(self.recipe, Recipe):
            return None
        return (
            f"after {t} iterations, {reason}: this is the Helvetica scenario (mode collapse), "
            f"where G maps too many z to the same x; {advice(self.recipe)}"
        )

    def warming_up(self, t: int) -> bool:
        """Whether G and D have been trained too little for a warning; True if there is no G."""
        if not isinstance(self.recipe, Recipe):
            return True
        training = self.recipe.training
        epochs = t * training.k * training.m / len(self.data.train)
        images = isinstance(self.data.train, Images)  # the size of an epoch of points is arbitrary
        return t * training.g_steps < UPDATES or (images and epochs < EPOCHS)

    @cached_property
    def kinds(self) -> int:
        """The number of modes or classes of the data; 0 for images without labels."""
        if isinstance(self.data.train, Points):
            return len(self.data.train.mixture.means)
        return 0 if self.classifier is None else self.classifier.network.outputs

    @cached_property
    def classifier(self) -> Classifier | None:
        """A classifier trained on the training images; None if there is only one label."""
        train, test = self.data.train, self.data.held_out
        if not (isinstance(train, Images) and isinstance(test, Images)) or train.labels.max() == 0:
            return None
        key = self.data.digest, train.labels.tobytes()
        if key not in _trained:
            _trained.clear()
            _trained[key] = classifier.train_classifier(train, test)
        return _trained[key]

    @cached_property
    def _real(self) -> tuple[int, float]:
        """The number of training images to compare samples with, and their spread."""
        indices = draws.generator(0, "collapse/real", 0).permutation(len(self.data.train))[
            :N_SAMPLES
        ]
        return len(indices), spread(self.data.train.gather(indices))


def collapsed(seen: Mapping[str, float], kinds: int) -> str | None:
    """The metrics that show a collapse, as part of a sentence; None if there is no collapse.

    `seen` holds the metrics of `Watch.measured`, `kinds` the number of modes or classes.
    """
    reasons = []
    if "modes" in seen and seen["modes"] <= HALF * kinds:
        near = f"{100 * seen['near']:.1f} % of the samples are near a mode"
        reasons.append(f"the samples reach {seen['modes']} of {kinds} modes ({near})")
    if "classes" in seen and seen["classes"] <= HALF * kinds:
        error = f"error rate {100 * seen['classifier_error']:.1f} % on held-out images"
        reasons.append(
            f"the samples show {seen['classes']} of {kinds} classes (by a classifier with {error})"
        )
    if "diversity" in seen and seen["diversity"] < QUARTER:
        reasons.append(f"the samples are {seen['diversity']:.2f} times as varied as real images")
    return " and ".join(reasons) or None


def advice(recipe: Recipe) -> str:
    """What to change in the recipe: more steps on D, fewer steps on G, or a lower rate."""
    training, rate = recipe.training, recipe.optimizer.rate
    more = f"training.k={training.k + 1}"
    if training.schedule == "simultaneous":
        more = "training.schedule=algorithm1 --set training.k=2"
    changes = [f"more steps on D (--set {more})"]
    if training.g_steps > 1:
        changes.append("fewer steps on G (--set training.g_steps=1)")
    changes.append(f"a lower learning rate (--set optimizer.rate={rate / 2:g})")
    return f"start a new run with {', '.join(changes[:-1])} or {changes[-1]}"
