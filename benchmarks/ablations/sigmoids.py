"""Ablation of the sigmoid: the textbook form with a branch, instead of the form in `minigan/`."""

from __future__ import annotations

from contextlib import AbstractContextManager
from unittest.mock import patch

import numpy as np

from minigan.arrays import Array
from minigan.layers import sigmoid


def with_where() -> AbstractContextManager[object]:
    """sigma(x) = where(x >= 0, 1, e) / (1 + e)."""

    def forward(x: Array, *, out: Array | None = None) -> Array:
        e = np.exp(-np.abs(x))
        y: Array = np.divide(np.where(x >= 0, np.float32(1), e), 1 + e, out=out)
        return y

    return patch.object(sigmoid, "forward", forward)
