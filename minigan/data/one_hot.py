"""Class numbers as rows of 0 and 1: the 1 is in the column of the class.

y_ic = 1 where row i is of class c, else 0
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array


def one_hot(c: Array, classes: int) -> Array:
    """y (N, classes) float32 for class numbers c (N,) from 0 to classes - 1."""
    y: Array = np.eye(classes, dtype=np.float32)[c]
    return y
