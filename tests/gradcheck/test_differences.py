"""Derivatives by differences, and whether their error bounds hold."""

import math
from types import SimpleNamespace

import numpy as np
import pytest

from minigan.gradcheck.calls import function_pair
from minigan.gradcheck.differences import (
    ALL,
    CENTRAL,
    EVEN,
    ODD,
    ONE_SIDED,
    PROBE,
    UNIT,
    UNKNOWN,
    Quotients,
    Slope,
    agrees,
    chosen,
    combined,
    consistent,
    limit,
    searched,
    slope_along,
    window,
)
from minigan.gradcheck.noise import rounding_noise
from minigan.gradcheck.numeric import noise_of, scales_of
from minigan.gradcheck.pair import Line, pair_at


def line_of(forward, x, direction=0):
    """A line through x, with dy = 1."""
    functions, leaves = function_pair(forward, lambda dy, x: dy, (np.asarray(x),), {}, None, None)
    pair = pair_at(functions, leaves, 0)
    pair.dy[...] = 1.0
    return Line(pair, 0, direction)


def derivative(forward, x, direction=0, target=0.0):
    line = line_of(forward, x, direction)
    return slope_along(line, noise_of(line.pair, 0), target, scales_of(line))


SMOOTH = [
    (np.sin, np.cos, 0.7),
    (np.exp, np.exp, -3.0),
    (np.log, lambda x: 1 / x, 1e-30),
    (np.sqrt, lambda x: 0.5 / np.sqrt(x), 1e25),
    (lambda x: np.sin(1e6 * x), lambda x: 1e6 * np.cos(1e6 * x), 0.7),
    (lambda x: x + 1e-6 * np.sin(1e6 * x), lambda x: 1 + np.cos(1e6 * x), 0.7),
    (lambda x: 1e8 + np.sin(x), np.cos, 0.7),
    (lambda x: np.tanh(x / 1e-40), lambda x: 1e40 / np.cosh(x / 1e-40) ** 2, 0.7e-40),
    (lambda x: np.where(x > 0.7 - 1e-8, 3 * x, x), lambda x: 3.0, 0.7),
    (lambda x: x.astype(np.float32).astype(float) ** 2, lambda x: 2 * x, 0.7),
    (lambda x: np.arcsin(x), lambda x: 1 / np.sqrt(1 - x**2), 1 - 1e-6),
]


@pytest.mark.parametrize("case", range(len(SMOOTH)))
def test_the_error_bound_holds(case):
    forward, slope, x = SMOOTH[case]
    found = derivative(lambda a: forward(a), [x])
    assert abs(found.value - slope(np.float64(x))) <= found.error + 1e-15 * abs(found.value)
    assert found.error <= 1e-2 * abs(found.value)


def test_a_smooth_function_is_resolved_to_ten_digits():
    found = derivative(lambda a: np.sin(a) * np.exp(a), [0.7])
    assert found.error <= 1e-10 * abs(found.value)
    assert found.method == CENTRAL
    assert not found.jump


def test_a_larger_target_saves_calls():
    calls = []

    def forward(a):
        calls.append(1)
        return np.exp(a)

    derivative(forward, [0.7])
    fine = len(calls)
    derivative(forward, [0.7], target=1e-3)
    assert len(calls) - fine < fine


def test_a_kink_has_two_slopes():
    found = derivative(lambda a: np.maximum(a, 0) * 3 - np.minimum(a, 0), [0.0, 1.0])
    assert found.jump == pytest.approx(4, abs=1e-9)
    assert found.left == pytest.approx(-1, abs=1e-9)
    assert found.right == pytest.approx(3, abs=1e-9)
    assert found.value == pytest.approx(1, abs=1e-9)


def test_several_kinks_at_one_point_are_one_jump():
    found = derivative(lambda a: np.maximum(a, 0) + np.abs(a), [0.0, 1.0])
    assert (found.left, found.right) == pytest.approx((-1, 2), abs=1e-9)


def test_a_domain_that_ends_at_the_point_is_differentiated_from_one_side():
    def forward(a):
        if np.any(a < 0):
            raise ValueError("negative")
        return a**2 + 5 * a

    found = derivative(forward, [0.0, 1.0])
    assert found.method == ONE_SIDED
    assert abs(found.value - 5) <= found.error <= 1e-6


def test_nothing_is_known_where_forward_raises_at_all_other_points():
    def forward(a):
        if a[0] != 0.25:
            raise ValueError("not the point")
        return a * 1

    found = derivative(forward, [0.25])
    assert np.isinf(found.error)


@pytest.mark.parametrize("stairs", [1000, 10, 3, 1])
def test_the_derivative_of_a_staircase_may_be_0(stairs):
    found = derivative(lambda a: np.floor(a * stairs), [0.7304])
    assert found.error >= abs(found.value)


def test_an_unchanged_y_has_an_error():
    found = derivative(lambda a: a * 0 + 7, [0.7])
    assert found.value == 0
    assert found.error >= 7 * np.finfo(np.longdouble).eps


def test_a_hidden_gradient_has_an_error_bound_that_does_not_exclude_it():
    found = derivative(lambda a: 1e30 + a, [0.7])
    assert abs(found.value - 1) <= found.error


@pytest.mark.parametrize(
    ("terms", "exponents"),
    [
        (lambda h: 3 + h**2 - 5 * h**4, EVEN),
        (lambda h: 3 + h - 5 * h**2 + h**3, ALL),
        (lambda h: 3 + h - 5 * h**3, ODD),
    ],
)
def test_richardson_removes_the_terms_of_its_exponents(terms, exponents):
    h = 2.0 ** -np.arange(6)
    value, error, rounding = limit(terms(h), np.full(6, 1e-13), exponents)
    assert value == pytest.approx(3, abs=1e-12)
    assert rounding == 2e-13
    assert 2e-13 <= error <= 1e-11


def test_fewer_than_three_values_inside_the_domain_show_no_limit():
    rounding = np.zeros(5)
    assert limit(np.ones(2), rounding[:2], EVEN)[1] == np.inf
    assert limit(np.array([1.0, 1.0, np.nan, 1.0, 1.0]), rounding, EVEN)[1] == np.inf
    assert limit(np.array([9.0, np.nan, 1.0, 1.0, 1.0]), rounding, EVEN) == (1.0, 0.0, 0.0)


def test_smaller_steps_are_right_where_two_windows_agree():
    coarse, fine, finer = Slope(0.0, 1e-9), Slope(5.0, 1e-4), Slope(5.0001, 1e-3)
    assert chosen([(1.0, coarse), (0.1, fine), (0.01, finer)]).value == 5.0
    assert chosen([(0.01, finer), (1.0, coarse), (0.1, fine)]).value == 5.0
    alone = chosen([(1.0, coarse), (0.1, fine)])
    assert (alone.value, alone.error) == (0.0, 5.0 + 1e-4)
    stairs = chosen([(1.0, Slope(5.0, 1e-9)), (0.1, Slope(0.0, 1e-4)), (0.01, Slope(0.0, 1e-3))])
    assert stairs.error > 5.0
    noisy = Slope(5.0, 4.9)
    assert chosen([(1.0, coarse), (0.1, noisy)]) == coarse


def quotients_of(line, noise=0.0, steepest=0.0):
    size = line.pair.y.shape
    return Quotients(line, np.full(size, noise), np.ones(size, dtype=bool), steepest)


def test_the_steepest_secant_is_remembered_and_counts_in_the_rounding_of_smaller_steps():
    line = line_of(lambda x: x**3, [1.0])
    quotients = quotients_of(line)
    window(quotients, 1.0, 0.0)
    assert quotients.steepest == 7.0  # (2**3 - 1) / 1 is the largest of all secants
    small = window(quotients_of(line), 2.0**-20, 0.0)
    after = window(quotients_of(line, steepest=2.0**40), 2.0**-20, 0.0)
    assert small.rounding < 1e-7
    assert 2 * UNIT * 2.0**40 <= after.rounding <= 8 * UNIT * 2.0**40
    assert after.value == pytest.approx(3.0, abs=after.error)


def test_the_quotients_along_a_dense_direction_are_divided_by_its_length():
    line = line_of(lambda x: x**2, [1.0, 2.0], np.array([3.0, 4.0]))
    R, L, _ = quotients_of(line).at(1.0)  # L(x + v) - L(x) = 16 + 36 - 5, L(x) - L(x - v) = 5 - 8
    assert (R, L) == (47 / 5, -3 / 5)


@pytest.mark.parametrize(
    ("forward", "x", "best", "expected"),
    [
        (np.tanh, 0.5, Slope(1 / np.cosh(0.5) ** 2, 1e-12), True),
        (np.tanh, 0.5, Slope(1 / np.cosh(0.5) ** 2 + 1e-3, 1e-12), False),
        (np.tanh, 0.5, Slope(1 / np.cosh(0.5) ** 2 + 1e-3, 2e-3), True),
        (lambda x: x + 1e-6 * np.sin(1e7 * x), 0.3, Slope(1.0, 1e-9), False),
        (np.abs, 0.0, Slope(0.0, 1e-12), False),
        (np.abs, 0.0, Slope(0.0, 1e-12, jump=2.0), True),
        (np.abs, 0.0, Slope(0.0, 1e-12, jump=1.9), False),
        (np.sqrt, 0.0, Slope(1.0, 1e-12), False),
        (np.sqrt, 0.0, Slope(1.0, 1e-12, method=ONE_SIDED), True),
    ],
)
def test_one_very_small_step_confirms_an_estimate_and_its_jump(forward, x, best, expected):
    line = line_of(lambda a: forward(a), [x])
    with np.errstate(invalid="ignore"):
        assert agrees(quotients_of(line, UNIT), PROBE, best) == expected


def test_estimates_are_consistent_within_twice_their_errors():
    assert consistent(Slope(1.0, 0.1), Slope(1.39, 0.1))
    assert not consistent(Slope(1.0, 0.1), Slope(1.41, 0.1))
    assert consistent(Slope(1.0, 0.1), Slope(np.nan, np.inf))
    kink = Slope(1.0, 0.1, jump=1.0)
    assert not consistent(kink, Slope(1.0, 0.1))
    assert consistent(kink, Slope(1.0, 0.2))
    assert consistent(kink, Slope(1.0, 0.1, jump=1.0))


def test_the_rounding_of_a_step_is_relative_to_the_entry():
    line = line_of(lambda a: a * 1, [1000.0, 1.0])
    assert quotients_of(line).error_of_step(0.5) == 2.0**-52 * 2000
    assert quotients_of(Line(line.pair, 0, 1)).error_of_step(0.5) == 2.0**-51
    dense = Line(line.pair, 0, np.array([1.0, 1.0]))
    step = 0.5 * np.sqrt(2)  # |h v|
    assert quotients_of(dense).error_of_step(step) == pytest.approx(2.0**-52 * 2000, abs=0)
    small = Line(line_of(lambda a: a * 1, [0.25, 0.125]).pair, 0, np.ones(2))
    assert quotients_of(small).error_of_step(1.0) == pytest.approx(2.0**-54 * 2**0.5, abs=0)
    empty = Line(line_of(lambda a: np.ones(1), np.empty(0)).pair, 0, np.empty(0))
    assert quotients_of(empty).error_of_step(1.0) == 0.0
    inputs = (np.array([8.0]), np.array([-2.0]))
    functions, leaves = function_pair(lambda t, x: t * x, None, inputs, {}, None, None)
    second = Line(pair_at(functions, leaves, 0), 1, 0)
    assert quotients_of(second).error_of_step(1.0) == 2.0**-51


def noise(forward, x=0.7):
    return float(rounding_noise(line_of(forward, [x], np.array([x])))[0])


def test_noise_is_that_of_rounding():
    assert 2.0**-26 < noise(lambda a: np.sin(a.astype(np.float32)).astype(float)) < 2.0**-20
    assert 2.0**-13 < noise(lambda a: np.sin(a.astype(np.float16)).astype(float)) < 2.0**-8
    assert noise(lambda a: 1e6 + np.sin(a)) < 1e-9


def test_structure_is_no_noise():
    for forward in (
        lambda a: a + 1e-6 * np.sin(1e6 * a),
        lambda a: np.maximum(a - 0.7, 0) + a,
        lambda a: np.maximum(a - 0.7 - 1e-5, 0) + a,
    ):
        assert noise(forward) < 1e-12


def test_noise_is_at_least_a_unit_in_the_last_place_in_all_entries():
    line = line_of(lambda a: np.concatenate([a, 1e6 * a]), [0.7], np.array([0.7]))
    least = line.pair.extended.epsilon
    assert np.all(rounding_noise(line) >= 0.999 * least * np.array([0.7, 0.7e6]))
    assert np.all(rounding_noise(line) <= 8 * least * np.array([0.7, 0.7e6]))


def test_a_slope_is_smooth_and_from_both_sides_unless_it_says_otherwise():
    assert Slope(1.0, 2.0) == Slope(1.0, 2.0, 0.0, 0.0, "central difference")
    assert ONE_SIDED == "one-sided difference"
    assert (Slope(1.0, 0.0, jump=3.0).left, Slope(1.0, 0.0, jump=3.0).right) == (-0.5, 2.5)
    assert math.isnan(UNKNOWN.value)
    assert UNKNOWN.error == np.inf
    assert Quotients(line_of(np.sin, [1.0]), np.ones(1), np.ones(1, dtype=bool)).steepest == 0.0


def test_the_exponents_of_the_error_terms():
    assert list(EVEN) == [2, 4, 6, 8, 10, 12, 14]
    assert list(ALL) == [1, 2, 3, 4, 5, 6, 7]
    assert list(ODD) == [1, 3, 5, 7, 9, 11, 13, 15]  # of which 7 are used


def two_outputs(forward, x=1.0):
    """The quotients of y = (forward(x), 7), with dy = (2, -3)."""
    line = line_of(lambda x: np.concatenate([forward(x), 7 + 0 * x]), [x])
    line.pair.dy[...] = [2.0, -3.0]
    return Quotients(line, np.array([0.125, 0.25]), np.zeros(2, dtype=bool))


def test_the_quotients_and_their_rounding_by_hand():
    quotients = two_outputs(lambda x: x**2)
    R, L, rounding = quotients.at(0.5)  # y = 1, 2.25 ahead and 0.25 behind
    assert (R, L) == (5.0, 3.0)
    of_step = 5 * 2.0**-52 * 1 / 0.5
    assert rounding == 2 * 0.125 / 0.5 + (of_step + 2.0**-52 * 5)
    assert quotients.moved.tolist() == [True, False]
    quotients.noise[...] = 0.0
    assert quotients.at(0.25)[2] == 4.5 * 2.0**-52 / 0.25 + 2.0**-52 * 5  # R = 4.5
    quotients.noise[...], quotients.moved[...] = 0.25, True
    assert quotients.at(0.25)[2] == pytest.approx((2 + 3) * 0.25 / 0.25)
    falling = two_outputs(lambda x: -(x**2))
    falling.noise[...] = 0.0
    assert falling.at(0.5)[2] == of_step + 2.0**-52 * 5
    assert falling.steepest == 5.0
    left = two_outputs(lambda x: x**2, -1.0)  # R = -3, L = -5
    left.noise[...] = 0.0
    assert left.at(0.5)[2] == of_step + 2.0**-52 * 5


@pytest.mark.parametrize("side", [1, -1])
def test_an_entry_has_moved_if_it_changes_on_one_side(side):
    quotients = two_outputs(lambda x: np.maximum(side * (x - 1), 0))
    R, L, _ = quotients.at(0.5)
    assert ((2.0, 0.0) if side == 1 else (0.0, -2.0)) == (R, L)
    assert quotients.moved.tolist() == [True, False]
    assert quotients.steepest == 2.0


def test_a_side_outside_the_domain_has_no_secant():
    quotients = two_outputs(lambda x: np.sqrt(x), 0.25)
    with np.errstate(invalid="ignore"):
        R, L, _ = quotients.at(2.0)
    assert pytest.approx(2 * 1.0 / 2) == R
    assert math.isnan(L)
    assert quotients.steepest == R
    quotients = two_outputs(lambda x: np.log(x), 0.25)
    with np.errstate(divide="ignore"):
        assert quotients.at(0.25)[1] == np.inf
    assert np.isfinite(quotients.steepest)


@pytest.fixture
def found_slope(monkeypatch):
    """The slope that `searched` returns, and the arguments of its call; all entries have moved."""
    known = SimpleNamespace(slope=Slope(3.0, 1.0), moved=True)

    def searched(quotients, target, scales):
        known.arguments = (quotients, target, scales)
        assert not np.any(quotients.moved)
        quotients.moved[...] = known.moved
        return known.slope

    monkeypatch.setattr("minigan.gradcheck.differences.searched", searched)
    return known


def test_where_no_step_changes_y_the_error_is_its_rounding(found_slope):
    line = line_of(lambda x: 7 + 0 * x, [1.0, 2.0], np.array([3.0, 4.0]))
    line.pair.dy[...] = [2.0, -3.0]
    found_slope.moved = False
    found = slope_along(line, np.array([0.5, 0.25]), 0.125, [4.0, 1.0])
    assert (found.value, found.error) == (3.0, (2 * 0.5 + 3 * 0.25) / 4 / 5)
    quotients, target, scales = found_slope.arguments
    assert (target, scales) == (0.125, [4.0, 1.0])
    assert quotients.line.pair is line.pair.extended
    assert quotients.noise.tolist() == [0.5, 0.25]


@pytest.mark.parametrize(("below", "above", "value", "error", "stairs"), [
    (1.1, 1.1, 3.0, 1.0, True), (0.9, 1.1, 3.0, 1.0, False), (1.1, 0.9, 3.0, 1.0, False),
    (1.1, 1.1, 3.0, 3.1e-6, True), (1.1, 1.1, -3.0, 3.1e-6, True),
    (1.1, 1.1, 3.0, 2.9e-6, False), (1.1, 1.1, -3.0, 2.9e-6, False),
    (1.1, 1.1, 2.0, 2e-6, False),
])  # fmt: skip
def test_a_rough_slope_of_a_staircase_may_be_0(found_slope, below, above, value, error, stairs):
    step = 2.0**-14 * 4.0

    def forward(x):  # constant from 1 - below step to 1 + above step
        return np.where(x < 1 - below * step, 2.0, np.where(x > 1 + above * step, 4.0, 3.0))

    found_slope.slope = Slope(value, error)
    found = slope_along(line_of(forward, [1.0]), np.zeros(1), 0.0, [4.0, 1.0])
    assert found == Slope(value, error + abs(value) if stairs else error)


def test_one_entry_that_has_moved_is_enough(found_slope):
    found_slope.moved = np.array([True, False])
    line = line_of(lambda x: 1 * x, [1.0, 2.0])
    assert slope_along(line, np.ones(2), 0.0, [1.0]) == found_slope.slope


def test_infinite_differences_have_no_slope_and_no_warning():
    line = line_of(lambda x: np.where(x > 1, np.inf, np.where(x < 1, -np.inf, 0 * x)), [1.0])
    assert slope_along(line, np.zeros(1), 0.0, [1.0]).error == np.inf
    steep = line_of(lambda x: 1e308 * x, [0.0])  # the sum of both quotients overflows
    assert slope_along(steep, np.zeros(1), 0.0, [0.5]).value == pytest.approx(1e308)


def test_all_entries_of_a_staircase_are_constant(found_slope):
    line = line_of(lambda x: np.concatenate([np.floor(x), x]), [1.5])
    assert slope_along(line, np.zeros(2), 0.0, [1.0]) == found_slope.slope


@pytest.fixture
def windows(monkeypatch):
    """The slopes that `window` returns, whether `agrees`, and the steps of both."""
    known = SimpleNamespace(slopes={}, steps=[], targets=[], probes=[], agrees=lambda h: True)

    def window(quotients, step, target):
        known.steps.append(step)
        known.targets.append(target)
        return known.slopes.get(step, Slope(1.0, 1.0))

    def agrees(quotients, h, best):
        known.probes.append((h, best))
        return known.agrees(h)

    monkeypatch.setattr("minigan.gradcheck.differences.window", window)
    monkeypatch.setattr("minigan.gradcheck.differences.agrees", agrees)
    return known


STARTS = [1.0, 2.0**-8, 2.0**-15, 2.0**-22, 2.0**-29, 2.0**-36]


def quotients_that_moved(moved=True):
    line = line_of(np.sin, [1.0])
    return Quotients(line, np.zeros(1), np.full(1, moved))


def test_all_windows_of_all_scales_are_tried(windows):
    assert searched(quotients_that_moved(), 0.5, [4.0, 0.25]) == Slope(1.0, 1.0)
    assert windows.steps == [4 * s for s in STARTS] + [s / 4 for s in STARTS]
    assert windows.targets == [0.5] * 12
    assert windows.probes == []


@pytest.mark.parametrize(("slope", "target", "enough"), [
    (Slope(1.0, 0.5), 0.5, True), (Slope(1.0, 0.51), 0.5, False),
    (Slope(1.0, 0.5, 0.125), 0.0, True), (Slope(1.0, 0.51, 0.125), 0.0, False),
])  # fmt: skip
def test_a_window_that_is_precise_enough_is_the_last(windows, slope, target, enough):
    windows.slopes[2.0**-8] = slope
    assert searched(quotients_that_moved(), target, [1.0]) == slope
    assert windows.steps == STARTS[:2] if enough else STARTS
    assert windows.probes == ([(2.0**-24, slope)] if enough else [])


def test_a_precise_window_must_have_moved_y_and_agree_with_small_steps(windows):
    windows.slopes[4.0] = Slope(1.0, 0.0)
    searched(quotients_that_moved(False), 0.5, [4.0])
    assert windows.steps == [4 * s for s in STARTS]
    assert windows.probes == []
    windows.steps.clear()
    two = line_of(lambda x: np.concatenate([x, 0 * x]), [1.0])
    searched(Quotients(two, np.zeros(2), np.array([True, False])), 0.5, [4.0])
    assert windows.steps == [4.0]  # one entry that moves is enough
    windows.steps.clear()
    windows.probes.clear()
    windows.agrees = lambda h: h > 2.0**-25
    searched(quotients_that_moved(), 0.5, [4.0, 0.25])  # an error of 0 needs no second scale
    assert windows.steps == [4 * s for s in STARTS]
    assert [h for h, _ in windows.probes[:2]] == [2.0**-22, 2.0**-26]
    windows.steps.clear()
    windows.probes.clear()
    windows.agrees = lambda h: True
    windows.slopes = {0.25: Slope(1.0, 0.25)}
    searched(quotients_that_moved(), 0.25, [4.0, 0.25])
    assert windows.steps == [*(4 * s for s in STARTS), 0.25]
    assert [h for h, _ in windows.probes] == [2.0**-26]  # of no larger scale


@pytest.mark.parametrize(("value", "error", "more"), [
    (2.0, 2e-4, False), (2.0, 2.1e-4, True), (-2.0, 2e-4, False), (-2.0, 2.1e-4, True),
])  # fmt: skip
def test_another_scale_is_tried_if_the_first_shows_less_than_four_digits(
    windows, value, error, more
):
    windows.slopes = {s: Slope(value, error) for s in STARTS}
    searched(quotients_that_moved(), 0.0, [1.0, 2.0**-100])
    assert len(windows.steps) == (12 if more else 6)


def test_a_window_has_8_steps_or_ends_at_the_target(monkeypatch):
    slopes, counts, steps = [], [], []

    def combined(samples):
        counts.append(len(samples))
        return slopes[len(samples) - 1]

    monkeypatch.setattr("minigan.gradcheck.differences.combined", combined)
    quotients = SimpleNamespace(at=lambda h: steps.append(h) or (0.0, 0.0, 0.0))
    slopes[:] = [Slope(1.0, e) for e in (4.0, 2.0, 0.5, 1.0, 3.0, 5.0, 6.0, 7.0)]
    assert window(quotients, 3.0, 0.25) == Slope(1.0, 0.5)
    assert steps == [3.0 * 2.0**-k for k in range(8)]
    assert counts == [1, 2, 3, 4, 5, 6, 7, 8]
    counts.clear()
    assert window(quotients, 3.0, 0.5) == Slope(1.0, 0.5)
    assert counts == [1, 2, 3]
    slopes[2] = Slope(1.0, 0.5, jump=2.0)
    counts.clear()
    assert window(quotients, 3.0, 0.5) == slopes[2]  # a kink may vanish with smaller steps
    assert len(counts) == 8
    slopes[3:] = [Slope(9.0, 0.5)] * 5
    assert window(quotients, 3.0, 0.25) == slopes[2]  # the first of those with the same error
    slopes[:] = [UNKNOWN] * 8
    assert window(quotients, 3.0, 0.5) is UNKNOWN


def test_the_two_sides_are_combined():
    r = 2.0**-10  # the bound of the extrapolation is twice the rounding error, that of K four times
    assert combined([(3.0, 3.0, r)] * 3) == Slope(3.0, 6 * r, 6 * r)
    assert combined([(5.0, 1.0, r)] * 3) == Slope(3.0, 6 * r, 6 * r, 4.0)
    assert combined([(1.0, 5.0, r)] * 3) == Slope(3.0, 6 * r, 6 * r, -4.0)
    assert combined([(16 * r, 0.0, r)] * 3).jump == 0.0
    assert combined([(0.0, 17 * r, r)] * 3).jump == -17 * r
    for sides in ((3.0, np.nan), (np.nan, 3.0)):
        assert combined([(*sides, r)] * 3) == Slope(3.0, 4 * r, 4 * r, method=ONE_SIDED)
    best = combined([(np.nan, 1.0, 2 * r), (np.nan, 1.0, 2 * r), (3.0, np.nan, r)] * 2)
    assert best.error == np.inf
    assert math.isnan(combined([(3.0, 3.0, r)] * 2).value)
    smooth = [(3 + h**2 + h, 3 + h**2 - h, r) for h in (1.0, 0.5, 0.25)]
    assert combined(smooth).value == 3.0
    assert combined(smooth).jump == 0.0


def test_the_more_precise_of_two_sides(monkeypatch):
    sides = iter([(np.nan, np.inf, 0.0), (1.0, 0.5, 0.25), (2.0, 0.25, 0.125)])
    calls = []

    def limit(D, rounding, exponents):
        calls.append((D.tolist(), rounding.tolist(), list(exponents)))
        return next(sides)

    monkeypatch.setattr("minigan.gradcheck.differences.limit", limit)
    assert combined([(6.0, 4.0, 1.0)]) == Slope(2.0, 0.25, 0.125, method=ONE_SIDED)
    assert calls == [
        ([5.0], [1.0], [2, 4, 6, 8, 10, 12, 14]),
        ([6.0], [2.0], [1, 2, 3, 4, 5, 6, 7]),
        ([4.0], [2.0], [1, 2, 3, 4, 5, 6, 7]),
    ]


@pytest.mark.parametrize("exponents", [EVEN, ALL, ODD])
@pytest.mark.parametrize("seed", range(4))
def test_the_limit_is_the_entry_of_the_table_with_the_smallest_bound(exponents, seed):
    rng = np.random.default_rng(seed)
    D = 3 + rng.normal(size=8) * 2.0 ** -(np.arange(8) ** (1 + seed % 2))
    rounding = 1e-3 * 2.0 ** np.arange(8) * rng.uniform(0.5, 1.0, 8) * (seed > 1)
    T = {}
    for k in range(8):  # the table, column by column
        T[k, 0] = D[k]
    for m, p in enumerate(list(exponents)[:7], 1):
        for k in range(m, 8):
            T[k, m] = (2.0**p * T[k, m - 1] - T[k - 1, m - 1]) / (2.0**p - 1)
    bounds = {
        (k, m): max(abs(T[k, m] - T[k, m - 1]), abs(T[k, m] - T[k - 1, m - 1])) + 2 * rounding[k]
        for k, m in T
        if k >= 2 and m >= 1
    }
    for size in range(3, 9):
        known = {one: bound for one, bound in bounds.items() if one[0] < size}
        k, m = min(known, key=known.get)
        found = limit(D[:size], rounding[:size], exponents)
        assert found == pytest.approx((T[k, m], known[k, m], 2 * rounding[k]), rel=1e-12)


def test_a_row_of_the_table_counts_only_after_the_last_step_outside_the_domain():
    D = np.array([np.nan, 9.0, np.inf, 4.0, 4.0, 4.0])
    assert limit(D, np.arange(6.0), EVEN) == (4.0, 10.0, 10.0)
    assert math.isnan(limit(D[:5], np.zeros(5), EVEN)[0])
    assert limit(D[:5], np.zeros(5), EVEN)[1:] == (np.inf, 0.0)
    assert limit(D[3:], np.zeros(3), EVEN) == (4.0, 0.0, 0.0)


def test_the_first_of_two_equal_bounds_counts():
    assert limit(np.array([-1.5, 0.0, 3.0]), np.zeros(3), ALL) == (6.0, 6.0, 0.0)  # not 7.5


COARSE = Slope(0.0, 1e-9)


@pytest.mark.parametrize(("finer", "expected"), [
    # two finer windows that agree are right, if both are precise
    ([Slope(5.0, 0.05), Slope(5.1, 0.5)], Slope(5.0, 0.05)),
    ([Slope(5.0, 0.051), Slope(5.1, 0.5)], Slope(0.0, 5.051)),
    ([Slope(5.0, 0.05), Slope(5.1, 0.51)], Slope(0.0, 5.05)),
    ([Slope(5.0, 0.05), Slope(20.0, 0.01)], Slope(0.0, 20.01)),
    ([Slope(-5.0, 0.05), Slope(-5.1, 0.5)], Slope(-5.0, 0.05)),
    # one alone adds its distance, if it is precise to a tenth
    ([Slope(5.0, 0.5)], Slope(0.0, 5.5)),
    ([Slope(-5.0, 0.5)], Slope(0.0, 5.5)),
    ([Slope(5.0, 0.51)], COARSE),
    # a number that is consistent is no reason to change
    ([Slope(1e-9, 1e-9)], COARSE),
    ([Slope(1e-9, 1e-9), Slope(5.0, 0.5)], Slope(0.0, 5.5)),
    ([Slope(5.0, 0.05, jump=4.0), Slope(5.0, 0.4)], Slope(0.0, 5.05)),
])  # fmt: skip
def test_what_finer_windows_change(finer, expected):
    found = [(2.0**-i, slope) for i, slope in enumerate([COARSE, *finer])]
    assert chosen(found) == expected
    assert chosen(found[::-1]) == expected


def test_only_smaller_steps_than_those_of_the_best_contradict_it():
    best, coarser = Slope(1.0, 1e-9), Slope(5.0, 1e-3)
    assert chosen([(1.0, coarser), (0.5, best)]) == best
    assert chosen([(1.0, best), (0.5, Slope(6.0, 0.5))]) == Slope(1.0, 5.5)
    kink = Slope(1.0, 1e-3, jump=1.0)
    assert chosen([(1.0, kink), (0.5, Slope(1.0, 0.01))]) == Slope(1.0, 0.01, jump=1.0)
    zero = [(1.0, best), (0.5, Slope(0.0, 1e-3)), (0.25, Slope(0.0, 1e-3))]
    assert chosen(zero) == Slope(1.0, 1.0 + 1e-3)  # smaller steps do not change y
    small = [(1.0, Slope(8.0, 1e-9)), (0.5, Slope(5.0, 0.08)), (0.25, Slope(5.0, 0.8))]
    assert chosen(small) == Slope(5.0, 0.08)  # relative to the larger of both: 8


@pytest.mark.parametrize(("jump", "fine", "expected"), [
    (1.0, Slope(1.0, 0.124), False), (1.0, Slope(1.0, 0.125), True),
    (-1.0, Slope(1.0, 0.124), False), (-1.0, Slope(1.0, 0.125), True),
    (1.0, Slope(1.0, 0.01, jump=0.5), True), (0.0, Slope(1.0, 0.01, jump=5.0), True),
    (0.0, Slope(1.25, 0.0625), True), (0.0, Slope(0.75, 0.0625), True),
    (0.0, Slope(1.26, 0.0625), False), (0.0, Slope(0.74, 0.0625), False),
    (0.0, UNKNOWN, True), (5.0, UNKNOWN, True),
])  # fmt: skip
def test_when_a_finer_estimate_is_consistent(jump, fine, expected):
    assert consistent(Slope(1.0, 0.0625, jump=jump), fine) == expected


@pytest.mark.parametrize(("sides", "best", "expected"), [
    ((3.0, 3.0), Slope(3.0, 0.0), True),
    ((3.5, 3.5), Slope(3.0, 0.5 - 1e-3), False), ((3.5, 3.5), Slope(3.0, 0.5), True),
    ((2.5, 2.5), Slope(3.0, 0.5), True), ((2.4, 2.4), Slope(3.0, 0.5), False),
    ((4.0, 2.0), Slope(3.0, 0.5), True), ((4.1, 1.9), Slope(3.0, 0.5), False),
    ((2.0, 4.0), Slope(3.0, 0.5), True), ((1.9, 4.1), Slope(3.0, 0.5), False),
    ((5.0, 1.0), Slope(3.0, 0.0, jump=4.0), True), ((1.0, 5.0), Slope(3.0, 0.0, jump=4.0), False),
    ((0.5, 0.5), Slope(0.0, 0.5), True), ((1.0, -1.0), Slope(0.0, 0.5), True),
    ((1e308, 1e308), Slope(1.0, 0.0, method=ONE_SIDED), False),
    ((np.nan, 3.0), Slope(3.0, 0.5), False),
    ((np.nan, 3.0), Slope(3.0, 0.5, method=ONE_SIDED), True),
])  # fmt: skip
def test_one_small_step_agrees_within_the_error(sides, best, expected):
    quotients = SimpleNamespace(at=lambda h: (*sides, 0.0))
    assert agrees(quotients, 0.5, best) == expected


@pytest.mark.parametrize(("value", "jump", "largest"), [
    (2.0, 0.0, 2.0), (-2.0, 0.0, 2.0), (0.0, 8.0, 8.0), (0.0, -8.0, 8.0), (2.0, -8.0, 8.0),
])  # fmt: skip
def test_what_one_small_step_may_differ(value, jump, largest):
    steps = []
    allowed = 4 * 2.0**-10 + 1e-5 * largest
    for off, expected in ((0.999 * allowed, True), (1.001 * allowed, False)):
        sides = value + off + jump / 2, value + off - jump / 2, 2.0**-10
        quotients = SimpleNamespace(at=lambda h, sides=sides: steps.append(h) or sides)
        assert agrees(quotients, 0.125, Slope(value, 0.0, jump=jump)) == expected
    assert steps == [0.125, 0.125]


def noise_of_steps(ahead, behind, y=(1.0,)):
    """The noise of y whose first entry changes by ahead[p] at x + 2**-p, behind[p] at x - 2**-p."""
    middle = 2.0**-12

    def forward(x):
        d = float(x[0]) - middle
        table = ahead if d > 0 else behind
        change = table.get(round(-math.log2(abs(d))), 0.0) if d else 0.0
        return np.array([y[0] + change, *y[1:]])

    with pytest.MonkeyPatch.context() as patch:  # the table has jumps between all of its steps
        patch.setattr("minigan.gradcheck.noise.is_staircase", lambda *_: False)
        return rounding_noise(line_of(forward, [middle], np.ones(1)))


LOUD = {5: 1.0, 8: 1.0}  # noise of 2 * 1


@pytest.mark.parametrize(("changes", "expected"), [
    ({}, 2.0**-52), ({5: 1.0}, 2.0**-52), ({2: 1.0, 5: 1.0}, 2.0**-52), (LOUD, 2.0),
    ({8: 1.0}, 2.0), ({62: 1.0}, 2.0), ({65: 1.0}, 2.0**-52), ({9: 1.0, 10: 1.0}, 2.0**-52),
    ({5: -1.0, 8: -1.0}, 2.0), ({5: np.nan, 8: 1.0}, 2.0), ({5: np.inf, 8: 1.0}, 2.0),
    # a smooth function gives less than a sixteenth at an eighth of the step
    ({5: 1.0, 8: 2.0**-4}, 2.0**-52), ({5: 1.0, 8: 1.01 * 2.0**-4}, 2.02 * 2.0**-4),
    # three smaller steps with a 256th of the noise are structure
    (LOUD | {11: 2.0**-7, 14: 2.0**-7, 17: 2.0**-7}, 2.0**-6),
    (LOUD | {11: 2.0**-7, 14: 2.0**-7}, 2.0),
    (LOUD | {11: 1.01 * 2.0**-7, 14: 2.0**-7, 17: 2.0**-7}, 2.0),
    (LOUD | {11: 2.0**-7, 14: 2.0**-7, 20: 2.0**-7}, 2.0),  # one that does not move y is none
    (LOUD | {11: np.nan, 14: np.nan, 17: np.nan}, 2.0**-52),
    # after these, a quarter of the noise is enough
    (LOUD | {11: 2.0**-7, 14: 2.0**-7, 17: 2.0**-7, 20: 2.0**-8}, 2.0**-7),
    (LOUD | {11: 2.0**-7, 14: 2.0**-7, 17: 2.0**-7, 20: 1.01 * 2.0**-8}, 2.0**-6),
    (LOUD | {11: 2.0**-7, 14: 2.0**-7, 17: 2.0**-7, 20: 2.0**-8, 23: 2.0**-9}, 2.0**-8),
    # structure is looked for down to 2**-50
    ({38: 1.0, 41: 1.0, 44: 2.0**-7, 47: 2.0**-7, 50: 2.0**-7}, 2.0**-6),
    ({41: 1.0, 44: 1.0, 47: 2.0**-7, 50: 2.0**-7, 53: 2.0**-7}, 2.0),
])  # fmt: skip
def test_the_noise_of_second_differences_by_hand(changes, expected):
    assert noise_of_steps(changes, changes).tolist() == pytest.approx([expected], rel=1e-12)


def test_the_second_difference_has_both_sides():
    twice = {power: 2 * s for power, s in LOUD.items()}
    for ahead, behind in ((twice, {}), ({}, twice)):
        assert noise_of_steps(ahead, behind).tolist() == [2.0]
    odd = dict.fromkeys((11, 14, 17), 1e-3)  # a second difference of 0, which moves y
    against = {power: -s for power, s in odd.items()}
    assert noise_of_steps(LOUD | odd, LOUD | against).tolist() == pytest.approx([2.0**-52])
    for one in ({11: 2.0**-7, 14: 2.0**-7, 17: 2.0**-7},):
        double = {power: 2 * s for power, s in one.items()}
        assert noise_of_steps(LOUD | double, LOUD).tolist() == [2.0**-6]
        assert noise_of_steps(LOUD, LOUD | double).tolist() == [2.0**-6]


def test_all_entries_have_at_least_the_same_relative_noise():
    typical = math.sqrt((1 + 100**2) / 2)
    found = noise_of_steps(LOUD, LOUD, (1.0, -100.0))
    assert found.tolist() == pytest.approx([2.0, 100 * 2 / typical])
    found = noise_of_steps(LOUD, LOUD, (-100.0, 1.0))
    assert found.tolist() == pytest.approx([2.0, 2 / 100])
    assert noise_of_steps({}, {}, (0.0,)).tolist() == [2.0**-1074]
    assert noise_of_steps({}, {}, (1e200,)).tolist() == [2.0**-52 * 1e200]
    assert rounding_noise(line_of(lambda x: x[:0], [1.0], np.ones(1))).size == 0
    assert noise_of_steps(LOUD, LOUD, (0.0, 0.0)).tolist() == [2.0, 2.0**-1074]
