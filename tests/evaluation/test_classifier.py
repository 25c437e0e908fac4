"""The classifier's cost and gradient are correct, it learns, and training is deterministic."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad
from hypothesis import given
from hypothesis import strategies as st

from minigan.data import digits
from minigan.data.images import Images
from minigan.draws import generator
from minigan.evaluation import classifier
from minigan.evaluation.classifier import Classifier, cost, cost_gradient
from minigan.gradcheck import assert_gradients
from minigan.layers import Linear
from minigan.network import Network

TRAIN, TEST = digits.load("train"), digits.load("test")


def test_the_settings():
    names = ("HIDDEN", "M", "EPOCHS", "UPDATES", "PIXELS")
    assert [getattr(classifier, name) for name in names] == [128, 100, 40, 3000, 28 * 28]
    rates = classifier.RATE, classifier.RATE_AT_THE_END, classifier.MOMENTUM
    assert rates == (0.1, 0.005, 0.9)


def test_the_network_has_128_units_and_the_spread_of_he():
    network = classifier.network_of(64, 10)
    assert network.layers[0] == Linear(128, math.sqrt(6 / 64))
    assert network.layers[2] == Linear(10, math.sqrt(6 / 128))
    assert network.widths == [64, 128, 128, 10]


def test_the_training_is_that_of_a_loop_in_float64(monkeypatch):
    """Two epochs of three minibatches of 4, with eta from 0.1 towards 0.005."""
    monkeypatch.setattr(classifier, "M", 4)
    monkeypatch.setattr(classifier, "EPOCHS", 2)
    rng = np.random.default_rng(0)
    labels = np.array([0, 1, 2, 1, 2, 0, 1, 0, 2, 2, 1, 0, 1])
    images = Images(rng.integers(0, 256, (13, 9), np.uint8), labels, 255, 3, 3)
    W1, b1, W2, b2 = (
        t.astype(float) for t in classifier.network_of(9, 3).initial(0, "classifier").values()
    )
    theta, v = [W1, b1, W2, b2], [0.0] * 4
    for t in range(6):
        order = generator(0, "classifier/epoch", t // 3).permutation(13)
        rows = order[4 * (t % 3) : 4 * (t % 3) + 4]
        x, y = images.pixels[rows] / 255, np.eye(3)[labels[rows]]
        h = np.maximum(0, x @ theta[0] + theta[1])
        da = (1 / (1 + np.exp(-(h @ theta[2] + theta[3]))) - y) / 4
        dh = da @ theta[2].T * (h > 0)
        g = [x.T @ dh, dh.sum(axis=0), h.T @ da, da.sum(axis=0)]
        eta = 0.1 * 0.05 ** (t / 6)
        v = [0.9 * v_i - eta * g_i for v_i, g_i in zip(v, g, strict=True)]
        theta = [theta_i + v_i for theta_i, v_i in zip(theta, v, strict=True)]
    found = classifier.train_classifier(images, images)
    for tensor, expected in zip(found.theta.values(), theta, strict=True):
        np.testing.assert_allclose(tensor, expected, rtol=1e-4, atol=1e-6)
    with pytest.raises(FrozenInstanceError):
        found.error = 0.0


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


@pytest.mark.parametrize("seed", [0, 1])
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


def test_a_class_that_no_test_image_is_assigned_to_has_the_share_0(monkeypatch):
    monkeypatch.setattr(classifier, "EPOCHS", 30)
    pixels = np.repeat(np.array([[0], [255]], np.uint8), 4, axis=1)
    images = Images(pixels, np.array([0, 1]), 255, 2, 2)
    found = classifier.train_classifier(images, images[:1])
    assert (found.error, found.shares) == (0.0, (1.0, 0.0))


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
