"""The rounding errors of gradients."""

import numpy as np
import pytest

from minigan.gradcheck.calls import function_pair
from minigan.gradcheck.numeric import complex_step
from minigan.gradcheck.pair import pair_at
from minigan.gradcheck.rounding import (
    perturbed,
    rounding_of_backward,
    rounding_of_forward,
    spread_nearby,
)

EPS = 2.0**-52


def pair_of(forward, backward, *inputs):
    functions, leaves = function_pair(forward, backward, inputs, {}, None, None)
    return pair_at(functions, leaves, 0)


def measured(forward, backward, *inputs):
    pair = pair_of(forward, backward, *inputs)
    return rounding_of_backward(pair, 0, np.asarray(pair.gradients(pair.dy)[0]))


def moved(x, rng):
    """x (1 + n eps), n in -2, ..., 2."""
    return x * (1 + EPS * rng.integers(-2, 3, x.shape))


def test_the_last_bits_of_inputs_and_dy_change():
    x, labels = np.linspace(1, 2, 200), np.arange(3)
    pair = pair_of(lambda x, labels: x * 1, lambda dy, x, labels: dy, x, labels)
    other, rng = perturbed(pair, np.random.default_rng(0)), np.random.default_rng(0)
    assert np.array_equal(other.leaves[0].x, moved(x, rng))
    assert np.array_equal(other.dy, moved(pair.dy, rng))
    assert np.array_equal(other.leaves[1].value, labels)
    assert np.array_equal(other.y, other.leaves[0].x)


def test_the_floor_is_16_times_the_largest_change():
    calls, x, rng = [], np.linspace(1, 2, 4), np.random.default_rng(1)

    def backward(dy, x):
        calls.append((dy.dtype, x.dtype))
        return x + dy

    pair = pair_of(lambda x: x * 1, backward, x)
    found = rounding_of_backward(pair, 0, x + pair.dy)
    assert calls == [(pair.extended.leaves[0].x.dtype,) * 2] + [(float, float)] * 8
    changes = [moved(x, rng) + moved(pair.dy, rng) - (x + pair.dy) for _ in range(8)]
    np.testing.assert_array_equal(found, 16 * np.max(np.abs(changes), axis=0))


def test_a_constant_gradient_has_16_units_and_one_that_becomes_nan_too():
    x = np.array([0.5, 1.5])
    assert measured(lambda x: x * 1, lambda dy, x: np.array([3.0, 5.0]), x).tolist() == [
        16 * 3 * EPS,
        16 * 5 * EPS,
    ]

    def backward(dy, x):
        return np.where(x == [0.5, 1.5], [3.0, 5.0], [3.0, np.nan])

    assert measured(lambda x: x * 1, backward, x).tolist() == [16 * 3 * EPS, 16 * 5 * EPS]
    pair = pair_of(lambda x: x * 1, lambda dy, x: np.ones(2), x)
    assert rounding_of_backward(pair, 0, np.array([np.inf, 1.0])).tolist() == [0.0, 16 * EPS]


def test_a_well_conditioned_gradient_has_rounding_errors_of_some_units():
    x = np.array([0.5, 3.0])
    found = measured(lambda x: x**2, lambda dy, x: 2 * x * dy, x)
    size = np.abs(2 * x * pair_of(lambda x: x**2, None, x).dy)
    assert np.all(16 * EPS * size <= found)
    assert np.all(found <= 200 * EPS * size)


def test_cancellation_in_backward_is_seen():
    x = 1e8 + np.array([0.25, -1.0, 2.0])
    found = measured(lambda x: (x - x.mean()) ** 2, lambda dy, x: dy * (x - x.mean()), x)
    assert np.all(found > 1e-9)


def test_rounding_inside_of_backward_is_seen_by_long_double():
    x = np.array([17.0])
    found = measured(np.tanh, lambda dy, x: dy * (1 - np.tanh(x) ** 2), x)
    assert found[0] >= (1e-16 if np.finfo(np.longdouble).eps < EPS else 0)


def test_a_backward_that_raises_or_returns_another_shape_elsewhere_has_no_measured_error():
    x = np.array([0.5])

    def backward(dy, x):
        if x[0] != 0.5:
            raise ValueError("not the point")
        return 2 * x * dy

    least = 16 * EPS * np.abs(x * 2 * pair_of(lambda x: x**2, backward, x).dy)
    found = measured(lambda x: x**2, backward, x)
    assert least[0] <= found[0] <= 100 * least[0]
    other = measured(lambda x: x**2, lambda dy, x: 2 * x * dy if x[0] == 0.5 else np.ones(3), x)
    assert other.shape == (1,)
    assert np.all(np.isfinite(other))


def test_the_floor_of_forward_is_relative_to_x_and_to_all_of_y():
    pair = pair_of(lambda x: np.tanh(x), lambda dy, x: dy, np.array([100.0, 1.0]))
    weight = np.sum(np.abs(pair.dy * pair.y))
    typical = np.sqrt((100.0**2 + 1) / 2)
    expected = [16 * EPS * weight / 100, 16 * EPS * weight / typical]
    np.testing.assert_allclose(rounding_of_forward(pair, 0), expected, rtol=1e-12)


def test_a_wrong_formula_is_not_erratic_but_noise_is():
    x = np.linspace(0.5, 1.5, 5)
    rng = np.random.default_rng(0)

    def spread(backward):
        pair = pair_of(lambda x: x**2, backward, x)
        return spread_nearby(pair, 0, list(range(5)), complex_step)

    assert spread(lambda dy, x: 2 * x * dy) < 1e-13
    assert spread(lambda dy, x: 2 * x * dy * (1 + 1e-6)) < 4e-8
    assert spread(lambda dy, x: 2 * x * dy * (1 + 1e-6 * rng.normal(size=5))) > 1e-6


def test_the_errors_are_those_of_the_input_and_not_of_its_neighbour():
    labels, x = np.array([3, 4]), np.array([1.0, 50.0])
    pair = pair_of(lambda n, x: x**2, lambda dy, n, x: (None, 2 * x * dy), labels, x)
    alone = pair_of(lambda x: x**2, lambda dy, x: 2 * x * dy, x)
    gradient = 2 * x * pair.dy
    for found, expected in (
        (rounding_of_backward(pair, 1, gradient), rounding_of_backward(alone, 0, gradient)),
        (rounding_of_forward(pair, 1), rounding_of_forward(alone, 0)),
        (
            spread_nearby(pair, 1, [0, 1], complex_step),
            spread_nearby(alone, 0, [0, 1], complex_step),
        ),
    ):
        np.testing.assert_array_equal(found, expected)
    assert np.all(rounding_of_backward(pair, 1, gradient) > 16 * EPS * np.abs(gradient))


def test_the_spread_is_4_times_the_largest_distance_from_the_mean():
    x, rng = np.linspace(0.5, 1.5, 3), np.random.default_rng(3)
    v = np.array([3.0, 0.0, -4.0])
    pair = pair_of(lambda x: x**2, lambda dy, x: x**3, x)
    found = spread_nearby(pair, 0, [0, 2, v], complex_step)
    q = []
    for _ in range(8):
        near = x * (1 + 1e-3 * rng.uniform(-1, 1, 3))
        a, n = near**3, 2 * near * pair.dy
        a, n = (np.array([g[0], g[2], g @ v / 5]) for g in (a, n))
        q.append((a - n) / np.max(np.abs(n)))
    assert found == pytest.approx(4 * np.max(np.abs(np.array(q) - np.mean(q, 0))), rel=1e-12)


def test_the_spread_is_absolute_where_the_numeric_derivatives_are_0():
    x, rng = np.array([1.0]), np.random.default_rng(3)
    pair = pair_of(lambda x: 0 * x, lambda dy, x: x, x)
    near = [1 + 1e-3 * rng.uniform(-1, 1) for _ in range(8)]
    found = spread_nearby(pair, 0, [0], complex_step)
    assert found == pytest.approx(4 * np.max(np.abs(near - np.mean(near))), rel=1e-12)


@pytest.mark.parametrize(("valid", "known"), [(3, False), (4, True), (8, True)])
def test_the_spread_needs_4_valid_points(valid, known):
    calls = []

    def backward(dy, x):
        calls.append(1)
        if len(calls) > valid:
            return np.full_like(x, np.nan) if len(calls) % 2 else None
        return x

    pair = pair_of(lambda x: x**2, backward, np.array([1.0, 2.0]))
    assert (spread_nearby(pair, 0, [0, 1], complex_step) > 0) == known
    assert len(calls) == 8
