"""The errors of one input: of every entry, or of a sample and dense directions."""

import numpy as np
import pytest

from minigan.gradcheck.examine import (
    DIRECTIONS,
    Options,
    directional_derivatives,
    examine,
    numeric_for_unit_dy,
    worst_entry,
)
from minigan.gradcheck.numeric import CENTRAL
from minigan.gradcheck.pair import Pair, random_dy

DEFAULT = Options(None, 0.0, 0, 2000)


def checked_input(forward, gradient, x, options=DEFAULT):
    """Examine an elementwise function; `gradient(x)` is its derivative."""
    y = np.asarray(forward(x))
    pair = Pair(forward, lambda *_: None, (x,), ("x",), y, random_dy(y.shape, 0))
    return examine(pair, 0, np.asarray(gradient(x) * pair.dy), options)


def test_errors_are_relative_to_the_largest_numeric_entry():
    checked = checked_input(lambda x: x * 1, lambda x: np.array([1.0, 1.0, 1.0 + 1e-3]), np.ones(3))
    dy = np.abs(checked.pair.dy)
    assert checked.errors == pytest.approx([0, 0, 1e-3 * dy[2] / dy.max()])
    assert checked.bad.tolist() == [False, False, True]
    assert worst_entry(checked).index == (2,)


def test_a_zero_gradient_must_be_exactly_zero():
    x = np.ones(2)
    assert not np.any(checked_input(lambda x: x * 0, lambda x: x * 0, x).bad)
    checked = checked_input(lambda x: x * 0, lambda x: x * 1e-300, x)
    assert checked.errors.tolist() == [np.inf, np.inf]


def test_an_absolute_tolerance_accepts_small_errors():
    x = np.ones(2)
    loose = Options(None, 1e-15, 0, 2000)
    assert not np.any(checked_input(lambda x: x * 0, lambda x: x * 1e-16, x, loose).bad)
    assert np.all(checked_input(lambda x: x * 0, lambda x: x * 1e-14, x, loose).bad)


def test_the_callers_tolerance_is_used_but_for_central_differences_at_least_1e_6():
    x = np.array([8.0])
    strict = Options(1e-12, 0.0, 0, 2000)
    assert checked_input(np.exp, np.exp, x, strict).tolerance == 1e-12
    assert checked_input(np.exp, np.exp, x).tolerance == 1e-10
    checked = checked_input(np.cbrt, lambda x: np.cbrt(x) / (3 * x), x, strict)
    assert (checked.numeric.method, checked.tolerance) == (CENTRAL, 1e-6)
    assert checked_input(np.cbrt, np.cbrt, x, Options(1e-3, 0.0, 0, 9)).tolerance == 1e-3


def test_a_large_input_is_sampled_reproducibly_and_checked_along_dense_directions():
    x = np.random.default_rng(0).normal(size=(30, 10))
    options = Options(None, 0.0, 5, 20)
    checked, again = (checked_input(np.sin, np.cos, x, options) for _ in range(2))
    assert checked.entries == 20
    assert len(checked.lines) == 20 + DIRECTIONS
    assert len({line.direction for line in checked.lines[:20]}) == 20
    assert [a.direction for a in checked.lines[:20]] == [b.direction for b in again.lines[:20]]
    assert not np.any(checked.bad)


@pytest.mark.parametrize("wrong", range(0, 300, 23))
def test_one_wrong_entry_among_many_is_found_by_bisection(wrong):
    x = np.random.default_rng(0).normal(size=(30, 10))

    def cosine(x):
        g = np.cos(x)
        g.reshape(-1)[wrong] += 0.1
        return g

    checked = checked_input(np.sin, cosine, x, Options(None, 0.0, 0, 5))
    assert worst_entry(checked).index == divmod(wrong, 10)
    assert worst_entry(checked).numeric == pytest.approx(
        np.cos(x.flat[wrong]) * checked.pair.dy.flat[wrong]
    )


def test_the_numeric_gradient_for_unit_dy():
    x = np.array([0.1, 0.2])
    assert numeric_for_unit_dy(checked_input(np.sin, np.cos, x)) == pytest.approx(
        np.cos(x), rel=1e-14
    )
    central = numeric_for_unit_dy(checked_input(np.cbrt, np.sin, x))
    assert central == pytest.approx(np.cbrt(x) / (3 * x), rel=1e-6)


def test_a_gradient_of_the_wrong_shape_has_nan_derivatives():
    checked = checked_input(np.sin, np.cos, np.ones((2, 3)))
    assert np.all(np.isnan(directional_derivatives(checked.lines, np.ones((3, 2)), (2, 3))))
    assert worst_entry(checked) is None
