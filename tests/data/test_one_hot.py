"""Each row has its 1 in the column of its class."""

from __future__ import annotations

import numpy as np

from minigan.data.one_hot import one_hot


def test_the_1_of_each_row_is_in_the_column_of_its_class() -> None:
    y = one_hot(np.array([2, 0, 2]), 4)
    assert y.tolist() == [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 1, 0]]
    assert y.dtype == np.float32
    assert one_hot(np.array([], dtype=int), 3).shape == (0, 3)
