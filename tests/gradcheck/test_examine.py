"""Errors of one input, entry by entry or by samples and dense directions."""

import numpy as np
import pytest

from minigan.gradcheck.examine import (
    DIRECTIONS,
    Options,
    claims,
    examine,
    numeric_for_ones,
    worst_of,
)
from minigan.gradcheck.numeric import CENTRAL
from minigan.gradcheck.pair import Pair, upstream

DEFAULT = Options(None, 0.0, 0, 2000)


def examined(forward, gradient, x, options=DEFAULT):
    """`gradient(x)` is dy/dx of an elementwise function."""
    y = np.asarray(forward(x))
    pair = Pair(forward, lambda *_: None, (x,), ("x",), y, upstream(y.shape, 0))
    return examine(pair, 0, np.asarray(gradient(x) * pair.dy), options)


def test_errors_are_relative_to_the_largest_numeric_entry():
    it = examined(lambda x: x * 1, lambda x: np.array([1.0, 1.0, 1.0 + 1e-3]), np.ones(3))
    dy = np.abs(it.pair.dy)
    assert it.errors == pytest.approx([0, 0, 1e-3 * dy[2] / dy.max()])
    assert it.bad.tolist() == [False, False, True]
    assert worst_of(it).index == (2,)


def test_a_zero_gradient_must_be_exactly_zero():
    x = np.ones(2)
    assert not np.any(examined(lambda x: x * 0, lambda x: x * 0, x).bad)
    it = examined(lambda x: x * 0, lambda x: x * 1e-300, x)
    assert it.errors.tolist() == [np.inf, np.inf]


def test_an_absolute_tolerance_accepts_small_errors():
    x = np.ones(2)
    loose = Options(None, 1e-15, 0, 2000)
    assert not np.any(examined(lambda x: x * 0, lambda x: x * 1e-16, x, loose).bad)
    assert np.all(examined(lambda x: x * 0, lambda x: x * 1e-14, x, loose).bad)


def test_the_callers_tolerance_counts_but_not_below_what_central_differences_see():
    x = np.array([8.0])
    strict = Options(1e-12, 0.0, 0, 2000)
    assert examined(np.exp, np.exp, x, strict).tolerance == 1e-12
    assert examined(np.exp, np.exp, x).tolerance == 1e-10
    it = examined(np.cbrt, lambda x: np.cbrt(x) / (3 * x), x, strict)
    assert (it.numeric.method, it.tolerance) == (CENTRAL, 1e-6)
    assert examined(np.cbrt, np.cbrt, x, Options(1e-3, 0.0, 0, 9)).tolerance == 1e-3


def test_a_large_input_is_sampled_reproducibly_and_seen_whole():
    x = np.random.default_rng(0).normal(size=(30, 10))
    options = Options(None, 0.0, 5, 20)
    it, again = (examined(np.sin, np.cos, x, options) for _ in range(2))
    assert it.entries == 20
    assert len(it.lines) == 20 + DIRECTIONS
    assert len({line.direction for line in it.lines[:20]}) == 20
    assert [a.direction for a in it.lines[:20]] == [b.direction for b in again.lines[:20]]
    assert not np.any(it.bad)


@pytest.mark.parametrize("wrong", range(0, 300, 23))
def test_one_wrong_entry_among_many_is_found_by_bisection(wrong):
    x = np.random.default_rng(0).normal(size=(30, 10))

    def cosine(x):
        g = np.cos(x)
        g.reshape(-1)[wrong] += 0.1
        return g

    it = examined(np.sin, cosine, x, Options(None, 0.0, 0, 5))
    assert worst_of(it).index == divmod(wrong, 10)
    assert worst_of(it).numeric == pytest.approx(np.cos(x.flat[wrong]) * it.pair.dy.flat[wrong])


def test_the_numeric_gradient_for_dy_equal_to_one():
    x = np.array([0.1, 0.2])
    assert numeric_for_ones(examined(np.sin, np.cos, x)) == pytest.approx(np.cos(x), rel=1e-14)
    central = numeric_for_ones(examined(np.cbrt, np.sin, x))
    assert central == pytest.approx(np.cbrt(x) / (3 * x), rel=1e-6)


def test_a_gradient_of_the_wrong_shape_claims_nothing():
    it = examined(np.sin, np.cos, np.ones((2, 3)))
    assert np.all(np.isnan(claims(it.lines, np.ones((3, 2)), (2, 3))))
    assert worst_of(it) is None
