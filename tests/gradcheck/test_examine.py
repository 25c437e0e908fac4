"""The analytic gradient of one input against its numeric derivatives."""

import itertools
import math
import time
from dataclasses import replace

import numpy as np
import pytest

from minigan.gradcheck.calls import function_pair
from minigan.gradcheck.differences import CENTRAL, Slope
from minigan.gradcheck.examine import (
    CheckedInput,
    bisect_wrong_entry,
    dense_lines,
    entries_of,
    examine,
    forward_product,
    numeric_derivative,
    worst_entry,
)
from minigan.gradcheck.numeric import COMPLEX_STEP, NumericDerivatives, noise_of, scales_of
from minigan.gradcheck.options import Options
from minigan.gradcheck.pair import Line, pair_at
from minigan.gradcheck.rounding import rounding_of_backward, rounding_of_forward

X = np.array([0.3, -1.2, 0.7, 2.0])


def examined(forward, gradient, x=X, seconds=10.0, **options):
    """`gradient` is a function of dy and x."""
    functions, leaves = function_pair(forward, gradient, (x,), {}, None, None)
    pair = pair_at(functions, leaves, 0)
    return examine(
        pair,
        0,
        gradient(pair.dy.reshape(np.shape(pair.outputs)), x),
        Options(**options),
        seconds,
        pair.epsilon,
    )


def square(x):
    return x**2


def slope(dy, x):
    return 2 * x * dy


def test_a_right_gradient_has_no_bad_line():
    checked = examined(square, slope)
    assert not np.any(checked.bad)
    assert checked.numeric.method == COMPLEX_STEP
    assert checked.entries == len(checked.lines) == 4
    assert checked.scale == pytest.approx(np.max(np.abs(slope(checked.pair.dy, X))))
    assert checked.cosine == pytest.approx(1)
    assert worst_entry(checked) is None
    assert (checked.name, checked.shape) == ("x", (4,))


def test_errors_are_relative_to_the_largest_derivative():
    shift = np.array([0, 1e-3, 0, 0])
    checked = examined(square, lambda dy, x: slope(dy, x) + shift)
    np.testing.assert_allclose(checked.distance, shift, atol=1e-15)
    assert checked.bad.tolist() == [False, True, False, False]
    worst = worst_entry(checked)
    assert worst.index == (1,)
    assert worst.analytic - worst.numeric == pytest.approx(1e-3)
    assert not np.any(examined(square, lambda dy, x: slope(dy, x) + 1e-11).bad)
    assert np.all(examined(square, lambda dy, x: slope(dy, x) + 1e-9).bad)


def test_the_options_tolerance_and_absolute():
    def wrong(dy, x):
        return slope(dy, x) * (1 + 1e-5)

    assert not np.any(examined(square, wrong, tolerance=1e-4).bad)
    assert not np.any(examined(square, wrong, absolute=1e-3).bad)
    assert np.any(examined(square, wrong, absolute=1e-9).bad)
    assert examined(square, slope).tolerance.tolist() == [1e-10] * 4


def test_the_default_tolerance_is_what_differences_resolve():
    checked = examined(
        lambda x: np.abs(x).astype(np.float32).astype(float) ** 2, lambda dy, x: 2 * x * dy
    )
    assert not np.any(checked.bad)
    exponents = np.log10(checked.tolerance)
    np.testing.assert_allclose(exponents, np.round(exponents))
    resolved = checked.error / checked.scale
    assert np.all((checked.tolerance >= resolved) | (checked.tolerance == 1e-3))
    assert np.all(checked.tolerance / 10 <= np.maximum(resolved, 1e-11))


def test_what_differences_do_not_resolve_is_not_bad():
    def forward(x):
        return np.abs(x).astype(np.float32).astype(float) ** 2

    checked = examined(forward, slope, tolerance=1e-12)
    assert np.all(checked.error > checked.allowed)
    assert not np.any(checked.bad)


def test_the_scale_at_a_kink_is_the_larger_slope():
    checked = examined(np.abs, lambda dy, x: 0 * x, np.zeros(2))
    assert checked.scale == pytest.approx(np.max(np.abs(checked.pair.dy)))


def test_a_gradient_that_is_not_finite_or_of_another_shape_is_bad():
    assert np.all(examined(square, lambda dy, x: slope(dy, x) * np.nan).bad)
    checked = examined(square, lambda dy, x: slope(dy, x)[:3])
    assert np.all(checked.bad)
    assert np.all(np.isnan(checked.analytic))
    assert worst_entry(checked) is None


def test_at_a_kink_every_slope_between_is_expected():
    x = np.array([0.0, 0.0, 1.0])
    for factor in (0.0, 0.4, 1.0):
        checked = examined(
            lambda x: np.maximum(x, 0), lambda dy, x, f=factor: dy * ((x > 0) + f * (x == 0)), x
        )
        assert not np.any(checked.bad)
        assert checked.scale == pytest.approx(np.max(np.abs(checked.pair.dy)))
    for factor in (-0.1, 1.1):
        checked = examined(
            lambda x: np.maximum(x, 0), lambda dy, x, f=factor: dy * ((x > 0) + f * (x == 0)), x
        )
        assert checked.bad.tolist() == [True, True, False]


def test_a_large_input_is_sampled_with_its_corners_and_dense_directions():
    checked = examined(square, slope, np.ones((30, 40)), max_entries=50)
    chosen = [line.direction for line in checked.lines[: checked.entries]]
    assert checked.entries == len(set(chosen)) == 50
    assert chosen == sorted(chosen)
    assert len(checked.lines) == 50 + 4


def test_the_entries_of_a_sample_begin_with_the_corners_and_are_random():
    chosen = entries_of((30, 40), 0, Options(max_entries=50))
    assert set(chosen[:4]) == {0, 39, 29 * 40, 30 * 40 - 1}
    assert len(set(chosen)) == 50
    assert entries_of((30, 40), 0, Options(max_entries=50)) == chosen
    for k, seed in ((1, 0), (0, 1)):
        assert entries_of((30, 40), k, Options(max_entries=50, seed=seed))[4:] != chosen[4:]
    assert sorted(entries_of((30, 40), 0, Options())) == list(range(1200))
    assert len(set(entries_of((2,) * 7, 0, Options(max_entries=9)))) == 9
    assert entries_of((), 0, Options()) == [0]
    assert entries_of((0, 3), 0, Options()) == []


def test_dense_directions_move_every_entry_by_its_own_scale():
    x = np.array([1e-3, 0.0, 1e5])
    pair = pair_at(*function_pair(square, slope, (x,), {}, None, None), 0)
    size = np.maximum(x, np.sqrt(np.mean(x**2)) / 8)
    lines = dense_lines(pair, 0, 0)
    assert len(lines) == 4
    for line in lines:
        assert np.all((0.5 * size <= np.abs(line.direction)) & (np.abs(line.direction) <= size))
    assert len({line.direction.tobytes() for line in lines}) == 4


@pytest.mark.parametrize("forward", [square, lambda x: np.abs(x) ** 2])
def test_one_wrong_entry_that_is_not_sampled_is_found(forward):
    x = np.linspace(0.5, 1.5, 600).reshape(20, 30)

    def wrong(dy, x):
        gradient = slope(dy, x)
        gradient[11, 17] = 0
        return gradient

    checked = examined(forward, wrong, x, max_entries=5)
    assert checked.entries <= 5
    assert not np.any(checked.bad[: checked.entries])
    assert np.all(checked.bad[checked.entries :])
    worst = worst_entry(checked)
    assert worst.index == (11, 17)
    assert worst.analytic == 0
    assert worst.numeric == pytest.approx(slope(checked.pair.dy.reshape(20, 30), x)[11, 17])


@pytest.mark.parametrize("forward", [square, lambda x: np.abs(x) ** 2])
def test_slow_functions_are_compared_at_few_entries(forward):
    def slow(x):
        time.sleep(0.002)
        return forward(x)

    checked = examined(slow, slope, np.linspace(0.5, 1.5, 400), seconds=0.2)
    assert 4 <= checked.entries <= 60
    assert not np.any(checked.bad)


def real_only(x, e):
    if np.iscomplexobj(x) or np.iscomplexobj(e):
        raise TypeError
    return x + e.sum()


def not_proved(x, e):
    return np.array([one + e.sum() for one in x])


@pytest.mark.parametrize("forward", [real_only, not_proved])
def test_an_empty_input_beside_another(forward):
    inputs = (X, np.zeros((0, 3)))
    pair = pair_at(*function_pair(forward, None, inputs, {}, None, None), 0)
    checked = examine(pair, 1, np.zeros((0, 3)), Options(), 1.0, pair.epsilon)
    assert checked.bad.size == 0
    assert checked.scale == 0


def test_rounding_of_a_right_gradient_is_not_bad():
    x = np.array([12.0, -9.0, 15.0])
    checked = examined(np.tanh, lambda dy, x: dy * (1 - np.tanh(x) ** 2), x)
    assert np.any(checked.distance > checked.allowed)
    assert not np.any(checked.bad)
    assert np.any(examined(np.tanh, lambda dy, x: dy * 2 / np.cosh(x) ** 2, x).bad)


def test_the_error_along_a_line_is_a_sum_of_the_errors_of_its_entries():
    checked = examined(square, slope, np.linspace(1, 2, 8), max_entries=2)
    each = np.arange(8.0)
    v = np.abs(checked.lines[-1].direction)
    assert checked.along(each)[-1] == pytest.approx(np.sum(each * v) / np.linalg.norm(v))
    assert checked.along(each)[0] == each[checked.lines[0].direction]


@pytest.mark.parametrize(
    ("forward", "error"),
    [(lambda x: x**3, 1e-14), (lambda x: np.abs(x) ** 3 * np.sign(x.real), 1e-7)],
)
def test_the_product_of_the_jacobian_with_dy(forward, error):
    checked = examined(forward, lambda dy, x: 3 * x**2 * dy)
    np.testing.assert_allclose(forward_product(checked), 3 * X**2 * checked.pair.dy, rtol=error)


def test_the_cosine():
    turned = examined(lambda x: x * 1, lambda dy, x: np.array([-dy[1], dy[0]]), X[:2])
    assert turned.cosine == pytest.approx(0, abs=1e-15)
    assert examined(square, lambda dy, x: -slope(dy, x)).cosine == pytest.approx(-1)
    assert examined(square, lambda dy, x: 0 * x).cosine == 0


def made(gradient, numeric, error=0.0, x=(1.0, 2.0), epsilon=2.0**-52, factor=2.0, **options):
    """A result with given numbers, for the second of three inputs; y = 3 x, dy = (1, ..., 1).

    backward returns `factor` for x, and 5 for t.
    """
    x, t, u = np.array(x), np.array([7.0, 8.0, 9.0]), np.zeros(5)

    def forward(t, x, u):
        return np.sum(0 * t) + 3 * x + np.sum(u)

    def backward(dy, t, x, u):
        return 5 * np.all(dy > 0) + 0 * t, np.full(x.shape, factor), 0 * u

    pair = pair_at(*function_pair(forward, backward, (t, x, u), {}, None, None), 0)
    pair.dy[...] = 1.0
    lines = tuple(Line(pair, 1, i) for i in range(len(numeric)))
    numeric = np.array(numeric, dtype=float)
    derivatives = NumericDerivatives(CENTRAL, numeric, numeric, error + np.zeros(len(numeric)))
    gradient = np.array(gradient, dtype=float)
    return CheckedInput(pair, 1, gradient, lines, derivatives, Options(**options), epsilon)


def with_dense(checked, v, numeric, error=0.0):
    """The same with one more line, along v."""
    lines = (*checked.lines, Line(checked.pair, 1, np.array(v, dtype=float)))
    found = np.append(checked.numeric.low, numeric)
    errors = np.append(checked.numeric.error, error)
    return replace(checked, lines=lines, numeric=NumericDerivatives(CENTRAL, found, found, errors))


def test_the_names_and_shapes_are_those_of_the_input():
    checked = made([1, 2], [1, 2])
    assert (checked.name, checked.shape, checked.entries) == ("x", (2,), 2)


@pytest.mark.parametrize(("numeric", "error", "epsilon", "tolerance"), [
    ([1.0, 2.0], 0.0, 2.0**-52, 1e-10), ([1.0, 2.0], 3e-8, 2.0**-52, 1e-7),
    ([1.0, 2.0], 1.0, 2.0**-52, 1e-3), ([1.0, 2.0], np.inf, 2.0**-52, 1e-3),
    ([0.0, 0.0], 1.5e-5, 2.0**-52, 1e-4), ([0.0, 0.0], 1.5e-7, 2.0**-52, 1e-6),
    ([0.0, 0.0], 0.0, 2.0**-52, 1e-10), ([1.0, 2.0], 0.0, 2.0**-23, 2.0**-16),
])  # fmt: skip
def test_the_default_tolerance(numeric, error, epsilon, tolerance):
    checked = made(numeric, numeric, error, epsilon=epsilon)
    assert checked.tolerance.tolist() == [pytest.approx(tolerance, rel=1e-12)] * 2


def test_the_allowed_distance_is_that_of_the_tolerance_or_absolute():
    assert made([1, 2], [1, 2], tolerance=0.25).allowed.tolist() == [0.5, 0.5]
    assert made([1, 2], [1, 2], tolerance=0.25, absolute=0.75).allowed.tolist() == [0.75, 0.75]


def test_rounding_errors_are_measured_only_if_a_distance_is_not_allowed():
    assert made([2, 2], [2, 2]).floor.tolist() == [0, 0]
    assert made([2, 2.5], [2, 2], tolerance=0.25).floor.tolist() == [0, 0]  # it is just allowed
    assert made([0, 0], [0, 0]).floor.tolist() == [0, 0]
    assert made([2, 2, 2], [2, 2]).floor.tolist() == [0, 0]
    checked = made([2, 1], [2, 2])
    noise = rounding_of_backward(checked.pair, 1, checked.gradient)
    noise = noise + rounding_of_forward(checked.pair, 1)
    np.testing.assert_allclose(checked.floor, noise, rtol=1e-12)
    assert np.all(noise > 0)


@pytest.fixture
def nearby(monkeypatch):
    """The calls of `spread_nearby`, which returns 0.25."""
    calls = []

    def spread_nearby(pair, k, directions, numeric):
        calls.append((pair, k, directions, numeric))
        return 0.25

    monkeypatch.setattr("minigan.gradcheck.examine.spread_nearby", spread_nearby)
    monkeypatch.setattr(CheckedInput, "noise", 1.0)  # explains every distance
    return calls


def test_the_floor_is_the_spread_if_that_is_larger(nearby):
    checked = made([2.001, 2.001], [2, 2], factor=2.001)
    assert checked.floor.tolist() == [0.5, 0.5]
    assert len(nearby) == 1
    assert np.all(made([2.001, 2], [2, 2]).floor < 0.1)  # the noise explains the distance
    assert len(nearby) == 1


@pytest.mark.parametrize(("numeric", "off", "error", "noise", "spread"), [
    ([2, 2], 1e-3, 0.0, 0.0, 0.5),  # a quarter of the derivative there
    ([2, 8], 1e-3, 0.0, 0.0, 0.5),
    ([2, 2], 1.9e-3, 0.0, 0.0, 0.5), ([2, 2], 2.1e-3, 0.0, 0.0, 0.0),  # no more than 1e-3
    ([2, 2], 1.001e-3, 0.0005, 0.0005, 0.5), ([2, 2], 0.999e-3, 0.0005, 0.0005, 0.0),
    ([2, 2], 0.0, 0.0, 0.0, 0.0),
])  # fmt: skip
def test_the_spread_of_small_distances(nearby, numeric, off, error, noise, spread):
    checked = made([numeric[0] + off, numeric[1]], numeric, error, tolerance=1e-10)
    assert checked.spread(np.full(2, noise)) == spread
    assert len(nearby) == (spread > 0)
    for pair, k, directions, _ in nearby:
        assert (pair, k, directions) == (checked.pair, 1, [0])


def test_the_largest_of_the_wrong_distances_may_be_a_thousandth(nearby):
    assert made([1, 1000], [0, 1000], tolerance=1e-10).spread(np.zeros(2)) == 0.25
    known = np.array([0.0, 6.0])  # the larger distance is not wrong
    assert made([1e-4, 6], [0, 1], known, tolerance=1e-10).spread(np.zeros(2)) == 0.25
    assert len(nearby) == 2


@pytest.mark.parametrize(("off", "noise", "spread"), [
    (1e-9, 2.0**-52, 0.0),  # rounding errors of float64 are no larger than about 1e-12 here
    (1e-12, 2.0**-52, 0.5),
    (1e-9, 2.0**-32, 0.5),  # y has a part in float32
])  # fmt: skip
def test_a_distance_that_rounding_errors_of_y_do_not_explain_is_no_spread(
    nearby, monkeypatch, off, noise, spread
):
    monkeypatch.setattr(CheckedInput, "noise", noise)
    checked = made([2 + off, 2], [2, 2], tolerance=1e-15)
    assert checked.spread(np.zeros(2)) == spread


def test_rounding_errors_are_at_most_1024_of_the_natural_size_or_64_of_those_of_forward(
    nearby, monkeypatch
):
    monkeypatch.setattr(CheckedInput, "noise", 2.0**-40)
    monkeypatch.setattr(CheckedInput, "natural_size", 2.0)
    monkeypatch.setattr(
        "minigan.gradcheck.examine.rounding_of_forward",
        lambda pair, k: np.array([4.0, 64.0]) * pair.epsilon,
    )
    largest = np.array([1024 * 2, 64 * 64]) * 2.0**-40
    for i, limit in enumerate(largest):
        for factor, spread in ((0.9995, 0.5), (1.0, 0.5), (1.0005, 0.0)):
            gradient = np.array([2.0, 2.0])
            gradient[i] += factor * limit
            assert made(gradient, [2, 2], tolerance=1e-15).spread(np.zeros(2)) == spread
    both = [2 + 0.5 * largest[0], 2 + 2 * largest[1]]  # one of two is explained
    assert made(both, [2, 2], tolerance=1e-15).spread(np.zeros(2)) == 0.0


def test_the_noise_is_the_largest_along_any_input_relative_to_y(monkeypatch):
    each = {0: 1e-9, 1: 3e-9, 2: 2e-9}
    monkeypatch.setattr(
        "minigan.gradcheck.examine.noise_of", lambda pair, k: np.array([0, each[k]])
    )
    assert made([2, 2], [2, 2]).noise == pytest.approx(3e-9 / 6)  # y = 3 x = (3, 6)
    each[1] = 0.0
    assert made([2, 2], [2, 2]).noise == pytest.approx(2e-9 / 6)
    assert made([2, 2], [2, 2], epsilon=1e-7).noise == 1e-7
    assert made([2, 2], [2, 2], x=(0.0, 0.0)).noise == pytest.approx(2e-9)


def test_a_distance_of_exactly_all_errors_is_no_spread(nearby):
    checked = made([0.5, 1024], [0, 1024], 0.125, tolerance=2.0**-12)
    assert checked.spread(np.full(2, 0.125)) == 0.0
    assert not nearby


def test_the_spread_is_measured_at_the_16_largest_distances(nearby):
    off = 1e-4 * np.arange(1, 21)[::-1] / 20
    off[3] = 5e-4
    checked = made(3 + off, np.full(20, 3.0), x=np.ones(20))
    assert checked.spread(np.zeros(20)) == 0.75
    assert nearby[0][2] == [3, 0, 1, 2, *range(4, 16)]
    line = checked.lines[5]
    assert nearby[0][3](line) == pytest.approx(3.0)  # dL/dx of forward


@pytest.mark.parametrize(("off", "spread"), [(0.99, 0.25), (1.01, 0.0)])
def test_where_all_derivatives_vanish_a_distance_is_relative_to_the_numbers(nearby, off, spread):
    off *= 64 * 2.0**-52 * 15  # the gradient of t has the largest sum: 3 * 5; y has 3 + 6
    assert made([off, 0], [0, 0]).spread(np.zeros(2)) == spread


def test_the_natural_size_is_the_largest_sum():
    assert made([1, 2], [1, 2]).natural_size == 15  # the gradient of t
    assert made([1, 2], [1, 2], factor=-8.0).natural_size == 16
    assert made([1, 2], [1, 2], x=(-6.0, 2.0)).natural_size == 24  # |y|
    assert made([1, 2], [1, 2], factor=np.nan).natural_size == 15
    assert made([1, 2], [1, 2], factor=np.inf).natural_size == 15
    assert made([1, 2], [1, 2], factor=np.array([np.inf, 100.0])).natural_size == 15
    assert made([1, 2], [1, 2], factor=9).natural_size == 15


@pytest.mark.parametrize(("distance", "bad"), [(1.25, False), (1.2501, True), (np.nan, True)])
def test_a_line_is_bad_beyond_the_sum_of_all_errors(distance, bad):
    checked = made([2 + distance, 2], [2, 2], 0.5, tolerance=0.25)
    checked.__dict__["floor"] = np.full(2, 0.25)
    assert checked.bad.tolist() == [bad, False]


def test_the_errors_along_a_dense_line_are_those_of_its_unit_vector():
    checked = with_dense(made([1, 2], [1, 2]), [3, -4], 0.0)
    assert checked.along(np.array([0.5, 0.25])).tolist() == [0.5, 0.25, (1.5 + 1.0) / 5]
    noise = rounding_of_backward(checked.pair, 1, checked.gradient)
    assert checked.rounding[:2].tolist() == noise.tolist()


def test_the_cosine_is_that_of_the_compared_entries():
    checked = made([3, 4], [4, 3])
    assert checked.cosine == pytest.approx(24 / 25)
    assert with_dense(checked, [1, 1], -100.0).cosine == pytest.approx(24 / 25)
    assert made([3e200, 4e200], [4e-200, 3e-200]).cosine == pytest.approx(24 / 25)
    assert made([0, 0], [4, 3]).cosine == made([3, 4], [0, 0]).cosine == 0.0
    assert math.isnan(made([np.inf, 4], [4, 3]).cosine)
    assert math.isnan(made([3, np.nan], [4, 3]).cosine)
    assert made([], [], x=()).cosine == 0.0


def test_the_compared_entries_are_the_single_ones():
    checked = with_dense(made([1, 2.5], [1, 2], np.array([0.125, 0.25])), [1, 1], 3.5 / 2**0.5)
    checked.__dict__["floor"] = np.zeros(3)
    found = checked.compared()
    assert (found.name, found.shape, found.entries.tolist()) == ("x", (2,), [0, 1])
    assert found.entries.dtype == made([], [], x=()).compared().entries.dtype == np.intp
    assert found.analytic.tolist() == [1, 2.5]
    assert found.numeric.tolist() == [1, 2]
    assert found.resolution.tolist() == [0.125, 0.25]
    assert found.bad.tolist() == [False, True]
    assert checked.distance.tolist() == [0, 0.5, pytest.approx(0)]


def test_the_distance_from_a_number_that_is_not_finite_is_infinite():
    assert made([np.inf, np.nan], [1, np.inf]).distance.tolist() == [np.inf, np.inf]
    assert made([1, -2], [1.5, -4]).distance.tolist() == [0.5, 2]


@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 3), (5,), (1, 3)])
def test_the_corners_come_first(shape):
    def corner(i):
        index = np.unravel_index(i, shape)
        return all(j in (0, n - 1) for j, n in zip(index, shape, strict=True))

    drawn = np.random.default_rng([3, 2]).permutation(math.prod(shape)).tolist()
    expected = [i for i in drawn if corner(i)] + [i for i in drawn if not corner(i)]
    assert entries_of(shape, 2, Options(seed=3)) == expected
    assert entries_of(shape, 2, Options(seed=3, max_entries=3)) == expected[:3]


def test_dense_directions_are_random_in_sign_and_size():
    x = np.where(np.arange(2000) % 2, 3.0, -4.0)
    x[:5] = 1e-3
    pair = pair_at(*function_pair(lambda t, x: x * t, None, (np.ones(1), x), {}, None, None), 0)
    v, second, *_ = (line.direction for line in dense_lines(pair, 1, 5))
    rng, size = np.random.default_rng([5, 1, 1]), np.maximum(np.abs(x), np.sqrt(np.mean(x**2)) / 8)
    for one in (v, second):
        sign = np.where(rng.random(2000) < 0.5, -1.0, 1.0)
        np.testing.assert_allclose(one, sign * rng.uniform(0.5, 1.0, 2000) * size, rtol=1e-13)
    assert 0.45 < np.mean(v < 0) < 0.55
    assert 0.45 < np.mean((v < 0) == (x < 0)) < 0.55
    ratio = np.abs(v / size)
    assert 0.5 <= ratio.min() < 0.51
    assert 0.99 < ratio.max() <= 1.0
    others = [dense_lines(pair, k, seed)[0].direction for k, seed in ((0, 5), (1, 4))]
    assert not any(np.array_equal(v, other) for other in others)
    assert np.array_equal(v, dense_lines(pair, 1, 5)[0].direction)


def test_what_the_estimator_is_given(monkeypatch):
    given = []

    class Recorded:
        def __init__(self, *arguments):
            given.append(arguments)

        def derivatives(self):
            return [], NumericDerivatives(CENTRAL, *(np.zeros(0),) * 3)

    monkeypatch.setattr("minigan.gradcheck.examine.Estimator", Recorded)
    pair = made([1, 2], [1, 2]).pair
    for tolerance in (None, 1e-3):
        options = Options(tolerance=tolerance, seed=4, max_entries=1)
        checked = examine(pair, 1, np.ones(2), options, 7.0, 0.25)
        entries, dense, found, seconds, tick = given.pop()
        assert (found, seconds, tick) == (tolerance or 1e-10, 7.0, options.tick)
        assert entries == [Line(pair, 1, entries_of((2,), 1, options)[0])]
        expected = dense_lines(pair, 1, 4)
        assert [line.k for line in dense] == [1] * 4
        for line, other in zip(dense, expected, strict=True):
            np.testing.assert_array_equal(line.direction, other.direction)
        assert (checked.k, checked.lines, checked.epsilon) == (1, (), 0.25)
        assert checked.options is options


@pytest.fixture
def targets(monkeypatch):
    """The targets of `slope_along`, which returns the true derivative of 3 x."""
    found = []

    def slope_along(line, noise, target, scales):
        assert noise is noise_of(line.pair, line.k)
        assert scales == scales_of(line)
        found.append(target)
        v = line.direction
        return Slope(3.0 if isinstance(v, int) else 3 * float(np.sum(v)) / line.length, 0.0)

    monkeypatch.setattr("minigan.gradcheck.examine.slope_along", slope_along)
    return found


def test_a_numeric_derivative_by_the_method_of_the_input(targets):
    checked = made([3, 3], [3, 3], x=(1e-6, 2.0))
    assert numeric_derivative(checked, checked.lines[1]) == 3.0
    assert numeric_derivative(checked, checked.lines[0], 0.5) == 3.0
    assert targets == [pytest.approx(3e-10), 0.5]
    steps = replace(checked, numeric=replace(checked.numeric, method=COMPLEX_STEP))
    assert numeric_derivative(steps, checked.lines[1]) == 3.0
    assert len(targets) == 2


def test_a_bisection_has_targets_that_show_the_larger_half(targets):
    checked = made([3, 3, 3, 3 + 0.5], [3, 3], x=np.ones(4))
    v = np.array([1.0, -1.0, 1.0, 2.0])  # the gap is 0.5 * 2
    worst = bisect_wrong_entry(checked, Line(checked.pair, 1, v))
    assert (worst.index, worst.analytic, worst.numeric) == ((3,), 3.5, 3.0)
    assert targets == pytest.approx([3e-10, 1 / 16 / 2**0.5, 1 / 16, 3e-10])


@pytest.mark.parametrize(("size", "wrong"), [(n, i) for n in (1, 2, 3, 7) for i in range(n)])
def test_a_bisection_finds_a_wrong_entry_anywhere(targets, size, wrong):
    gradient = np.full(size, 3.0)
    gradient[wrong] += 1e-3
    checked = made(gradient, [3], x=np.ones(size))
    for sign, other in itertools.product((1, -1), repeat=2):
        v = np.where(np.arange(size) % 2, sign, other) * np.linspace(0.5, 1.0, size)
        worst = bisect_wrong_entry(checked, Line(checked.pair, 1, v))
        assert (worst.index, worst.analytic, worst.numeric) == ((wrong,), gradient[wrong], 3.0)


def test_of_two_equal_errors_the_first_is_found(targets):
    checked = made([7, 6], [3])  # both gaps are 12: (7 - 3) * 3 and (6 - 3) * 4
    assert bisect_wrong_entry(checked, Line(checked.pair, 1, np.array([3.0, 4.0]))).index == (0,)


@pytest.mark.parametrize(("gaps", "found"), [([1, 0, -1.4, -1.6], 3), ([0.5, 0, 1, 0], 2)])
def test_each_half_has_its_own_gap(targets, gaps, found):
    checked = made(3 + np.array(gaps), [3], x=np.ones(4))
    assert bisect_wrong_entry(checked, Line(checked.pair, 1, np.ones(4))).index == (found,)


def test_the_worst_entry_is_a_wrong_one(targets):
    checked = made([1, 3.5, 3], [3, 3, 3], np.array([4.0, 0.25, 0.0]), x=np.ones(3))
    dense = with_dense(checked, [1, 1, 1], 100.0)
    for one in (checked, dense):
        one.__dict__["floor"] = np.zeros(len(one.lines))
        worst = worst_entry(one)
        assert (worst.index, worst.analytic, worst.numeric) == ((1,), 3.5, 3.0)
        assert worst.bound == 0.25
    assert targets == []
    for distances, i in (([0.5, 2, 1, 0], 1), ([0, 0.5, 1, 2], 3)):
        several = made(3 + np.array(distances), np.full(4, 3.0), x=np.ones(4))
        several.__dict__["floor"] = np.zeros(4)
        assert worst_entry(several).index == (i,)
    hidden = with_dense(made([3, 3, 3.5], [3, 3], x=np.ones(3)), [1, 1, 1], 9 / 3**0.5)
    hidden.__dict__["floor"] = np.zeros(3)
    assert worst_entry(hidden).index == (2,)
    assert worst_entry(made([3, 3], [3, 3])) is None


def test_the_step_of_a_product_is_relative_to_the_input(monkeypatch):
    given = []
    monkeypatch.setattr(
        "minigan.gradcheck.examine.typical_size", lambda x: given.append(x.tolist()) or 1.0
    )
    assert forward_product(made([1, 2], [1, 2], x=(4.0, 5.0))).tolist() == [3.0, 3.0]
    assert given == [[4.0, 5.0]]


@pytest.mark.parametrize("size", [1.0, 1e3])
def test_the_step_of_the_product_with_the_jacobian(size):
    seen = []

    def forward(x):
        if np.iscomplexobj(x):
            raise TypeError
        seen.append(np.array(x))
        return x**3

    x = size * X
    checked = examined(forward, lambda dy, x: 3 * x**2 * dy, x)
    seen.clear()
    forward_product(checked)
    h = 2.0**-17 * np.sqrt(np.mean(x**2))
    expected = [x + h * checked.pair.dy, x - h * checked.pair.dy]
    np.testing.assert_allclose(seen, expected, rtol=1e-14)
