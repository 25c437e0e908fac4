"""A spread is that of the double loop, in which nothing is its own nearest other."""

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


def test_of_copies_it_is_exactly_0():
    x = digits.load("train").all()[:20]
    assert spread(np.concatenate([x, x])) == 0
    assert spread(np.tile(x[:1], (5, 1))) == 0


def test_blocks_of_rows_do_not_change_it(monkeypatch):
    x = np.random.default_rng(1).random((11, 3))
    whole = spread(x)
    monkeypatch.setattr(module, "ROWS_AT_A_TIME", 4)
    assert spread(x) == whole > 0


def test_it_falls_as_more_examples_come_in_between():
    x = digits.load("train").all()
    assert spread(x[:100]) > 1.1 * spread(x[:1000])


def test_one_example_has_no_other():
    with pytest.raises(ValueError, match="nearest other one of 1 example: there must be two"):
        spread(np.zeros((1, 3)))
