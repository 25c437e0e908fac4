"""The classifier's cost and gradient are correct, it learns, and training is deterministic."""

from __future__ import annotations

import math

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import given
from hypothesis import strategies as st

from minigan.data import digits
from minigan.data.images import Images
from minigan.evaluation import classifier
from minigan.evaluation.classifier import Classifier, cost, cost_gradient
from minigan.gradcheck import assert_gradients
from minigan.layers import Linear
from minigan.network import Network

TRAIN, TEST = digits.load("train"), digits.load("test")


@pytest.fixture(scope="module")
def digits_classifier():
    return classifier.train_classifier(TRAIN, TEST)


def test_the_cost_by_hand():
    """log(1 + e^0) for a logit of 0, log(1 + e^2) for a logit of 2 with the label 0."""
    a, y = np.array([[0.0, 2.0], [-1.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 1.0]])
    expected = math.log(2) + math.log1p(math.exp(2)) + math.log1p(math.exp(-1)) + math.log(2)
    assert cost(a, y) == pytest.approx(expected / 2, rel=1e-14)


@given(seed=st.integers(0, 10_000), m=st.integers(1, 5), classes=st.integers(1, 4))
def test_the_cost_is_the_negative_log_likelihood_of_the_labels(seed, m, classes):
    rng = np.random.default_rng(seed)
    a, y = rng.normal(0, 3, (m, classes)), rng.integers(0, 2, (m, classes)).astype(float)
    total = 0.0
    for logit, label in zip(a.ravel().tolist(), y.ravel().tolist(), strict=True):
        p = 1 / (1 + math.exp(-logit))
        total -= math.log(p if label else 1 - p)
    assert cost(a, y) == pytest.approx(total / m, rel=1e-12)


@given(seed=st.integers(0, 10_000))
def test_the_gradient_in_the_logits_is_that_of_the_complex_step(seed):
    rng = np.random.default_rng(seed)
    a, y = rng.normal(0, 3, (4, 3)), np.eye(3)[rng.integers(0, 3, 4)]
    assert_gradients(
        lambda a: np.array([cost(a, y)]), lambda dy, a: (dy * cost_gradient(a, y),), (a,)
    )


def test_the_gradient_in_theta_agrees_with_autograd():
    rng = np.random.default_rng(3)
    x, y = rng.random((5, 64)), np.eye(10)[rng.integers(0, 10, 5)]
    network = classifier.network_of(64, 10)
    theta = network.initial(0, "classifier", np.float64)
    theta.assign(theta.vector + rng.normal(0, 0.1, theta.vector.shape))

    def cost_of(W1, b1, W2, b2):
        h = anp.dot(x, W1) + b1
        a = anp.dot(anp.where(h > 0, h, 0.0), W2) + b2
        p = 1 / (1 + anp.exp(-a))
        return -anp.sum(anp.where(y == 1, anp.log(p), anp.log(1 - p))) / 5

    trace = network.forward(theta, x)
    dtheta, _ = network.backward(trace, cost_gradient(trace.y, y), inputs=False)
    arguments = list(theta.values())
    for i, (name, d) in enumerate(dtheta.items()):
        expected = grad(cost_of, i)(*arguments)
        assert abs(d - expected).max() <= 1e-12 * abs(expected).max(), name


def test_it_learns_the_digits(digits_classifier):
    """The test error is 9 to 10 %, because other people wrote the test digits."""
    assert digits_classifier.error <= 0.11
    validation = digits.load("validation")
    assert (digits_classifier.classes(validation.all()) != validation.labels).mean() <= 0.05
    assert (digits_classifier.classes(TRAIN.all()) == TRAIN.labels).mean() >= 0.99


def test_error_and_shares_are_computed_on_the_test_images(digits_classifier):
    predicted = digits_classifier.classes(TEST.all())
    assert digits_classifier.error == (predicted != TEST.labels).sum() / 300
    assert digits_classifier.shares == tuple((predicted == c).sum() / 300 for c in range(10))


def test_blocks_of_test_images_are_concatenated_in_order(digits_classifier, monkeypatch):
    monkeypatch.setattr(classifier, "ROWS_AT_A_TIME", 7)
    monkeypatch.setattr(classifier, "UPDATES", 100)
    short = classifier.train_classifier(TRAIN, TEST[:30])
    predicted = short.classes(TEST[:30].all())
    assert short.error == (predicted != TEST.labels[:30]).sum() / 30


def test_training_is_deterministic(digits_classifier):
    again = classifier.train_classifier(TRAIN, TEST)
    np.testing.assert_array_equal(again.theta.vector, digits_classifier.theta.vector)


def test_each_image_is_used_at_most_once_per_epoch(monkeypatch):
    gathered = []

    class RecordingImages(Images):
        def gather(self, indices):
            gathered.append(indices.tolist())
            return super().gather(indices)

    images = RecordingImages(**vars(TRAIN[:250]))
    monkeypatch.setattr(classifier, "EPOCHS", 3)
    classifier.train_classifier(images, TEST[:10])
    assert [len(rows) for rows in gathered] == [100] * 6  # 250 // 100 minibatches in each epoch
    for epoch in range(3):
        rows = gathered[2 * epoch] + gathered[2 * epoch + 1]
        assert len(set(rows)) == 200
    assert gathered[0] != gathered[2] != gathered[4]


@pytest.mark.parametrize(("pixels", "updates"), [(392, 30), (784, 30), (1568, 15)])
def test_images_with_twice_the_pixels_get_half_the_updates(monkeypatch, pixels, updates):
    images = Images(np.zeros((5, pixels), np.uint8), np.array([0, 1, 1, 0, 1]), 255, 1, pixels)
    monkeypatch.setattr(classifier, "UPDATES", 30)
    calls, original = [], classifier.Momentum.descend

    def descend(self, g):
        calls.append(len(g.vector))
        original(self, g)

    monkeypatch.setattr(classifier.Momentum, "descend", descend)
    classifier.train_classifier(images, images)
    assert len(calls) == updates


def test_the_prediction_is_the_largest_logit_and_the_first_at_a_tie():
    network = Network(3, (Linear(3, 1.0),))
    theta = network.zeros()
    theta["linear1.W"][...] = np.eye(3)
    theta.changed()
    x = np.array([[0, 1, 0], [1, 0, 1], [0, 0, 5], [0, 0, 0]], dtype=np.float32)
    assert Classifier(network, theta).classes(x).tolist() == [1, 0, 2, 0]
