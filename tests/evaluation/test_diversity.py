"""The spread agrees with a double loop in which no row is its own neighbour."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigan.data import digits
from minigan.evaluation import nearest as module
from minigan.evaluation.diversity import spread


@given(seed=st.integers(0, 10_000), N=st.integers(2, 9), n=st.integers(1, 4))
def test_the_spread_is_that_of_the_double_loop(seed, N, n):
    x = np.random.default_rng(seed).random((N, n), dtype=np.float32)
    rows = x.astype(float).tolist()
    least = [min(math.dist(a, b) for j, b in enumerate(rows) if j != i) for i, a in enumerate(rows)]
    assert spread(x) == pytest.approx(statistics.median(least), rel=1e-9)


def test_the_spread_by_hand():
    x = np.array([[0.0, 0.0], [0.0, 3.0], [4.0, 3.0], [4.0, 4.0]])
    assert spread(x) == 2  # 3, 3, 1, 1


def test_the_spread_of_copies_is_exactly_0():
    x = digits.load("train").all()[:20]
    assert spread(np.concatenate([x, x])) == 0
    assert spread(np.tile(x[:1], (5, 1))) == 0


def test_the_block_size_does_not_change_the_spread(monkeypatch):
    x = np.random.default_rng(1).random((11, 3))
    whole = spread(x)
    monkeypatch.setattr(module, "ROWS_AT_A_TIME", 4)
    assert spread(x) == whole > 0


def test_the_spread_falls_with_the_number_of_examples():
    x = digits.load("train").all()
    assert spread(x[:100]) > 1.1 * spread(x[:1000])


def test_one_example_has_no_spread():
    with pytest.raises(ValueError, match="the spread needs at least two examples, not 1"):
        spread(np.zeros((1, 3)))
