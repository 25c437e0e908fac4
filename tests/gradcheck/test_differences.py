"""Derivatives by differences, and whether their error bounds hold."""

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
    Quotients,
    Slope,
    agrees,
    chosen,
    consistent,
    limit,
    rounding_noise,
    slope_along,
    window,
)
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
    assert quotients_of(dense).error_of_step(step) == pytest.approx(2.0**-52 * 2000)


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
