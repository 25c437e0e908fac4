"""The analytic gradient of one input against its numeric derivatives."""

import time

import numpy as np
import pytest

from minigan.gradcheck.calls import function_pair
from minigan.gradcheck.examine import (
    DIRECTIONS,
    dense_lines,
    entries_of,
    examine,
    forward_product,
    worst_entry,
)
from minigan.gradcheck.numeric import COMPLEX_STEP
from minigan.gradcheck.options import Options
from minigan.gradcheck.pair import pair_at

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
    assert len(checked.lines) == 50 + DIRECTIONS


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
    assert len(lines) == DIRECTIONS
    for line in lines:
        assert np.all((0.5 * size <= np.abs(line.direction)) & (np.abs(line.direction) <= size))
    assert len({line.direction.tobytes() for line in lines}) == DIRECTIONS


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


def test_an_empty_input_beside_another():
    def forward(x, e):
        if np.iscomplexobj(x) or np.iscomplexobj(e):
            raise TypeError
        return x + e.sum()

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


@pytest.mark.parametrize("forward", [lambda x: x**3, lambda x: np.abs(x) ** 3 * np.sign(x.real)])
def test_the_product_of_the_jacobian_with_dy(forward):
    checked = examined(forward, lambda dy, x: 3 * x**2 * dy)
    np.testing.assert_allclose(forward_product(checked), 3 * X**2 * checked.pair.dy, rtol=1e-7)


def test_the_cosine():
    turned = examined(lambda x: x * 1, lambda dy, x: np.array([-dy[1], dy[0]]), X[:2])
    assert turned.cosine == pytest.approx(0, abs=1e-15)
    assert examined(square, lambda dy, x: -slope(dy, x)).cosine == pytest.approx(-1)
    assert examined(square, lambda dy, x: 0 * x).cosine == 0
