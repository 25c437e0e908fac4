"""The quality statistics of samples, and the metric that selects a checkpoint."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.data import digits, sets
from minigan.evaluation import quality
from minigan.evaluation.modes import mode_coverage
from minigan.evaluation.nearest import neighbour_statistics


def slow_distance(samples, examples):
    return np.mean([min(np.linalg.norm(x - s) for s in samples) for x in examples])


def test_the_distance_is_that_of_the_slow_loop():
    data = sets.load("digits")
    samples = np.random.default_rng(1).random((7, 64))
    value = quality.validation_distance(samples, data)
    assert value == pytest.approx(slow_distance(samples, data.validation.all()), rel=1e-6)


def test_only_the_first_N_SAMPLES_validation_examples_are_used(monkeypatch):
    data = sets.load("digits")
    samples = data.train.all()[:50]
    monkeypatch.setattr(quality, "N_SAMPLES", 20)
    value = quality.validation_distance(samples, data)
    expected = slow_distance(samples, data.validation.all()[:20])
    assert value == pytest.approx(expected, rel=1e-6)


def test_missing_classes_and_noise_both_increase_the_distance():
    data = sets.load("digits")
    train = data.train
    good = quality.validation_distance(train.all()[:300], data)
    only_ones = quality.validation_distance(train.all()[train.labels == 1][:100], data)
    noisy = train.all()[:300] + np.random.default_rng(1).normal(0, 0.2, (300, 64))
    assert good < quality.validation_distance(noisy, data)
    assert good < only_ones


def test_images_are_assessed_by_their_neighbours_and_points_by_their_modes():
    data = sets.load("digits")
    samples = np.random.default_rng(1).random((50, 64))
    expected = neighbour_statistics(samples, digits.load("train"), digits.load("test"))
    assert quality.assess_samples(samples, data) == expected
    ring = sets.load("ring")
    x = ring.test.all()[:500]
    assert quality.assess_samples(x, ring) == mode_coverage(x, ring.train.mixture)
