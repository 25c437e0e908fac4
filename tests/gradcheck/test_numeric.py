"""Numeric derivatives: by the complex step where it is proved or confirmed, else by differences."""

import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from minigan.gradcheck import check
from minigan.gradcheck.calls import function_pair
from minigan.gradcheck.differences import CENTRAL, ONE_SIDED, Slope
from minigan.gradcheck.examine import dense_lines
from minigan.gradcheck.leaf import GradcheckInputError
from minigan.gradcheck.numeric import (
    COMPLEX_STEP,
    Estimator,
    H,
    NumericDerivatives,
    complex_step,
    errors_of_small,
    explained,
    largest,
    noise_of,
    power_of_two,
    scales_of,
    typical_size,
    with_branches,
)
from minigan.gradcheck.pair import Line, Pair, pair_at
from minigan.gradcheck.tracing import TracedCall

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


def test_differences_are_computed_only_where_there_is_a_complex_step(monkeypatch):
    now = [0.0]
    clock = SimpleNamespace(perf_counter=lambda: now[0])
    monkeypatch.setattr("minigan.gradcheck.numeric.time", clock)

    def forward(x):  # slow for complex numbers, and not possible for those after the fourth entry
        if np.iscomplexobj(x):
            now[0] += 0.025
            if np.any(x.imag[5:]) and not np.any(x.imag[:5]):
                raise TypeError("no complex number")
        return np.abs(x)

    pair = pair_of(forward, np.linspace(1.0, 2.0, 12))
    entries = [Line(pair, 0, i) for i in range(12)]
    estimator = Estimator(entries, dense_lines(pair, 0, 0), 1e-10, 1.0, began=0.0)
    lines, found = estimator.derivatives()
    assert [line.index for line in lines] == [(0,), (1,), (2,), (3,), None, None]
    assert found.method == CENTRAL


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
    scales = {2.0**-6: [1.0], 2.0**-9: [1.0, 2.0**-9], 0.0: [1.0], 2.0**-1030: [1.0, 2.0**-1030]}
    for own, expected in {
        **scales,
        2.0**-1031: [1.0],
        5e-324: [1.0],
        -(2.0**-9): scales[2.0**-9],
    }.items():
        x = np.array([own, np.sqrt(2 - own**2)])  # the root mean square is 1
        assert scales_of(Line(pair_of(lambda x: x * 1, x), 0, 0))[1:] == expected[1:]
    assert scales_of(Line(pair_of(lambda x: x * 1, np.array([2.0**-8, 1.0])), 0, 0)) == [1.0]
    assert scales_of(Line(pair_of(lambda x: x * 1, np.array([5.0, 1.0])), 0, 0)) == [8.0]


def test_sizes():
    assert typical_size(np.array([3.0, 4.0])) == pytest.approx(np.sqrt(12.5))
    assert typical_size(np.zeros(3)) == 1.0
    assert typical_size(np.full(3, 2.0**-400)) == 1.0
    assert typical_size(np.full(3, 2.0**-399)) == 2.0**-399
    assert typical_size(np.array([-3.0])) == 3.0
    assert typical_size(np.zeros(0)) == 1.0
    assert typical_size(np.array([3e200, 4e200])) == pytest.approx(np.sqrt(12.5) * 1e200)
    assert [power_of_two(x) for x in (0.9, 1.0, 1.1)] == [1.0, 1.0, 2.0]


def test_the_largest_number_is_finite():
    assert largest(np.array([1.0, -4.0, np.inf, np.nan])) == 4.0
    assert largest(np.empty(0)) == 0.0
    assert largest(np.array([-0.5, np.nan])) == 0.5


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


V = np.array([1.0, -2.0, 2.0])  # of length 3


@pytest.fixture
def fake(monkeypatch):
    """`slope_along` returns the given slopes, and its arguments are kept."""
    known = SimpleNamespace(slopes=[], calls=[])

    def slope_along(line, noise, target, scales):
        known.calls.append((line, noise, target, scales))
        return known.slopes.pop(0)

    monkeypatch.setattr("minigan.gradcheck.numeric.slope_along", slope_along)
    return known


def dense_of(pair, count=4):
    return [Line(pair, 0, V * (i + 1)) for i in range(count)]


def test_two_dense_directions_confirm_the_complex_step(fake):
    pair = pair_of(lambda x: x**2, np.array([1.0, 2.0, 3.0]))
    fake.slopes = [Slope(5.0, 0.0), Slope(6.0, 0.0)]
    dense = dense_of(pair, 3)
    assert Estimator([], dense, 1e-3, 1.0).contradiction([5.0, 6.0, 7.0], 12.0, False) == ""
    for (line, noise, target, scales), expected in zip(fake.calls, dense, strict=False):
        assert line is expected
        assert noise is noise_of(pair, 0)
        assert target == pytest.approx(1e-3 * 12 * (1 / 3) / 2)
        assert scales == [1.0]
    assert len(fake.calls) == 2


def test_one_dense_direction_is_enough_for_a_proved_complex_step(fake):
    pair = pair_of(lambda x: x**2, np.array([1.0, 2.0, 3.0]))
    natural = np.sum(np.abs(pair.dy * pair.y)) / 3
    for tolerance, least in ((1e-3, 4e-3), (1e-10, 4e-8)):
        fake.slopes = [Slope(5.0, 0.0)]
        estimator = Estimator([], dense_of(pair), tolerance, 1.0)
        assert estimator.contradiction([5.0] * 4, 12.0, True) == ""
        _, noise, target, _ = fake.calls[-1]
        np.testing.assert_array_equal(noise, pair.epsilon * np.abs(pair.y))
        assert target == pytest.approx((least + tolerance * natural) / 2)
    assert len(fake.calls) == 2


JUMP = "forward has a kink along a dense direction"
OTHER = "the complex step and the differences disagree"
ROUGHLY = "differences confirm the complex step only roughly"


@pytest.mark.parametrize(("proved", "slope", "reason"), [
    (False, Slope(5.0, 0.0, jump=-1.0), JUMP), (True, Slope(5.0, 0.0, jump=1.0), JUMP),
    (False, Slope(5 - 1.98e-3, 1e-3), ""), (False, Slope(5 + 2.02e-3, 1e-3), OTHER),
    (False, Slope(5 - 2.02e-3, 1e-3), OTHER), (False, Slope(5.0, 4.1e-3), ROUGHLY),
    (False, Slope(5.0, 3.9e-3), ""),
    (False, Slope(5.0 + 0.9 * 17 * 2.0**-44, 0.0), ""),
    (False, Slope(5.0 - 1.1 * 17 * 2.0**-44, 0.0), OTHER),
    (True, Slope(5 + 3.9e-3 + 2e-3, 1e-3), ""), (True, Slope(5 + 4.1e-3 + 2e-3, 1e-3), OTHER),
])  # fmt: skip
def test_what_contradicts_a_complex_step(fake, proved, slope, reason):
    pair = pair_of(lambda x: 1e-9 * x, np.array([1.0, 2.0, 3.0]))
    fake.slopes = [slope, slope]
    assert Estimator([], dense_of(pair), 1e-3, 1.0).contradiction([5.0] * 4, 12.0, proved) == reason


def test_a_negative_complex_step_is_confirmed_like_a_positive_one(fake):
    pair = pair_of(lambda x: 1e-9 * x, np.array([1.0, 2.0, 3.0]))
    fake.slopes = [Slope(-5.0 - 0.9 * 17 * 2.0**-44, 0.0), Slope(-5.0, 0.0)]
    assert Estimator([], dense_of(pair), 1e-3, 1.0).contradiction([-5.0] * 4, 12.0, False) == ""


def test_an_error_of_exactly_the_target_is_no_contradiction(fake):
    pair = pair_of(lambda x: 0 * x, np.array([1.0, 2.0, 3.0, 4.0]))
    line = Line(pair, 0, np.full(4, 0.5))  # of length 1; the target is 0.25 * 8 * 0.5
    fake.slopes = [Slope(0.0, 1.0)]
    assert Estimator([], [line], 0.25, 1.0).contradiction([0.0], 8.0, True) == ""
    fake.slopes = [Slope(1.0, 0.0)]
    assert Estimator([], [line], 0.25, 1.0).contradiction([0.0], 8.0, True) == ""


def test_the_differences_of_all_lines(fake):
    pair = pair_of(lambda x: x * 1, np.array([1.0, 2.0, 1e-9]))
    entries = [Line(pair, 0, i) for i in range(2)]  # entry 2 is left out
    dense = dense_of(pair)
    fake.slopes = [
        Slope(-3.0, 0.25),
        Slope(np.nan, np.inf, method=ONE_SIDED),
        Slope(2.0, 0.5, jump=-1.0),
        Slope(1.0, 0.125, method=ONE_SIDED),
    ]
    lines, found = Estimator(entries, dense, 0.5, 10.0).differences("why", 2.0)
    assert lines == [*entries, *dense[:2]]
    assert found.low.tolist()[::3] == [-3.0, 1.0]
    assert found.high.tolist()[::3] == [-3.0, 1.0]
    assert (found.low[2], found.high[2]) == (-np.inf, np.inf)  # a dense direction
    assert found.error.tolist() == [0.25, np.inf, 0.5, 0.125]
    assert (found.method, found.reason, found.proved) == (CENTRAL, "why", False)
    assert list(found.kinks) == [2]
    assert [target for _, _, target, _ in fake.calls] == [1.0, 1.5, 1.5, 1.5]
    for (line, noise, _, scales), expected in zip(fake.calls, lines, strict=True):
        assert line is expected
        assert noise is noise_of(pair, 0)
        assert scales == scales_of(line)


def test_a_kink_at_an_entry_has_the_slopes_of_both_sides(fake):
    pair = pair_of(lambda x: x * 1, np.array([1.0, 2.0]))
    fake.slopes = [Slope(2.0, 0.5, jump=-1.0), Slope(2.0, 0.5, jump=3.0, method=ONE_SIDED)]
    entries = [Line(pair, 0, i) for i in range(2)]
    _, found = Estimator(entries, dense_of(pair), 0.5, 10.0).differences("")
    assert (found.low.tolist(), found.high.tolist()) == ([1.5, 0.5], [2.5, 3.5])
    assert list(found.kinks) == [0, 1]
    assert [target for _, _, target, _ in fake.calls] == [0.0, 1.0]
    fake.slopes = [Slope(2.0, 0.5, method=ONE_SIDED), Slope(2.0, 0.5, method=ONE_SIDED)]
    assert Estimator(entries, dense_of(pair), 0.5, 10.0).differences("")[1].method == ONE_SIDED


@pytest.mark.parametrize(("part", "seconds", "count"), [(0.5, 12.0, 12), (0.5, 14.0, 13),
                         (0.25, 12.0, 9), (0.5, -4.0, 4), (0.5, 40.0, 16)])  # fmt: skip
def test_entries_are_added_until_a_part_of_the_time(monkeypatch, part, seconds, count):
    now = iter(range(100, 200))
    clock = SimpleNamespace(perf_counter=lambda: next(now))
    monkeypatch.setattr("minigan.gradcheck.numeric.time", clock)
    pair = pair_of(lambda x: x * 1, np.ones(16))
    dense, ticks = [Line(pair, 0, np.ones(16))], []
    order = np.random.default_rng(0).permutation(16).tolist()
    entries = [Line(pair, 0, i) for i in order]
    estimator = Estimator(entries, dense, 0.5, seconds, lambda: ticks.append(1), began=101.0)
    lines, found = estimator.in_time(lambda line: line.direction, dense, part)
    # the fifth entry is begun at 100, the sixth at 101, ..., until 101 + part * seconds
    assert [line.direction for line in lines[:count]] == found[:count] == sorted(order[:count])
    assert len(ticks) == count
    assert lines[count:] == ([] if count == 16 else dense)


def test_the_error_of_a_small_complex_step():
    pair = pair_of(lambda x: x**3 + 1e-200 * x, np.zeros(2))
    lines = [Line(pair, 0, 0), Line(pair, 0, 1)]
    steps = np.array([complex_step(line) for line in lines])
    found = errors_of_small(lines, steps)
    np.testing.assert_allclose(found, 2 * (1 - 2.0**-20) * H**2 * np.abs(pair.dy), rtol=1e-12)
    lost = 2.0 ** (-1074 + 300 + 10) * np.sum(np.abs(pair.dy))
    flat = pair_of(lambda x: 0 * x, np.zeros(2))
    lines = [Line(flat, 0, 0), Line(flat, 0, 1)]
    np.testing.assert_allclose(errors_of_small(lines, np.zeros(2)), lost, rtol=1e-12)
    assert errors_of_small(lines, np.array([0.0, 2.0**-500])).tolist() == [0, 0]
    assert errors_of_small(lines, np.array([0.0, 2.0**-501])).tolist() != [0, 0]
    assert errors_of_small([], np.zeros(0)).size == 0
    upper = pair_of(lambda x: np.where(x.imag < 0, 2e-200 * x, 1e-200 * x), np.ones(1))
    lines = [Line(upper, 0, 0)]  # another branch for -h is no error of h
    assert errors_of_small(lines, np.array([complex_step(lines[0])]))[0] < 1e-225


def test_both_branches_at_kinks_and_one_elsewhere():
    def forward(x):  # the slope is 2 or -1, by the sign of the perturbation
        return np.where(x.imag > 0, 2 * x, np.where(x.imag < 0, -x, x))

    pair = pair_of(forward, np.zeros(3))
    pair.dy[...] = [4.0, 1.0, 2.0]
    lines = [*(Line(pair, 0, i) for i in range(3)), Line(pair, 0, V)]
    slopes = {1: Slope(0.0, 0.0, jump=1.0), 3: Slope(0.0, 0.0, jump=1.0)}
    known = np.array([-9.0, -8.0, -7.0, -6.0])
    differences = NumericDerivatives(CENTRAL, known, -known, np.ones(4), kinks=slopes)
    for steps in (np.full(4, 2.0), np.array([2.0, -1.5, 2.0, 2.0])):
        found = with_branches(lines, steps, differences)
        assert found.low.tolist() == [2, min(-1, steps[1]), 2, -6]
        assert found.high.tolist() == [2, max(-1, steps[1]), 2, 6]
        assert found.error.tolist() == [0, 0, 0, 0]
        assert (found.method, found.proved, found.kinks) == (COMPLEX_STEP, True, slopes)


@pytest.mark.parametrize(("step", "difference", "error", "reason"), [
    (5.0, 3.0, 0.9, "at entry (1,) the complex step is 5, the central difference 3"),
    (5.0, 3.0, 1.0, "no difference confirms the complex step to the tolerance"),
    (5.0, 3.0, 1.1, "no difference confirms the complex step to the tolerance"),
    (3.0 + 1.1 * 4 * 2.0**-44, 3.0, 0.0,
     "at entry (1,) the complex step is 3, the central difference 3"),
    (3.0 + 0.9 * 4 * 2.0**-44, 3.0, 0.0,
     "no difference confirms the complex step to the tolerance"),
    (-5.9e-6, 6.0, 0.0, "at entry (1,) the complex step is -5.9e-06, the central difference 6: "
     "forward drops the imaginary part"),
    (-6.1e-6, 6.0, 0.0, "at entry (1,) the complex step is -6.1e-06, the central difference 6"),
    (0.0, -6.0, 0.0, "at entry (1,) the complex step is 0, the central difference -6: "
     "forward drops the imaginary part"),
    (-6 + 5.9e-6, 6.0, 0.0, "at entry (1,) the complex step is -5.99999, the central difference "
     "6: forward conjugates"),
    (6 - 5.9e-6, -6.0, 0.0, "at entry (1,) the complex step is 5.99999, the central difference "
     "-6: forward conjugates"),
    (-6 + 6.1e-6, 6.0, 0.0, "at entry (1,) the complex step is -5.99999, the central difference "
     "6"),
    (np.nan, 3.0, 0.0, "no difference confirms the complex step to the tolerance"),
    (1e-6 * 6.0, 6.0, 0.0, "at entry (1,) the complex step is 6e-06, the central difference 6: "
     "forward drops the imaginary part"),
    (-999999.0, 1e6, 0.0, "at entry (1,) the complex step is -999999, the central difference "
     "1e+06: forward conjugates"),
])  # fmt: skip
def test_the_largest_excess_is_the_reason(step, difference, error, reason):
    pair = pair_of(lambda x: x * 1, np.ones(3))
    lines = [*(Line(pair, 0, i) for i in range(3)), Line(pair, 0, V)]
    seen = TracedCall(None, ("np.abs",), False, False)
    numbers = np.array([4.0, difference, 2.0, 1.0])
    errors = np.array([0.0, error, 0.0, 0.0])
    differences = NumericDerivatives(CENTRAL, numbers, numbers, errors)
    found = explained(lines, np.array([4.0, step, 2.0, 1.0]), differences, seen)
    assert found.reason == reason
    assert found.operations == (() if reason.startswith("no") else ("np.abs",))
    dense = explained(lines, np.array([4.0, step, 2.0, 1e8]), differences, seen)
    assert (
        dense.reason
        == "along a dense direction the complex step is 1e+08, the central difference 1"
    )


def test_the_scale_and_the_nearest_correct_value():
    low, high = np.array([-3.0, 1.0, np.nan]), np.array([2.0, 1.0, np.inf])
    found = NumericDerivatives(CENTRAL, low, high, np.zeros(3))
    assert found.scale == 3.0
    assert found.nearest(np.array([-5.0, 2.0, 0.0]))[:2].tolist() == [-3.0, 1.0]
    assert found.nearest(np.array([5.0, np.nan, 0.0]))[:2].tolist() == [2.0, 1.0]
    assert (found.reason, found.operations, found.kinks, found.proved) == ("", (), {}, False)


def test_the_line_that_shows_the_noise(monkeypatch):
    given = []
    monkeypatch.setattr("minigan.gradcheck.numeric.rounding_noise", given.append)
    x = np.array([[0.0, -3.0, 4.0], [2.0, 0.0, 1.0]])
    noise_of(pair_of(lambda x: x * 1, x), 0)
    small = np.sqrt(30 / 6) / 8
    expected = np.array([[small, -3.0, 4.0], [-2.0, small, -1.0]])
    np.testing.assert_allclose(given[0].direction, expected, rtol=1e-14)
    assert (given[0].pair.leaves[0].x.tolist(), given[0].k) == (x.tolist(), 0)


def test_a_complex_step_between_the_slopes_at_a_kink_is_no_contradiction():
    pair = pair_of(lambda x: x * 1, np.ones(1))
    seen = TracedCall(None, (), False, False)
    interval = NumericDerivatives(CENTRAL, np.zeros(1), np.ones(1), np.zeros(1))
    for step in (0.0, 1.0):
        found = explained([Line(pair, 0, 0)], np.array([step]), interval, seen)
        assert found.reason == "no difference confirms the complex step to the tolerance"
    found = explained([Line(pair, 0, 0)], np.array([-1.0]), interval, seen)
    assert found.reason.startswith("at entry (0,) the complex step is -1")


def test_the_middle_one_of_three_inputs(fake, monkeypatch):
    t, x, u = np.full(2, 50.0), np.array([3.0, 1e-12, 5.0, 4.0, 6.0, 7.0]), np.full(9, 1e-20)
    arguments = (lambda t, x, u: x * 1, lambda dy, t, x, u: dy, (t, x, u), {}, None, None)
    pair = pair_at(*function_pair(*arguments), 0)
    assert scales_of(Line(pair, 1, 1)) == [8.0, 2.0**-39]
    noise = noise_of(pair, 1)
    assert noise_of(pair, 1) is noise
    entries = [Line(pair, 1, i) for i in range(6)]
    dense = [Line(pair, 1, np.ones(6))]
    fake.slopes = [Slope(1.0, 0.0)] * 7
    estimator = Estimator(entries, dense, 1e-3, 10.0)
    assert estimator.contradiction([1.0], 1.0, False) == ""
    lines, _ = estimator.differences("")
    assert lines == entries
    assert [call[1] is noise for call in fake.calls] == [True] * 7
    fake.slopes = [Slope(1.0, 0.0)] * 5
    assert Estimator(entries[:4], dense, 1e-3, 10.0).differences("")[0] == [*entries[:4], *dense]
    given = []
    monkeypatch.setattr("minigan.gradcheck.numeric.rounding_noise", given.append)
    noise_of(replace(pair, noise={}), 1)
    assert given[0].k == 1
    assert np.abs(given[0].direction).tolist() == x.tolist()


def test_an_input_without_numbers_has_no_contradiction():
    pair = pair_of(lambda x: np.ones(2), np.empty(0))
    estimator = Estimator([], [Line(pair, 0, np.empty(0))], 0.125, 1.0)
    with np.errstate(invalid="ignore"):
        assert estimator.contradiction([0.0], 0.0, False) == ""


def test_two_derivatives_of_0_are_no_contradiction():
    pair = pair_of(lambda x: 0 * x, np.ones(1))
    zero = NumericDerivatives(CENTRAL, np.zeros(1), np.zeros(1), np.zeros(1))
    found = explained([Line(pair, 0, 0)], np.zeros(1), zero, TracedCall(None, (), False, False))
    assert found.reason == "no difference confirms the complex step to the tolerance"


def test_the_parts_of_the_time(monkeypatch):
    parts, in_time = [], Estimator.in_time

    def recorded(self, function, dense, part):
        parts.append((part, len(dense)))
        return in_time(self, function, dense, part)

    monkeypatch.setattr(Estimator, "in_time", recorded)
    numeric(lambda x: x**2)
    numeric(lambda x: np.array([one**3 for one in x]))
    numeric(lambda x: np.abs(x))
    assert parts == [(0.5, 4), (0.2, 4), (0.2, 4), (0.6, 2)]


def test_what_the_dense_directions_and_the_differences_are_given(monkeypatch):
    given, differences = [], Estimator.differences
    monkeypatch.setattr(Estimator, "contradiction", lambda *all: given.append(all[1:]) or "why")
    monkeypatch.setattr(
        Estimator, "differences", lambda *all: given.append(all[1:]) or differences(*all)
    )
    for forward, proved in (
        (lambda x: np.maximum(x, 0), True),
        (lambda x: np.array([one * 1 if one.real > 0 else 0 * one for one in x]), False),
    ):
        x = np.array([0.0, 1.0, 3.0])
        pair = pair_of(forward, x)
        _, dy = numeric(lambda x, f=forward: f(x), x)
        (checks, scale, known), (reason, same) = given
        steps = [complex_step(line) for line in dense_lines(pair, 0, 0)]
        assert checks == pytest.approx(steps)
        assert scale == same == np.max(np.abs(dy[1 - proved :]))
        assert known is proved
        assert reason == "why"
        given.clear()


def test_derivatives_that_are_too_small_for_the_complex_step():
    found, dy = numeric(lambda x: 1e-310 * x)
    assert found.reason == "the derivatives are too small for the complex step"
    assert found.method == CENTRAL
    np.testing.assert_allclose(found.low, 1e-310 * dy, rtol=1e-9)
    found, dy = numeric(lambda x: x**2, np.array([1e-200, -2e-200]))
    assert (found.method, found.proved) == (COMPLEX_STEP, True)
    np.testing.assert_allclose(found.low, 2 * dy * [1e-200, -2e-200], rtol=1e-14)
    assert np.all((found.error > 0) & (found.error < 1e-225))
    found, dy = numeric(lambda x: x**3, np.zeros(2))
    assert (found.method, found.low.tolist(), found.proved) == (COMPLEX_STEP, [0, 0], True)
    np.testing.assert_allclose(found.error, 2 * H**2 * np.abs(dy), rtol=1e-5)
    found, _ = numeric(lambda x: 0 * x + 3)
    assert (found.method, found.low.tolist(), found.proved) == (COMPLEX_STEP, [0] * 4, True)


def test_a_complex_step_that_equals_its_error_is_0(monkeypatch):
    monkeypatch.setattr("minigan.gradcheck.numeric.errors_of_small", lambda _, steps: abs(steps))
    assert numeric(lambda x: x**2)[0].low.tolist() == [0] * 4


def test_the_borders_of_small_derivatives(monkeypatch):
    def forward(x):
        return 1e-170 * x

    edge = "minigan.gradcheck.numeric.errors_of_small"
    monkeypatch.setattr(edge, lambda _, steps: np.full(4, 2.0**-44 * np.max(np.abs(steps))))
    assert numeric(forward)[0].method == COMPLEX_STEP
    monkeypatch.setattr(edge, lambda _, steps: np.full(4, 2.0**-43 * np.max(np.abs(steps))))
    assert numeric(forward)[0].method == CENTRAL
    first = dense_lines(pair_of(forward), 0, 0)[0]
    monkeypatch.setattr("minigan.gradcheck.numeric.TINY", np.max(np.abs(first.y(1j).imag)))
    assert numeric(forward)[0].method == COMPLEX_STEP


def test_one_complex_step_that_is_not_finite_is_enough():
    def forward(x):
        y = np.array(x)
        if np.iscomplexobj(y) and y.imag[1]:
            y.imag[1] = np.nan
        return y

    found, dy = numeric(forward)
    assert found.reason == "forward returns NaN or Inf at the complex point x + ih"
    np.testing.assert_allclose(found.low, dy, rtol=1e-9)
