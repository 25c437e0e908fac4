"""The reduction of a curve to fewer points that include its extremes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigan.reports.html.thinning import MOST, kept
from minigan.training.pictures.animation import evenly


def test_up_to_the_limit_every_row_is_kept():
    assert kept([[3.0] * MOST]) == list(range(MOST))
    assert kept([]) == []


def test_the_first_smallest_largest_and_last_row_of_each_bucket_are_kept():
    # There are two buckets of six rows. In the first one, 5 is the largest and -2 the smallest.
    column = [0.0, 5, -2, 1, 1, 1, 7, 7, 8, 3, 2, 4]
    assert kept([column], most=8) == [0, 1, 2, 5, 6, 8, 10, 11]


def test_two_columns_are_reduced_together():
    falling = [float(-i) for i in range(12)]
    peak = [0.0] * 12
    peak[4] = 1.0
    assert kept([falling, peak], most=8) == [0, 4, 11]


@pytest.mark.parametrize("columns", [1, 2, 3])
def test_a_hundred_thousand_rows_are_reduced_to_two_thousand_with_all_extremes(columns):
    values = np.random.default_rng(columns).normal(size=(columns, 100_000))
    values[:, 77_777] = 9
    values[:, 55_555] = -9
    rows = kept(values.tolist())
    assert len(rows) <= 2000
    assert rows == sorted(set(rows))
    assert {0, 99_999, 77_777, 55_555} <= set(rows)


@given(
    st.lists(st.none() | st.floats(-9, 9), min_size=1, max_size=300),
    st.integers(4, 40),
)
def test_missing_values_are_allowed_and_the_extremes_are_kept(column, most):
    rows = kept([column], most)
    assert len(rows) <= max(most, 0)
    values = [value for value in column if value is not None]
    if values:
        shown = [column[row] for row in rows if column[row] is not None]
        assert (min(shown), max(shown)) == (min(values), max(values))
        assert (shown[0], shown[-1]) == (values[0], values[-1])


def test_less_than_four_rows_per_column_raise_an_error():
    with pytest.raises(ValueError, match="`most` must be at least 8 for 2 columns, not 7"):
        kept([[0.0] * 9, [0.0] * 9], most=7)


@pytest.mark.parametrize(
    ("count", "indices"), [(0, []), (3, [0, 1, 2]), (4, [0, 1, 2, 3]), (10, [0, 3, 6, 9])]
)
def test_indices_are_evenly_spaced_with_the_first_and_the_last(count, indices):
    assert evenly(count, 4) == indices
