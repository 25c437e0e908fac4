"""Adversarial examples and the ascent of D: gradients by differences, and what they do."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import log_softmax

from minigan import draws
from minigan.data import digits
from minigan.layers import Linear
from minigan.network import Network
from minigan.theory.relatives import adversarial

SMALL = adversarial.maxout_classifier(64, 10, units=30, pieces=2)
TEST = digits.load("test")[:100]


def test_the_gradient_in_x_is_that_of_the_loss_of_each_row_by_scipy() -> None:
    network = adversarial.maxout_classifier(5, 3, units=4, pieces=2)
    theta = network.initial(0, "theta", np.float64)
    x, labels = draws.generator(0, "x", 0).standard_normal((2, 5)), np.array([2, 0])

    def losses(x: np.ndarray) -> np.ndarray:
        return -log_softmax(network.forward(theta, x).y, axis=1)[[0, 1], labels]

    found = adversarial.loss_gradient_in_x(network, theta, x, labels)
    for j in range(5):
        step = 1e-6 * np.eye(5)[j]
        expected = (losses(x + step) - losses(x - step)) / 2e-6
        np.testing.assert_allclose(found[:, j], expected, atol=1e-8)


def test_a_trained_maxout_network_is_fooled_by_signs_and_not_by_noise() -> None:
    theta = adversarial.train_maxout(SMALL, digits.load("train"), 200, seed=0)
    x, labels = TEST.all(), TEST.labels
    changed = adversarial.adversarial_examples(SMALL, theta, x, labels, 0.2)
    assert abs(abs(changed - x) - 0.2).max() < 1e-6
    noise = np.where(draws.generator(0, "signs", 0).random(x.shape) < 0.5, 0.2, -0.2)
    clean = adversarial.answers(SMALL, theta, x, labels).error
    assert clean < 0.25
    assert adversarial.answers(SMALL, theta, x + noise.astype(np.float32), labels).error < 0.4
    assert adversarial.answers(SMALL, theta, changed, labels).error > 0.8


def test_the_answers_of_a_known_classifier() -> None:
    network = Network(2, (Linear(2, 0.0),))
    theta = network.zeros(np.float64)
    theta["linear1.W"][...] = np.eye(2)
    x = np.array([[math.log(4), 0], [0, math.log(3)], [math.log(9), 0]])
    found = adversarial.answers(network, theta, x, np.array([0, 0, 1]))
    assert found.error == pytest.approx(2 / 3)
    assert found.confidence_in_errors == pytest.approx((3 / 4 + 9 / 10) / 2)
    right = adversarial.answers(network, theta, x, np.array([0, 1, 0]))
    assert right.error == 0
    assert math.isnan(right.confidence_in_errors)


def test_the_ascent_of_a_linear_D_ends_in_a_corner() -> None:
    D = Network(3, (Linear(1, 0.0),))
    theta_d = D.zeros()
    theta_d["linear1.W"][...] = np.array([[2], [-1], [3]], np.float32)
    corner = np.array([[1, 0, 1]], np.float32)
    found = adversarial.ascend_D(D, theta_d, corner, corner * 0, 4, 20, 0.1)
    np.testing.assert_array_equal(found.x, np.repeat(corner, 4, axis=0))
    assert float(found.D) == pytest.approx(1 / (1 + math.exp(-5)))
    assert found.D_of_noise < found.D
    assert found.distance == 0
    assert found.distance_of_images == pytest.approx(math.sqrt(2))
