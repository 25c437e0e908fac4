"""Check the gradient of the logistic head of `minigan labels`, in W and in b.

L = -1/m sum_ic y_ic log p_ic + decay/2 |W|^2
"""

from __future__ import annotations

from typing import Any

import numpy as np

from minigan.arrays import Array
from minigan.evaluation.logistic_head import head_loss, head_loss_gradient
from minigan.gradcheck import Row
from minigan.layers import linear
from minigan.selfcheck.rows import check_rows, normal

M, N, CLASSES, DECAY = 5, 4, 3, 0.3


def check_logistic_head() -> tuple[Row, ...]:
    """The rows of dL/dW and dL/db, for fixed x and labels."""
    x, y = normal("head/x", M, N), np.eye(CLASSES)[np.arange(M) % CLASSES]

    def forward(W: Array, b: Array) -> Any:
        """L, as a function of W and b."""
        return head_loss(linear.forward(x, W, b), y, W, DECAY)

    def backward(dL: Array, W: Array, b: Array) -> tuple[Array, ...]:
        """(dW, db)."""
        a = linear.forward(x, W, b)
        return tuple(dL * part for part in head_loss_gradient(x, a, y, W, DECAY))

    W, b = normal("head/W", N, CLASSES), normal("head/b", CLASSES)
    return check_rows("logistic head", forward, backward, W, b, names=["W", "b"])
