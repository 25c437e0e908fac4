"""The share of the variance of images along the first principal components of data.

    share = sum_k var(v_k . x) / sum_i var(x_i)      v_1, v_2, ...: the components of the data

A blurred set of images has a larger share than the data, a noisy one a smaller share.
"""

from __future__ import annotations

import math

import numpy as np

from minigan.arrays import Array

COMPONENTS = 10


def principal_components(x: Array, count: int = COMPONENTS) -> Array:
    """The directions of the largest variance of x (N, n), as the columns of (n, count)."""
    components: Array = np.linalg.eigh(np.cov(x, rowvar=False))[1][:, ::-1][:, :count]
    return components


def variance_share(x: Array, components: Array) -> float:
    """The share of the variance of x (N, n) along orthonormal columns; NaN without variance."""
    centred = x.astype(np.float64) - x.mean(axis=0, dtype=np.float64)
    total = float(np.square(centred).sum())
    return float(np.square(centred @ components).sum()) / total if total else math.nan
