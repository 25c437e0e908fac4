"""Calls on copies of the inputs, L along a line, and pairs at other points."""

import numpy as np
import pytest

from minigan.gradcheck.calls import function_pair
from minigan.gradcheck.leaf import GradcheckInputError
from minigan.gradcheck.pair import Line, pair_at, random_dy


def pair_of(forward, *inputs, backward=lambda dy, *inputs: inputs):
    functions, leaves = function_pair(forward, backward, inputs, {}, None, None)
    return pair_at(functions, leaves, 0)


def test_dy_depends_on_the_seed_only_and_has_no_entry_near_zero():
    dy = random_dy(2000, 3)
    assert np.array_equal(dy, random_dy(2000, 3))
    assert not np.array_equal(dy, random_dy(2000, 4))
    assert 0.5 <= np.min(np.abs(dy)) <= np.max(np.abs(dy)) < 1.5
    assert 0.4 < np.mean(dy > 0) < 0.6


def test_an_entry_line_changes_one_entry_and_no_real_part():
    x = np.arange(6.0).reshape(2, 3)
    line = Line(pair_of(lambda a: a * 1, x), 0, 4)
    moved = line.y(complex(0.0, 2.0**-100))
    assert moved.real.tolist() == [0, 1, 2, 3, 4, 5]
    assert moved.imag.tolist() == [0, 0, 0, 0, 2.0**-100, 0]
    assert line.y(0.5).tolist() == [0, 1, 2, 3, 4.5, 5]
    assert line.index == (1, 1)
    assert line.length == 1.0
    assert line.along(10 * x) == 40.0


def test_a_dense_line_changes_all_entries_and_its_derivative_is_the_scalar_product():
    line = Line(pair_of(lambda a: a * 1, np.array([1.0, 2.0])), 0, np.array([3.0, -4.0]))
    assert line.y(0.5).tolist() == [2.5, 0.0]
    assert line.y(2j).imag.tolist() == [6, -8]
    assert line.length == 5.0
    assert line.along(np.array([10.0, 1.0])) == 26.0 / 5
    assert line.index is None


def test_every_call_has_new_copies_of_the_inputs():
    x, labels = np.ones(3), np.array([1, 2])

    def forward(a, labels):
        a *= 2
        labels[0] = 7
        return a

    def backward(dy, a, labels):
        dy *= 3
        a += 1
        return a

    pair = pair_of(forward, x, labels, backward=backward)
    assert pair.run(0, x).tolist() == pair.run(0, x).tolist() == [2, 2, 2]
    assert pair.gradients(pair.dy)[0].tolist() == pair.gradients(pair.dy)[0].tolist() == [2, 2, 2]
    assert np.array_equal(pair.dy, random_dy(3, 0))
    assert (x.tolist(), labels.tolist()) == ([1, 1, 1], [1, 2])


def test_results_in_reused_buffers_are_copied():
    buffer = np.zeros(2)
    pair = pair_of(lambda a: np.multiply(a, 2, out=buffer), np.ones(2))
    pair.run(0, np.full(2, 5.0))
    assert pair.y.tolist() == [2, 2]


def test_a_shape_that_depends_on_values_raises():
    pair = pair_of(lambda a: a[a > 0], np.array([1.0, 1e-9]))
    with pytest.raises(
        GradcheckInputError, match="returned 1 numbers after a small change of a, a"
    ):
        Line(pair, 0, 1).y(-1.0)
    with pytest.raises(GradcheckInputError, match="shape"):
        Line(pair, 0, 1).y_or_nan(-1.0)


def test_y_is_nan_where_forward_raises():
    def forward(a):
        if np.any(a < 0):
            raise ZeroDivisionError
        return a * 1

    pair = pair_of(forward, np.ones(2))
    assert np.isnan(Line(pair, 0, 1).y_or_nan(-2.0)).tolist() == [True, True]
    with pytest.raises(ZeroDivisionError):
        Line(pair, 0, 1).y(-2.0)
    assert np.all(np.isnan(pair.at(lambda x: -x).y))


def test_a_long_double_pair_is_used_only_if_forward_keeps_long_double():
    precise = np.finfo(np.longdouble).eps < np.finfo(float).eps
    kept = pair_of(lambda a: a / 3, np.ones(2))
    assert (kept.extended.epsilon < kept.epsilon) == precise
    lost = pair_of(lambda a: a.astype(float) / 3, np.ones(2))
    assert lost.extended is lost


def test_long_double_is_used_only_if_forward_returns_it():
    def extended(forward):
        x = np.array([0.7, -1.3, 0.25])
        functions, leaves = function_pair(forward, lambda dy, x: dy, [x], {}, None, None)
        return pair_at(functions, leaves, 0).extended.y.dtype

    assert extended(lambda x: x * np.sin(x)) == np.longdouble
    assert extended(lambda x: 1e6 + np.abs(x)) == np.longdouble
    assert extended(lambda x: np.sin(x).astype(np.float64)) == np.float64
