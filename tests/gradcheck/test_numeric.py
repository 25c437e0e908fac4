"""Numeric derivatives: by the complex step where it is proved or confirmed, else by differences."""

import time
from dataclasses import replace

import numpy as np
import pytest

from minigan.gradcheck import check
from minigan.gradcheck.calls import function_pair
from minigan.gradcheck.differences import CENTRAL, ONE_SIDED
from minigan.gradcheck.examine import dense_lines
from minigan.gradcheck.leaf import GradcheckInputError
from minigan.gradcheck.numeric import (
    COMPLEX_STEP,
    Estimator,
    complex_step,
    largest,
    noise_of,
    power_of_two,
    scales_of,
    typical_size,
)
from minigan.gradcheck.pair import Line, Pair, pair_at

X = np.array([0.3, -1.2, 0.7, 2.0])


def pair_of(forward, x=X):
    functions, leaves = function_pair(forward, lambda dy, x: dy, (x,), {}, None, None)
    return pair_at(functions, leaves, 0)


def numeric(forward, x=X, seconds=10.0, tolerance=1e-10, tick=lambda: None):
    pair = pair_of(forward, x)
    lines = [Line(pair, 0, i) for i in range(x.size)]
    _, found = Estimator(lines, dense_lines(pair, 0, 0), tolerance, seconds, tick).derivatives()
    return found, pair.dy


def test_the_complex_step_has_no_cancellation_at_any_scale():
    for scale in (1e-40, 1.0, 1e40):
        x = scale * X
        found, dy = numeric(lambda x, scale=scale: np.sin(x / scale), x)
        assert found.method == COMPLEX_STEP
        assert found.proved
        np.testing.assert_allclose(found.low * scale, dy * np.cos(X), rtol=1e-14)
        np.testing.assert_array_equal(found.low, found.high)
        assert not np.any(found.error)


def test_entries_of_different_scales_have_exact_complex_steps():
    s = np.array([1e-40, 1e-10, 1.0, 1e40])
    found, dy = numeric(lambda x: np.sin(x / s), s * X)
    np.testing.assert_allclose(found.low * s, dy * np.cos(X), rtol=1e-13)


def test_the_complex_step_along_a_dense_direction():
    pair = pair_of(lambda x: x**2)
    v = np.array([1.0, 0.0, -2.0, 0.5])
    expected = np.sum(pair.dy * 2 * X * v) / np.linalg.norm(v)
    assert complex_step(Line(pair, 0, v)) == pytest.approx(expected, rel=1e-14)


def test_code_that_the_trace_does_not_see_is_confirmed_by_differences():
    found, dy = numeric(lambda x: np.array([one**3 for one in x]))
    assert found.method == COMPLEX_STEP
    assert not found.proved
    np.testing.assert_allclose(found.low, dy * 3 * X**2, rtol=1e-14)


@pytest.mark.parametrize("size", [1.0, 1e-3, 1e-6, 1e-9])
def test_a_dropped_imaginary_part_is_noticed_at_any_size(size):
    found, dy = numeric(lambda x: np.sin(x) + size * np.abs(x) ** 2)
    expected = dy * (np.cos(X) + 2 * size * X)
    assert found.method == CENTRAL
    assert np.all(np.abs(found.low - expected) <= found.error + 1e-15)
    assert np.max(found.error) <= 0.1 * size
    assert "np.absolute" in found.operations[0]
    assert "the complex step is" in found.reason


@pytest.mark.parametrize(
    ("forward", "reason"),
    [
        (lambda x: np.real(x) * 1, "forward drops the imaginary part"),
        (lambda x: np.conj(x) * 1, "forward conjugates"),
        (lambda x: np.arctan2(x, 1), "raises an exception for complex numbers (TypeError: ufunc"),
        (lambda x: x if x.dtype.kind == "f" else x * np.nan, "NaN or Inf at the complex point"),
    ],
)
def test_the_reason_why_the_complex_step_is_not_used(forward, reason):
    found, _ = numeric(forward)
    assert found.method == CENTRAL
    assert reason in found.reason


def test_differences_may_have_time_for_fewer_entries_than_the_complex_step():
    def forward(x):
        time.sleep(0.0 if np.iscomplexobj(x) else 0.001)
        return np.abs(x)

    pair = pair_of(forward, np.linspace(1.0, 2.0, 12))
    entries = [Line(pair, 0, i) for i in range(12)]
    lines, found = Estimator(entries, dense_lines(pair, 0, 0), 1e-10, 0.05).derivatives()
    assert [line.index is None for line in lines] == [False] * 4 + [True] * 2
    np.testing.assert_allclose(found.low[:4], pair.dy[:4], rtol=1e-10)
    assert found.reason


def test_no_line_needs_no_derivative():
    for forward in (lambda x: np.ones(2), lambda x: np.ones(2) + np.sum(np.arctan2(x, 1))):
        assert numeric(lambda x, f=forward: f(x), np.empty(0))[0].low.size == 0


def test_every_line_ticks_once_for_each_method():
    ticks = []
    numeric(lambda x: x**2, tick=lambda: ticks.append(1))
    assert len(ticks) == 4


def test_both_branches_of_a_kink_are_correct():
    x = np.array([0.0, 1.0, -1.0])
    found, dy = numeric(lambda x: np.maximum(x, 0), x)
    assert found.method == COMPLEX_STEP
    assert found.low.tolist() == [min(dy[0], 0), dy[1], 0]
    assert found.high.tolist() == [max(dy[0], 0), dy[1], 0]
    assert list(found.kinks) == [0]
    nearest = found.nearest(np.array([0.3 * dy[0], 5.0, np.nan]))
    assert nearest.tolist() == [0.3 * dy[0], dy[1], 0]


def test_a_branch_that_does_not_depend_on_the_perturbation_is_the_only_one():
    found, dy = numeric(lambda x: np.where(x.real > 0, x, 0), np.array([0.0, 1.0, -1.0]))
    assert found.low.tolist() == found.high.tolist() == [0, dy[1], 0]


def test_slopes_at_a_kink_by_differences():
    found, dy = numeric(lambda x: np.abs(x), np.array([0.0, 1.0]))
    assert found.method == CENTRAL
    np.testing.assert_allclose([found.low[0], found.high[0]], [-abs(dy[0]), abs(dy[0])], atol=1e-9)


def test_at_a_kink_the_complex_step_is_used_only_if_it_is_proved():
    for side in (1, -1):

        def forward(x, side=side):
            return np.array([one if side * one.real > 0 else 2 * abs(one) for one in x])

        found, dy = numeric(lambda x, f=forward: f(x), np.array([0.0, side]))
        slopes = sorted([dy[0] * (1 if side > 0 else 2), dy[0] * (-2 if side > 0 else 1)])
        np.testing.assert_allclose([found.low[0], found.high[0]], slopes, rtol=1e-9)


@pytest.mark.parametrize("forward", [lambda x: np.maximum(x, 0), lambda x: np.maximum(x.real, 0)])
def test_a_dense_direction_through_kinks_decides_nothing(forward):
    pair = pair_of(forward, np.zeros(8))
    lines = [Line(pair, 0, i) for i in range(4)]
    lines, found = Estimator(lines, dense_lines(pair, 0, 0), 1e-10, 10.0).derivatives()
    assert [line.index is None for line in lines] == [False] * 4 + [True] * 2
    assert np.all(np.isinf(found.low[4:]) & np.isinf(found.high[4:]))
    assert np.all(np.isfinite(found.low[:4]))


def test_all_lines_on_one_side_of_the_domain():
    def forward(x):
        if np.any(np.real(x) < 0) or np.iscomplexobj(x):
            raise ValueError("outside")
        return x**2 + 3 * x

    found, dy = numeric(forward, np.zeros(2))
    assert found.method == ONE_SIDED
    assert np.all(np.abs(found.low - 3 * dy) <= found.error)


def test_a_shape_that_depends_on_the_values_is_reported():
    with pytest.raises(GradcheckInputError, match="its shape must not depend on the values"):
        numeric(lambda x: x[: 2 if np.iscomplexobj(x) else 3])


def test_without_long_double_holomorphic_code_is_confirmed(monkeypatch):
    monkeypatch.setattr(Pair, "extended", property(lambda self: self))
    found, dy = numeric(lambda x: np.exp(x))
    assert found.proved
    np.testing.assert_allclose(found.low, dy * np.exp(X), rtol=1e-14)


def test_the_scales_of_an_entry_are_the_typical_one_and_its_own():
    pair = pair_of(lambda x: x * 1, np.array([3.0, 1e-12, 5.0]))
    assert scales_of(Line(pair, 0, 0)) == [4.0]
    assert scales_of(Line(pair, 0, 1)) == [4.0, 2.0**-39]
    assert scales_of(Line(pair, 0, np.ones(3))) == [1.0]


def test_sizes():
    assert typical_size(np.array([3.0, 4.0])) == pytest.approx(np.sqrt(12.5))
    assert typical_size(np.zeros(3)) == 1.0
    assert typical_size(np.array([3e200, 4e200])) == pytest.approx(np.sqrt(12.5) * 1e200)
    assert [power_of_two(x) for x in (0.9, 1.0, 1.1)] == [1.0, 1.0, 2.0]


def test_the_largest_number_is_finite():
    assert largest(np.array([1.0, -4.0, np.inf, np.nan])) == 4.0
    assert largest(np.empty(0)) == 0.0


def test_noise_is_measured_once_for_each_input_and_by_the_scale_of_each_entry():
    pair = pair_of(lambda x: np.log(np.real(x)), np.array([1e-30, 1e10]))
    first = noise_of(pair, 0)
    assert noise_of(pair, 0) is first
    assert np.all(first < 1e-12)
    assert noise_of(replace(pair, noise={}), 0) is not first


def test_a_constant_with_ties_needs_no_difference_along_every_entry():
    calls = []

    def steps(x):  # piecewise constant: the derivative is 0 where the equal numbers are no kink
        calls.append(1)
        return np.where(x.real == x.real.max(), 1.0, 0.5) + 0 * x

    x = np.array([[float(i) for i in range(40)]])
    row = check(steps, lambda dy, x: 0 * dy, x).rows[0]
    assert (row.verdict, row.method) == ("pass", "complex step")
    assert len(calls) < 400


@pytest.mark.parametrize("asks", [lambda x: x.dtype.kind, lambda x: np.result_type(x, x).kind])
def test_a_branch_for_complex_numbers_with_the_same_values_is_not_believed(asks):
    def forward(x):  # at X, both branches have the same value, and other derivatives
        return 3 * (x - X) + X**2 if asks(x) == "c" else x**2

    report = check(forward, lambda dy, x: 3 * dy, X)
    assert (report.verdict, report.rows[0].method) == ("FAIL", CENTRAL)
    assert "the complex step is" in report.rows[0].diagnosis
    assert check(forward, lambda dy, x: 2 * x * dy, X)


def test_a_dtype_for_a_new_array_keeps_the_proof():
    def forward(x):
        y = np.zeros_like(x, dtype=x.dtype)
        y[...] = np.exp(x)
        return y

    found, _ = numeric(forward)
    assert (found.method, found.proved) == (COMPLEX_STEP, True)
