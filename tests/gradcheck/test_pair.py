"""L along a line, and calls on copies of the inputs."""

import numpy as np
import pytest

from minigan.gradcheck.pair import (
    GradcheckInputError,
    Line,
    Pair,
    call_on_copies,
    output_of,
    promoted,
    random_dy,
)


def pair_of(forward, *inputs):
    y = np.asarray(forward(*inputs))
    return Pair(forward, lambda *_: None, inputs, ("a", "b")[: len(inputs)], y, np.ones(y.shape))


def test_dy_depends_on_the_seed_only_and_has_no_entry_near_zero():
    dy = random_dy((50, 40), 3)
    assert np.array_equal(dy, random_dy((50, 40), 3))
    assert not np.array_equal(dy, random_dy((50, 40), 4))
    assert np.min(np.abs(dy)) >= 0.5
    assert np.max(np.abs(dy)) < 1.5
    assert 0.4 < np.mean(dy > 0) < 0.6
    assert random_dy((), 0).shape == ()


def test_an_entry_line_changes_one_entry_and_no_real_part():
    x = np.arange(6.0).reshape(2, 3)
    line = Line(pair_of(lambda a: a * 1, x), 0, 4)
    moved = line.y(complex(0.0, 2.0**-100))
    assert np.array_equal(moved.real, x)
    assert moved.imag.tolist() == [[0, 0, 0], [0, 2.0**-100, 0]]
    assert line.y(0.5).tolist() == [[0, 1, 2], [3, 4.5, 5]]
    assert line.index == (1, 1)
    assert line.length == 1.0
    assert line.directional_derivative(10 * x) == 40.0


def test_a_dense_line_changes_all_entries_and_its_derivative_is_the_scalar_product():
    x, v = np.array([1.0, 2.0]), np.array([3.0, -4.0])
    line = Line(pair_of(lambda a: a * 1, x), 0, v)
    assert line.y(0.5).tolist() == [2.5, 0.0]
    moved = line.y(complex(0.0, 2.0**-100))
    assert np.array_equal(moved.real, x)
    assert np.array_equal(moved.imag, v * 2.0**-100)
    assert line.length == 5.0
    assert line.directional_derivative(np.array([10.0, 1.0])) == 26.0
    assert line.index is None


def test_the_scale_is_the_power_of_two_above_x():
    x = np.array([0.1, -5.0, 8.0])
    pair = pair_of(lambda a: a * 1, x)
    assert [Line(pair, 0, i).scale for i in range(3)] == [1.0, 8.0, 8.0]
    assert Line(pair, 0, x).scale == 8.0


def test_the_magnitude_is_the_sum_of_absolute_products():
    assert pair_of(lambda a: a * 1, np.array([1.0, -2.0])).magnitude == 3.0


def test_an_overwritten_argument_is_detected_and_the_callers_array_unchanged():
    x, labels = np.ones(3), np.array([1, 2])

    def forward(a, b):
        b[0] = 7
        return a

    y, overwritten = call_on_copies(forward, (x, labels))
    assert overwritten == [1]
    assert labels.tolist() == [1, 2]
    y += 1
    assert x.tolist() == [1, 1, 1]


def test_results_in_reused_buffers_are_copied():
    buffer = np.zeros(2)

    def forward(a):
        return np.multiply(a, 2, out=buffer)

    first, _ = call_on_copies(forward, (np.ones(2),))
    second, _ = call_on_copies(lambda a: (forward(a), forward(a)), (np.full(2, 5.0),))
    assert first.tolist() == [2, 2]
    assert second[0].tolist() == [10, 10]
    assert second[0] is not buffer


def test_floating_inputs_become_float64_and_others_are_unchanged():
    assert promoted(np.ones(2, np.float32)).dtype == np.float64
    assert promoted([1.0, 2]).tolist() == [1.0, 2.0]
    assert promoted(0.5).shape == ()
    mask = np.array([True])
    assert promoted(mask) is mask
    assert promoted("mean") == "mean"
    assert promoted(None) is None


def test_complex_inputs_raise():
    with pytest.raises(GradcheckInputError, match="complex"):
        promoted(np.array([1j]))


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ((np.ones(1), 2), "tuple of 2 items"),
        ([1.0], "list of 1"),
        (np.array([1]), "int64"),
        (np.array([1j]), "complex128"),
        ("text", "returned <U4"),
        (None, "object"),
    ],
)
def test_forward_must_return_real_floating_numbers(result, message):
    with pytest.raises(GradcheckInputError, match=message):
        output_of(result)


def test_a_shape_that_depends_on_values_raises():
    pair = pair_of(lambda a: a[a > 0], np.array([1.0, 1e-9]))
    with pytest.raises(GradcheckInputError, match="shape"):
        Line(pair, 0, 1).y(-1.0)


def test_a_nearby_point_shifts_every_floating_input_slightly():
    labels = np.array([1, 2])
    pair = pair_of(lambda a, b: a * b, np.array([0.0, 100.0]), labels)
    nearby = pair.nearby
    step = np.abs(nearby.inputs[0] - pair.inputs[0])
    assert np.all(step > 0)
    assert np.all(step <= [2.0**-6, 100 * 2.0**-6])
    assert nearby.inputs[1] is labels
    assert np.array_equal(nearby.y, nearby.inputs[0] * labels)


def test_a_nearby_point_where_forward_raises_has_y_nan():
    def forward(a):
        if np.any(a != 1):
            raise ValueError
        return a

    assert np.all(np.isnan(pair_of(forward, np.ones(2)).nearby.y))
