"""The loss and gradient of the logistic head agree with SciPy, and the fit finds the minimum."""

from __future__ import annotations

import math
import sys

import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import log_softmax, softmax

from minigan.errors import UserError
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


def test_without_scipy_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy.optimize", None)
    with pytest.raises(UserError, match=r"minigan labels needs SciPy: .* -m pip install"):
        import_minimize()
