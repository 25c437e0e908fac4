"""The rounding errors of gradients."""

import numpy as np

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


def test_the_last_bits_of_inputs_and_dy_change():
    x, labels = np.linspace(1, 2, 200), np.arange(3)
    pair = pair_of(lambda x, labels: x * 1, lambda dy, x, labels: dy, x, labels)
    other = perturbed(pair, np.random.default_rng(0))
    for before, after in ((x, other.leaves[0].x), (pair.dy, other.dy)):
        assert 0 < np.max(np.abs(after / before - 1)) <= 2.5 * EPS
    assert np.array_equal(other.leaves[1].value, labels)
    assert np.array_equal(other.y, other.leaves[0].x)


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
    assert np.all(np.isfinite(other))


def test_the_floor_of_forward_is_relative_to_x_and_to_all_of_y():
    pair = pair_of(lambda x: np.tanh(x), lambda dy, x: dy, np.array([100.0, 1.0]))
    weight = np.sum(np.abs(pair.dy * pair.y))
    typical = np.sqrt((100.0**2 + 1) / 2)
    expected = [16 * EPS * weight / 100, 16 * EPS * weight / typical]
    np.testing.assert_allclose(rounding_of_forward(pair, 0), expected, rtol=1e-12)


def naive_variance(x):
    return (x * x).mean() - x.mean() ** 2


def test_a_wrong_formula_is_not_erratic_but_noise_is():
    x = np.linspace(0.5, 1.5, 5)
    rng = np.random.default_rng(0)

    def spread(backward):
        pair = pair_of(lambda x: x**2, backward, x)
        return spread_nearby(pair, 0, list(range(5)), complex_step)

    assert spread(lambda dy, x: 2 * x * dy) < 1e-13
    assert spread(lambda dy, x: 2 * x * dy * (1 + 1e-6)) < 4e-8
    assert spread(lambda dy, x: 2 * x * dy * (1 + 1e-6 * rng.normal(size=5))) > 1e-6
