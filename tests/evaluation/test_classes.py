"""own(c) and diversity(c) of samples whose classes and distances are known."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from minigan.data.images import Images
from minigan.evaluation.classes import ClassStatistics, class_statistics

# Real examples: class 0 at distances 2, class 1 at distances 1, and class 2 only once.
REAL = np.array([0, 2, 4, 100, 101, 102, 200], dtype=np.uint8)[:, None]
LABELS = np.array([0, 0, 0, 1, 1, 1, 2])
TRAIN = Images(REAL, LABELS, 1, 1, 1)
NAMES = ("low", "middle", "high")


def test_own_is_the_share_of_the_own_class_and_diversity_the_ratio_of_spreads() -> None:
    samples = np.array([0, 1, 2, 1, 100, 100, 200, 200], dtype=np.float32)[:, None]
    c = np.array([0, 0, 0, 0, 1, 1, 2, 2])
    assigned = np.array([0, 0, 0, 1, 1, 1, 1, -1])
    low, middle, high = class_statistics(samples, c, assigned, NAMES, TRAIN, LABELS)
    assert low == ClassStatistics("low", 4, 3 / 4, 1 / 2)  # three samples, as many as real ones
    assert middle == ClassStatistics("middle", 2, 1.0, 0.0)  # two equal samples
    assert (high.name, high.count, high.own) == ("high", 2, 0.0)
    assert math.isnan(high.diversity)
    with pytest.raises(FrozenInstanceError):
        low.own = 1.0  # type: ignore[misc]


def test_the_real_examples_are_as_many_as_the_samples() -> None:
    train = Images(np.array([[0], [9], [9], [9]], np.uint8), np.zeros(4, int), 1, 1, 1)
    samples = np.array([[0], [18]], np.float32)
    (one,) = class_statistics(samples, np.zeros(2), np.zeros(2), ("all",), train, train.labels)
    assert one.diversity == pytest.approx(2)  # all four real examples have the spread 0


def test_equal_real_examples_have_no_diversity() -> None:
    train = Images(np.full((3, 1), 7, np.uint8), np.zeros(3, int), 1, 1, 1)
    samples = np.array([[0], [18]], np.float32)
    (one,) = class_statistics(samples, np.zeros(2), np.zeros(2), ("all",), train, train.labels)
    assert math.isnan(one.diversity)
