"""Equality and proportion of arrays, worked by hand."""

import numpy as np
import pytest

from minigan.gradcheck.compared import Compared, cosine, ratio, same


def row_of(analytic, numeric, entries=None):
    analytic, numeric = np.array(analytic, dtype=float), np.array(numeric, dtype=float)
    entries = np.arange(numeric.size) if entries is None else np.array(entries)
    shape = numeric.shape
    values = numeric.reshape(-1)[entries]
    bad = analytic.reshape(-1)[entries] != values
    return Compared("x", shape, analytic, entries, values, 0.0, bad)


def test_same_allows_one_part_in_a_million_of_the_largest_entry():
    n = np.array([1.0, 100.0])
    assert same(n + np.array([9e-5, 0]), n, 0.0)
    assert not same(n + np.array([2e-4, 0]), n, 0.0)
    assert same(n + np.array([2e-4, 0]), n, 1e-3)
    assert not same(np.zeros(2), np.zeros(2), 0.0)  # two zeros prove no relation


def test_the_ratio_holds_on_all_entries_or_there_is_none():
    n = np.array([1.0, -2.0, 0.0])
    assert ratio(-3 * n, n, 0.0) == pytest.approx(-3)
    assert ratio(-3 * n + np.array([0, 0, 1e-3]), n, 0.0) is None
    assert ratio(0 * n, n, 0.0) is None
    assert ratio(n, 0 * n, 0.0) is None


def test_only_the_entries_compared_count():
    row = row_of([[1, 5], [9, 2]], [[1, 0], [0, 2]], entries=[0, 3])
    assert row.values.tolist() == [1, 2]
    assert row.fits(row.analytic)
    assert not row.fits(row.analytic.reshape(-1))


def test_cosines():
    assert cosine(row_of([1, 0], [1, 1])) == pytest.approx(np.sqrt(0.5))
    assert cosine(row_of([0, 0], [1, 1])) == 0.0
