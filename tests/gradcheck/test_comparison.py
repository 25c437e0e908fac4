"""Equality and proportion of arrays, with values computed by hand."""

import numpy as np
import pytest

from minigan.gradcheck.comparison import ComparedEntries, constant_ratio, cosine, nearly_equal


def row_of(analytic, numeric, entries=None):
    analytic, numeric = np.array(analytic, dtype=float), np.array(numeric, dtype=float)
    entries = np.arange(numeric.size) if entries is None else np.array(entries)
    shape = numeric.shape
    values = numeric.reshape(-1)[entries]
    bad = analytic.reshape(-1)[entries] != values
    return ComparedEntries("x", shape, analytic, entries, values, 0.0, bad)


def test_nearly_equal_allows_one_part_in_a_million_of_the_largest_entry():
    n = np.array([1.0, 100.0])
    assert nearly_equal(n + np.array([9e-5, 0]), n, 0.0)
    assert not nearly_equal(n + np.array([2e-4, 0]), n, 0.0)
    assert nearly_equal(n + np.array([2e-4, 0]), n, 1e-3)
    assert not nearly_equal(np.zeros(2), np.zeros(2), 0.0)  # two zero gradients show no relation


def test_the_constant_ratio_holds_at_all_entries_or_is_none():
    n = np.array([1.0, -2.0, 0.0])
    assert constant_ratio(-3 * n, n, 0.0) == pytest.approx(-3)
    assert constant_ratio(-3 * n + np.array([0, 0, 1e-3]), n, 0.0) is None
    assert constant_ratio(0 * n, n, 0.0) is None
    assert constant_ratio(n, 0 * n, 0.0) is None


def test_only_the_given_entries_are_compared():
    row = row_of([[1, 5], [9, 2]], [[1, 0], [0, 2]], entries=[0, 3])
    assert row.values.tolist() == [1, 2]
    assert row.fits(row.analytic)
    assert not row.fits(row.analytic.reshape(-1))


def test_the_cosine_of_the_angle():
    assert cosine(row_of([1, 0], [1, 1])) == pytest.approx(np.sqrt(0.5))
    assert cosine(row_of([0, 0], [1, 1])) == 0.0
