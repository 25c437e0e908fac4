"""Equality and proportion of arrays, with values computed by hand."""

import numpy as np
import pytest

from minigan.gradcheck.comparison import ComparedEntries, Context, proportional


def row_of(analytic, numeric, entries=None, resolution=0.0):
    analytic, numeric = np.array(analytic, dtype=float), np.array(numeric, dtype=float)
    entries = np.arange(numeric.size) if entries is None else np.array(entries)
    values = numeric.reshape(-1)[entries]
    bad = analytic.reshape(-1)[entries] != values
    bounds = np.full(values.shape, resolution)
    return ComparedEntries("x", numeric.shape, analytic, entries, values, bounds, bad)


def test_the_error_is_the_bound_or_rounding():
    n = [1.0, -100.0]
    assert row_of(n, n).error.tolist() == pytest.approx([1e-8, 1e-8])
    assert row_of(n, n, resolution=1e-3).error.tolist() == pytest.approx([1e-3, 1e-3])
    assert row_of([0.5], [0.5]).error.tolist() == pytest.approx([0.5e-10])
    assert row_of([], []).error.size == 0
    bounds = np.array([1e-12, 0.5])  # one for each entry
    assert row_of(n, n, resolution=bounds).error.tolist() == pytest.approx([1e-8, 0.5])


def test_a_gradient_fits_to_the_error():
    n = np.array([1.0, 100.0])
    row = row_of(n, n, resolution=1e-4)
    assert row.fits(n + np.array([9e-5, 0]))
    assert not row.fits(n + np.array([2e-4, 0]))
    assert row_of([0, 1], [0, 1]).fits(np.array([0.0, 1.0]))
    assert row_of([1], [1], resolution=0.5).near(np.array([0.5]))
    assert not row_of([0, 0], [0, 0]).fits(np.zeros(2))  # two zero gradients show no relation


def test_the_factor_holds_at_all_entries_or_is_none():
    n = np.array([1.0, -2.0, 0.0])
    factor = row_of(-3 * n, n).factor()
    assert factor.c == pytest.approx(-3)
    assert factor.entries == 2  # any factor fits 0
    assert factor.error <= 2e-10
    assert row_of(-3 * n + np.array([0, 0, 1e-3]), n).factor() is None
    assert row_of(0 * n, n).factor() is None
    assert row_of(n, 0 * n).factor() is None
    assert row_of(n, n[::-1]).factor(n[::-1] * 2).c == pytest.approx(2)


def test_an_entry_as_small_as_its_error_shows_no_factor():
    assert row_of([2, 4e-10], [1, 2e-10]).factor().entries == 1
    assert row_of([2, 4e-9], [1, 2e-9]).factor().entries == 2


def test_the_factor_of_accurate_entries_counts_most():
    n = np.array([1.0, 1.0, 1.0])
    row = row_of([2, 2, 2.3], n, resolution=np.array([1e-9, 1e-9, 0.2]))
    assert row.factor().c == pytest.approx(2, abs=1e-8)


def test_each_group_has_its_own_factor():
    b = np.array([1.0, 2, 3, 4, 5, 6])
    groups = np.array([0, 1, 0, 1, 0, 1])
    fit = proportional(b * np.array([3, -1, 3, -1, 3, -1]), b, groups=groups)
    assert [factor.c for factor in fit.factors] == pytest.approx([3, -1])
    assert [factor.entries for factor in fit.factors] == [3, 3]
    assert fit.convincing
    assert proportional(b * np.array([3, -1, 3, -1, 3, 2]), b, groups=groups) is None


@pytest.mark.parametrize(("count", "groups", "convincing"), [(3, 1, False), (4, 1, True),
                         (4, 2, False), (5, 2, True), (6, 3, True), (7, 4, False),
                         (8, 4, True), (8, 5, False)])  # fmt: skip
def test_a_fit_is_convincing_if_there_are_more_entries_than_factors(count, groups, convincing):
    labels = np.arange(count) % groups
    assert proportional(np.ones(count), np.ones(count), groups=labels).convincing == convincing


def test_factors_that_no_entry_shows_do_not_count():
    b, groups = np.array([1.0, 1, 1, 1, 0]), np.array([0, 0, 0, 0, 1])
    fit = proportional(b, b, groups=groups)
    assert [factor.entries for factor in fit.factors] == [4, 0]
    assert fit.convincing


def test_a_number_is_one_entry():
    row = row_of(6.0, 2.0)
    assert (row.values.tolist(), row.index) == ([6.0], ())
    assert row.factor().c == pytest.approx(3)
    assert row.fits(np.array(2.0))
    assert not row.fits(np.array([2.0]))
    assert row.near(np.array([[0.0], [1.0]])) is False
    assert row.near(np.array([[0.0], [1e-10]])) is True


def test_only_the_given_entries_are_compared():
    row = row_of([[1, 5], [9, 2]], [[1, 0], [0, 2]], entries=[0, 3])
    assert row.values.tolist() == [1, 2]
    assert [i.tolist() for i in row.index] == [[0, 1], [0, 1]]
    assert row.fits(row.analytic)
    assert not row.fits(row.analytic.reshape(-1))
    part = row.part(np.array([False, True]))
    assert (part.values.tolist(), part.numeric.tolist()) == ([2], [2])
    wrong = row_of([1, 3], [1, 2])
    assert [wrong.part(np.array(one)).bad.tolist() for one in ([True, False], [False, True])] == [
        [False],
        [True],
    ]
    small = row_of([0, 0], [100, 1e-3]).part(np.array([False, True]))
    assert small.error.tolist() == pytest.approx([1e-8])  # that of the whole gradient


def test_arrays_of_a_shape_are_the_floating_ones():
    arrays = {"x": np.ones(3), "i": np.arange(3), "mask": np.ones(3, dtype=bool), "y": np.ones(2)}
    assert list(Context(arrays).like((3,))) == ["x"]
    nothing = Context()
    assert (nothing.arrays, nothing.sizes, nothing.forward_product) == ({}, (), None)


def test_the_factors_are_those_of_weighted_least_squares():
    """c = sum(w^2 a b) / sum(w^2 b^2), where w = 1 / (error of a + |a| / |b| error of b)."""
    groups = np.array([0, 0, 0, 0, 1, 1, 1])
    b = np.array([3.0, -2.0, 0.16, 0.2, 1.0, 4.0, 0.0])
    error_b = np.array([0.01, 0.04, 0.03, 0.03, 0.05, 0.02, 0.01])
    error_a = np.array([0.02, 0.01, 0.21, 0.21, 0.03, 0.05, 0.02])
    c = np.array([7.0, -0.5])
    a = c[groups] * b + 0.3 * np.array([1, -1, 1, -1, 1, -1, 1]) * error_a
    for unit_a, unit_b in ((1.0, 1.0), (1e-170, 1.0), (1e150, 1e-150)):
        fit = proportional(a * unit_a, b * unit_b, error_b * unit_b, error_a * unit_a, groups)
        w = 1 / (error_a + np.linalg.norm(a) / np.linalg.norm(b) * error_b)
        for k, factor in enumerate(fit.factors):
            own = groups == k
            expected = np.sum((w**2 * a * b)[own]) / np.sum((w**2 * b**2)[own])
            assert factor.c == pytest.approx(expected * (unit_a / unit_b), rel=1e-9)
            error = (error_a + abs(expected) * error_b)[own]
            known = np.sum(np.abs(b[own]) / error) / np.sum((b[own] / error) ** 2) / abs(expected)
            assert factor.error == pytest.approx(known, rel=1e-9)
        # |c b| is more than 3 errors at all but the third entry and where b is 0.
        assert [factor.entries for factor in fit.factors] == [3, 2]


@pytest.mark.parametrize(("ratio", "entries"), [(2.9, 1), (3.1, 2)])
def test_an_entry_counts_if_it_is_above_3_errors(ratio, entries):
    b = np.array([1.0, ratio * 1e-3])
    assert proportional(b, b, error_a=np.full(2, 1e-3)).factors[0].entries == entries


def test_an_error_that_is_reached_is_still_an_error_and_3_of_them_do_not_show_an_entry():
    known = np.full(2, 0.25 - 1e-12)  # with the rounding error it is 1/4
    assert proportional(np.array([1.0, 0.5]), np.ones(2), error_a=known).factors[0].c == 0.75
    b = np.array([1.0, 0.75])
    assert proportional(b, b, error_a=known).factors[0].entries == 1


def test_a_group_of_small_entries_has_a_factor_and_one_of_zeros_has_not():
    groups = np.array([0, 0, 0, 0, 1])
    a, b = np.array([1.0, 1, 1, 1, 0.5]), np.array([1.0, 1, 1, 1, 1e-3])
    known = np.array([1e-9, 1e-9, 1e-9, 1e-9, 2e-3])
    small = proportional(a, b, known, groups=groups).factors[1]
    assert (small.c, small.entries) == (pytest.approx(500), 0)
    a[-1], b[-1], known[-1] = 0.05, 0.0, 0.1
    assert proportional(a, b, known, groups=groups) is None


@pytest.mark.parametrize(("off", "fits"), [(0.9, True), (1.1, False)])
def test_a_fit_holds_to_the_errors_of_both_sides(off, fits):
    a, b = np.array([1.0, 1.0, 1.0]), np.array([1.0, 1.0, 1.0])
    a[2] += off * 3e-3  # a = c b with c = 1 at the two other entries, which are known better
    known = np.array([1e-9, 1e-9, 1e-3])
    assert (proportional(a, b, error_b=2 * known, error_a=known) is not None) == fits


@pytest.mark.parametrize(("off", "fits"), [(0.9e-12, True), (1.1e-12, False)])
def test_rounding_of_the_largest_number_is_allowed(off, fits):
    b = np.array([1.0, 0.0])
    assert (proportional(np.array([4.0, 4 * off]), b) is not None) == fits


def test_numbers_that_are_not_finite_or_zero_have_no_factor():
    b = np.array([1.0, 2.0])
    assert proportional(np.array([1.0, np.inf]), b) is None
    assert proportional(b, np.array([1.0, np.nan])) is None
    fit = proportional(np.zeros(2), np.zeros(2))
    assert fit is None or fit.factors[0].entries == 0
    assert proportional(np.zeros(0), np.zeros(0)).factors == ()
