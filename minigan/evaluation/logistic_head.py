"""Multinomial logistic regression: the classifier that is trained on a few labelled rows.

    a = x W + b                                          one logit per class
    L = -1/m sum_ic y_ic log p_ic + decay/2 |W|^2        p_ic = e^a_ic / sum_k e^a_ik   (softmax)
    dL/da_ic = (p_ic - y_ic) / m                         y_ic = 1 where row i is of class c, else 0
    dL/dW = x^T da + decay W,   db = sum_i da_i

Derivation. -sum_c y_ic log p_ic = log sum_k e^a_ik - sum_c y_ic a_ic, because each row of y has
the sum 1. The derivative of the first term in a_ic is p_ic, that of the second is y_ic.

L is convex in (W, b), and strictly convex in W for decay > 0. SciPy's L-BFGS finds its minimum.
SciPy is the optional dependency `minigan[labels]`, imported when the first head is fitted.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from minigan.arrays import Array, array_module, larger
from minigan.errors import UserError
from minigan.layers import linear
from minigan.parameters import Parameters
from minigan.system.install import install_command

STEPS = 200  # of L-BFGS, at most
TOLERANCE = 1e-4  # L-BFGS ends where no entry of the gradient is larger


def cross_entropy(a: Array, y: Array) -> Any:
    """-1/m sum_ic y_ic log p_ic in nats, for logits a (m, classes) and labels y of 0 and 1."""
    xp = array_module(a)
    highest = _highest(a)
    log_sum = xp.log(xp.exp(a - highest).sum(axis=1)) + highest[:, 0]
    return (log_sum - (y * a).sum(axis=1)).sum() / len(a)


def cross_entropy_gradient(a: Array, y: Array) -> Array:
    """dL/da = (p - y) / m, of shape (m, classes)."""
    da: Array = array_module(a).exp(a - _highest(a))
    da /= da.sum(axis=1)[:, None]
    da -= y
    da /= len(a)
    return da


def head_loss(a: Array, y: Array, W: Array, decay: float) -> Any:
    """L in nats, from the logits a = x W + b (m, classes) and the labels y (m, classes)."""
    return cross_entropy(a, y) + decay / 2 * (W * W).sum()


def head_loss_gradient(x: Array, a: Array, y: Array, W: Array, decay: float) -> tuple[Array, Array]:
    """(dW, db) of L, for rows x (m, n) with the logits a = x W + b."""
    dW, db = linear.backward_params(cross_entropy_gradient(a, y), x)
    dW += decay * W
    return dW, db


def fit_head(x: Array, y: Array, decay: float, start: Parameters | None = None) -> Parameters:
    """W and b of the smallest L, for float64 rows x (m, n) and labels y (m, classes).

    The search begins at `start`, or at 0. Raises UserError if SciPy is missing.
    """
    minimize = import_minimize()
    shapes = {"W": (x.shape[1], y.shape[1]), "b": (y.shape[1],)}
    theta = Parameters.zeros(shapes, np.float64)

    def loss_and_gradient(vector: Array) -> tuple[float, Array]:
        theta.assign(vector)
        W = theta["W"]
        a = linear.forward(x, W, theta["b"])
        dW, db = head_loss_gradient(x, a, y, W, decay)
        return float(head_loss(a, y, W, decay)), np.concatenate([dW.ravel(), db])

    found = minimize(
        loss_and_gradient,
        (start or theta).vector.copy(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": STEPS, "gtol": TOLERANCE, "ftol": 0.0},
    )
    return Parameters(shapes, found.x)


def import_minimize() -> Callable[..., Any]:
    """scipy.optimize.minimize. Raises UserError if SciPy is missing."""
    try:
        from scipy.optimize import minimize
    except ImportError:
        raise UserError(f"minigan labels needs SciPy: {install_command('labels')}") from None
    function: Callable[..., Any] = minimize
    return function


def _highest(a: Array) -> Array:
    """The largest logit of each row (m, 1). Subtracted from a, it keeps e^a from overflowing."""
    return reduce(larger, (a[:, c : c + 1] for c in range(a.shape[1])))
