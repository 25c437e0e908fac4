"""Adversarial examples and the ascent of D: gradients by differences, and what they do."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError
from itertools import pairwise

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from scipy.special import log_softmax

from minigan import draws
from minigan.data import digits
from minigan.layers import Dropout, Linear, Maxout, Sigmoid
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


def test_the_classifier_has_the_layers_of_the_published_D() -> None:
    expected = Network(
        12,
        (
            Dropout(0.8),
            Linear(1200, 0.5),
            Maxout(240, 5),
            Dropout(0.5),
            Linear(1200, math.sqrt(3 / 240)),
            Maxout(240, 5),
            Dropout(0.5),
            Linear(7, math.sqrt(3 / 240)),
        ),
    )
    assert adversarial.maxout_classifier(12, 7) == expected


def test_the_updates_are_those_of_the_formulas() -> None:
    network, train = adversarial.maxout_classifier(64, 10, units=4, pieces=2), digits.load("train")
    found = adversarial.train_maxout(network, train, 3, seed=5)
    start = network.initial(5, "maxout classifier")
    vector, shapes = start.vector.astype(float), list(start.shapes.values())
    ends = np.cumsum([0, *(int(np.prod(shape)) for shape in shapes)])

    def J(vector: np.ndarray, x: np.ndarray, y: np.ndarray, masks: list[np.ndarray]) -> float:
        parts = [
            vector[i:j].reshape(shape) for (i, j), shape in zip(pairwise(ends), shapes, strict=True)
        ]
        for k, mask in enumerate(masks):
            a = anp.dot(x * mask, parts[2 * k]) + parts[2 * k + 1]
            first, second = a[:, :4], a[:, 4:8]  # two pieces of four units
            x = anp.where(first >= second, first, second)
        return anp.mean(anp.log(anp.sum(anp.exp(a), axis=1)) - anp.sum(a * y, axis=1))

    velocity = np.zeros_like(vector)
    for t in range(3):
        rows = draws.generator(5, "maxout classifier/data", t).integers(len(train), size=100)
        masks = [
            draws.mask(5, f"maxout classifier/mask/{i}", t, (100, n), keep) / keep
            for i, (n, keep) in enumerate([(64, 0.8), (4, 0.5), (4, 0.5)])
        ]
        x, y = train.gather(rows).astype(float), np.eye(10)[train.labels[rows]]
        rate = 0.1 * (0.005 / 0.1) ** (t / 3)
        velocity = 0.7 * velocity - rate * grad(J)(vector, x, y, masks)
        vector = vector + velocity
    assert found.vector.dtype == np.float32
    np.testing.assert_allclose(found.vector, vector, atol=2e-6)


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


def test_the_confidence_is_computed_in_float64_and_does_not_overflow() -> None:
    network = Network(2, (Linear(2, 0.0),))
    theta = network.zeros()
    theta["linear1.W"][...] = np.eye(2)
    x = np.array([[0.3, -0.9], [2000, 0], [-3000, -3001]], np.float32)
    found = adversarial.answers(network, theta, x, np.array([1, 1, 1]))
    difference = float(np.float32(0.3)) - float(np.float32(-0.9))
    expected = (1 / (1 + math.exp(-difference)) + 1 + 1 / (1 + math.exp(-1))) / 3
    assert found.confidence_in_errors == pytest.approx(expected, rel=1e-14)
    assert type(found.error) is type(found.confidence_in_errors) is float
    with pytest.raises(FrozenInstanceError):
        found.error = 0  # type: ignore[misc]


def test_the_gradient_and_the_changed_images_have_the_dtype_of_the_images() -> None:
    theta = SMALL.initial(0, "theta")
    x, labels = TEST.all()[:3], TEST.labels[:3]
    sign = np.sign(adversarial.loss_gradient_in_x(SMALL, theta, x, labels))
    changed = adversarial.adversarial_examples(SMALL, theta, x, labels, 0.25)
    np.testing.assert_array_equal(changed, x + 0.25 * sign)
    assert sign.dtype == changed.dtype == np.float32


def test_a_pixel_that_the_classifier_does_not_read_does_not_change() -> None:
    network = Network(2, (Linear(2, 0.0),))
    theta = network.zeros()
    theta["linear1.W"][0] = 1, -1
    x = np.array([[0.5, 0.75]], np.float32)
    found = adversarial.adversarial_examples(network, theta, x, np.array([0]), 0.25)
    np.testing.assert_array_equal(found, [[0.25, 0.75]])


def test_the_ascent_starts_at_the_noise_of_its_stream_and_takes_these_steps() -> None:
    D = Network(3, (Linear(1, 0.0),))
    theta_d, w = D.zeros(), np.array([2, -1, 0.5])
    theta_d["linear1.W"][:, 0] = w
    train, held_out = np.eye(3, dtype=np.float32), np.full((2, 3), 0.25, np.float32)
    found = adversarial.ascend_D(D, theta_d, train, held_out, 5, 3, 0.125, seed=4)
    noise = draws.generator(4, "ascent", 0).random((5, 3), dtype=np.float32).astype(float)
    x = noise
    for _ in range(3):
        x = np.clip(x + 0.125 * w, 0, 1)
    np.testing.assert_allclose(found.x, x, atol=1e-6)
    assert found.x.dtype == np.float32

    def distance(rows: np.ndarray) -> float:
        squares = ((rows[:, None] - train.astype(float)[None]) ** 2).sum(axis=2)
        return float(np.sqrt(squares.min(axis=1)).mean())

    of_noise, of_x = ((1 / (1 + np.exp(-rows @ w))).mean() for rows in (noise, x))
    assert found.D_of_noise == pytest.approx(of_noise, rel=1e-6)
    assert float(found.D) == pytest.approx(of_x, rel=1e-6)
    assert found.distance == pytest.approx(distance(x), rel=1e-5)
    assert found.distance_of_images == pytest.approx(distance(held_out.astype(float)), rel=1e-5)
    assert type(found.D) is type(found.distance) is float
    again = adversarial.ascend_D(D, theta_d, train, held_out, 5, 3, 0.125)
    right = adversarial.ascend_D(D, theta_d, train, held_out, 5, 3, 0.125, seed=0)
    np.testing.assert_array_equal(again.x, right.x)
    with pytest.raises(FrozenInstanceError):
        found.D = 0  # type: ignore[misc]


def test_the_ascent_takes_the_slope_at_its_own_place() -> None:
    D = Network(3, (Linear(2, 1.0), Sigmoid(), Linear(1, 1.0)))
    theta_d = D.initial(0, "D")
    theta_d["linear1.b"][...] = b = np.array([1, -2])
    W, V = (theta_d[name].astype(float) for name in ("linear1.W", "linear2.W"))
    images = np.zeros((1, 3), np.float32)
    found = adversarial.ascend_D(D, theta_d, images, images, 5, 4, 0.5)
    x = draws.generator(0, "ascent", 0).random((5, 3), dtype=np.float32).astype(float)
    for _ in range(4):
        h = 1 / (1 + np.exp(-(x @ W + b)))
        x = np.clip(x + 0.5 * (V[:, 0] * h * (1 - h)) @ W.T, 0, 1)
    np.testing.assert_allclose(found.x, x, atol=1e-6)
    assert found.x.dtype == np.float32
