"""The loss and gradient of the logistic head agree with SciPy, and the fit finds the minimum."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from scipy.optimize import brentq, minimize
from scipy.special import log_softmax, softmax

from minigan.errors import UserError
from minigan.evaluation import logistic_head
from minigan.evaluation.logistic_head import (
    cross_entropy,
    cross_entropy_gradient,
    fit_head,
    head_loss,
    import_minimize,
)


def drawn(m=7, classes=4):
    rng = np.random.default_rng(0)
    return rng.normal(0, 3, (m, classes)), np.eye(classes)[rng.integers(0, classes, m)]


def test_the_loss_by_hand():
    """Equal logits: log 2 each. A logit that is larger by log 3: p = 3/4."""
    a, y = np.array([[0.0, 0.0], [math.log(3), 0.0]]), np.array([[1.0, 0.0], [1.0, 0.0]])
    assert cross_entropy(a, y) == pytest.approx((math.log(2) - math.log(0.75)) / 2, rel=1e-14)
    W = np.array([[1.0, -2.0]])
    expected = (math.log(2) - math.log(0.75)) / 2 + 0.1 / 2 * 5
    assert head_loss(a, y, W, 0.1) == pytest.approx(expected, rel=1e-14)


def test_the_loss_and_its_gradient_agree_with_scipy():
    a, y = drawn()
    assert cross_entropy(a, y) == pytest.approx(-(y * log_softmax(a, axis=1)).sum() / 7, rel=1e-13)
    expected = (softmax(a, axis=1) - y) / 7
    assert np.allclose(cross_entropy_gradient(a, y), expected, rtol=1e-12, atol=1e-16)


def test_large_logits_do_not_overflow():
    a, y = np.array([[1000.0, -1000.0], [-1e5, 1e5]]), np.array([[0.0, 1.0], [0.0, 1.0]])
    assert cross_entropy(a, y) == 1000.0
    assert np.array_equal(cross_entropy_gradient(a, y), [[0.5, -0.5], [0.0, 0.0]])


@pytest.mark.parametrize("decay", [1.0, 0.01])
def test_the_fit_is_the_solution_of_its_equation_in_one_dimension(decay):
    """Rows 1 and -1 of two classes: W = (w, -w), b = 0 with decay w = sigma(-2 w)."""
    x, y = np.array([[1.0], [-1.0]]), np.eye(2)
    w = brentq(lambda w: decay * w - 1 / (1 + math.exp(2 * w)), 0, 10)
    for start in (None, fit_head(x, y, 10.0)):
        theta = fit_head(x, y, decay, start)
        assert theta["W"] == pytest.approx(np.array([[w, -w]]), rel=0.02)
        assert theta["b"] == pytest.approx(np.zeros(2), abs=0.01)


def test_the_decay_does_not_shrink_the_bias():
    x, y = np.zeros((4, 2)), np.eye(2)[[0, 0, 0, 1]]
    theta = fit_head(x, y, 1.0)
    assert not theta["W"].any()
    assert theta["b"][0] - theta["b"][1] == pytest.approx(math.log(3), abs=0.01)


def test_a_small_and_a_large_largest_logit_do_not_overflow():
    a, y = np.array([[2000.0, 0.0], [0.0, -2000.0]]), np.array([[0.0, 1.0], [0.0, 1.0]])
    assert cross_entropy(a, y) == 2000.0
    assert np.array_equal(cross_entropy_gradient(a, y), [[0.5, -0.5], [0.5, -0.5]])


def loss_and_gradient(vector, x, y, decay):
    """L and its gradient by SciPy's softmax, for W and b in one vector."""
    W, b = np.split(vector, [x.shape[1] * y.shape[1]])
    W = W.reshape(x.shape[1], -1)
    a = x @ W + b
    da = (softmax(a, axis=1) - y) / len(x)
    L = -(y * log_softmax(a, axis=1)).sum() / len(x) + decay / 2 * (W**2).sum()
    return L, np.concatenate([(x.T @ da + decay * W).ravel(), da.sum(axis=0)])


def iterates(x, y, decay, steps):
    """The points of L-BFGS from 0 without a tolerance."""
    found = []
    minimize(
        loss_and_gradient,
        np.zeros((x.shape[1] + 1) * y.shape[1]),
        (x, y, decay),
        jac=True,
        method="L-BFGS-B",
        callback=lambda vector: found.append(vector.copy()),
        options={"maxiter": steps, "gtol": 0.0, "ftol": 0.0},
    )
    return found


@pytest.mark.parametrize("seed", range(4))
def test_the_fit_is_the_first_point_where_no_entry_of_the_gradient_is_above_1e_4(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(30, 4)), np.eye(3)[rng.integers(0, 3, 30)]
    points = iterates(x, y, 0.01, 40)
    largest = [abs(loss_and_gradient(point, x, y, 0.01)[1]).max() for point in points]
    first = next(i for i, size in enumerate(largest) if size <= 1e-4)
    assert np.allclose(fit_head(x, y, 0.01).vector, points[first], rtol=1e-9, atol=1e-12)


def test_a_fit_that_starts_at_its_end_stays_there():
    y = drawn(12, 3)[1]
    x = np.random.default_rng(1).normal(size=(12, 2))
    start = fit_head(x, y, 0.1)
    start.assign(start.vector + 1e-7)
    assert np.array_equal(fit_head(x, y, 0.1, start).vector, start.vector)


def test_a_fit_has_200_steps_at_most(monkeypatch):
    """Columns of very different sizes need more steps."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(60, 20)) * 3.0 ** np.arange(20), np.eye(2)[rng.integers(0, 2, 60)]
    results = []

    def recorded(*args, **settings):
        results.append(minimize(*args, **settings))
        return results[-1]

    monkeypatch.setattr(logistic_head, "import_minimize", lambda: recorded)
    fit_head(x, y, 1e-3)
    assert [one.nit for one in results] == [200]


def test_without_scipy_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(UserError, match=r"minigan labels needs SciPy: .* -m pip install"):
        import_minimize()
