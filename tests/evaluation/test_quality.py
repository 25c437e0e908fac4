"""The quality statistics of samples, and the metric that selects a checkpoint."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logsumexp

from minigan.data import digits, sets
from minigan.data.sets import DataSet
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


def test_the_first_training_and_test_images_are_compared(monkeypatch):
    monkeypatch.setattr(quality, "NEIGHBOURS", 5)
    monkeypatch.setattr(quality, "N_SAMPLES", 3)
    data = sets.load("digits")
    samples = np.random.default_rng(1).random((50, 64))
    expected = neighbour_statistics(samples, data.train[:5], data.test[:3])
    assert quality.assess_samples(samples, data) == expected


def test_the_limits_are_1000_held_out_and_10_000_training_images():
    assert (quality.N_SAMPLES, quality.NEIGHBOURS) == (1_000, 10_000)


class Numbers:
    """Examples that are neither images nor points."""

    def __len__(self):
        """The number of examples."""
        return 1


def test_other_examples_have_no_quality_statistics():
    data = DataSet("numbers", Numbers(), Numbers(), Numbers())
    assert quality.assess_samples(np.zeros((2, 1)), data) is None


def test_the_likelihood_is_that_of_the_validation_images_with_their_best_sigma():
    data = sets.load("digits")
    samples, x = data.train.all()[:20].astype(float), data.validation.all().astype(float)
    squares = ((x[:, None] - samples) ** 2).sum(axis=-1)
    means = {}
    for sigma in np.logspace(-1, 0, 10):
        log_sums = logsumexp(-squares / (2 * sigma**2), axis=1)
        means[sigma] = (log_sums - np.log(20) - 32 * np.log(2 * np.pi * sigma**2)).mean()
    choice = quality.validation_LL(samples, data)
    assert choice.sigma == max(means, key=means.get)
    assert pytest.approx(means[choice.sigma], rel=1e-6) == choice.LL
