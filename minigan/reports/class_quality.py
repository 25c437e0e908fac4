"""The classes of a conditional run: which samples show their own class, and how varied they are.

Code of the numbers: `minigan.evaluation.classes`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from minigan.data.images import Images
from minigan.data.points import Points
from minigan.data.sets import DataSet
from minigan.errors import UserError
from minigan.evaluation.classes import ClassStatistics, class_statistics
from minigan.evaluation.classifier import train_classifier
from minigan.evaluation.modes import modes_of
from minigan.training.conditional.rows import classes_of, equal_classes
from minigan.training.relatives.loading import trains_a_relative
from minigan.training.sampling import load_sampler

PER_CLASS = 1000
HEADINGS = ("own class", "diversity")
LONGEST = 40  # characters of the name of a class in the table


@dataclass(frozen=True)
class ClassQuality:
    """The statistics of each class, and how samples were assigned to classes.

    `classifier_error` is that on held-out images; None for points, which need no classifier.
    """

    data: str
    rows: tuple[ClassStatistics, ...]
    classifier_error: float | None

    @property
    def own(self) -> float:
        """The share of all samples that show their own class."""
        return sum(row.own * row.count for row in self.rows) / sum(row.count for row in self.rows)

    @property
    def criterion(self) -> str:
        """How a sample is assigned to a class."""
        if self.classifier_error is None:
            return "within 3 standard deviations of the Gaussian (98.9 % of real points are)"
        error = f"{100 * self.classifier_error:.1f} %"
        return f"by a classifier that is wrong for {error} of held-out images"

    def to_json(self) -> dict[str, Any]:
        """All fields and `own` as a JSON object; a diversity that is not defined is null."""
        rows = [
            asdict(row) | ({"diversity": None} if math.isnan(row.diversity) else {})
            for row in self.rows
        ]
        return {**asdict(self), "rows": rows, "own": self.own}

    def __str__(self) -> str:
        """The table, at most 80 columns wide."""
        count = sum(row.count for row in self.rows)
        lines = [f"{'class':<{LONGEST}}" + "".join(f"{heading:>13}" for heading in HEADINGS)]
        for row in self.rows:
            texts = "".join(f"{text:>13}" for text in class_texts(row))
            lines.append(f"{row.name[:LONGEST]:<{LONGEST}}{texts}")
        total = f"{100 * self.own:.1f} %"
        lines += [f"{f'all, {count:,} samples':<{LONGEST}}{total:>13}", f"({self.criterion})"]
        return "\n".join(lines)


def class_texts(row: ClassStatistics) -> list[str]:
    """The two numbers of a class as texts; "-" for a number that is not defined."""
    diversity = "-" if math.isnan(row.diversity) else f"{row.diversity:.2f}"
    return [f"{100 * row.own:.1f} %", diversity]


def class_quality_of_run(
    path: Path,
    data: DataSet,
    which: str = "last",
    seed: int = 0,
    log: Callable[[str], None] = lambda message: None,
) -> ClassQuality | None:
    """The class statistics of a checkpoint, from 1,000 samples of each class.

    None if the run has no classes. `log` is called before each step. Raises UserError if the
    samples are not finite.
    """
    if trains_a_relative(path):
        return None
    sampler = load_sampler(path, which)
    if not sampler.classes:
        return None
    classes, train, held_out = classes_of(data), data.train, data.held_out
    count = PER_CLASS * len(classes)
    log(f"{count:,} samples")
    samples, c = sampler.samples(sampler.noise(count, seed)), equal_classes(count, len(classes))
    if not np.isfinite(samples).all():
        raise UserError(f"the samples of {path} are not finite: use another checkpoint")
    error = None
    if isinstance(train, Images) and isinstance(held_out, Images):
        log("a classifier")
        classifier = train_classifier(train, held_out)
        assigned, error = classifier.classes(samples), classifier.error
    elif isinstance(train, Points):
        assigned = modes_of(samples, train.mixture)
    else:
        raise UserError(f"{path} was trained on neither images nor points")
    log("the classes")
    rows = class_statistics(samples, c, assigned, classes.names, train, classes.labels)
    return ClassQuality(data.name, rows, error)
