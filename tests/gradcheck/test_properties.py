"""Repeatable calls, finite numbers, gradients linear in dy, and arguments left as they were."""

import numpy as np
import pytest

from minigan.gradcheck import check
from minigan.gradcheck.calls import NotComparableError, function_pair
from minigan.gradcheck.pair import pair_at, quiet
from minigan.gradcheck.properties import (
    check_forward,
    equal_up_to_rounding,
    float64_gradient,
    gradient_for,
    gradients_of,
    nonlinear_text,
    not_finite_text,
)

X = np.array([0.5, -1.0, 2.0])
REPEATS = 64


def pair_of(forward, backward=lambda dy, *inputs: dy, inputs=(X,)):
    functions, leaves = function_pair(forward, backward, inputs, {}, None, None)
    return pair_at(functions, leaves, 0)


def every(n, function, otherwise):
    """A function whose every n-th call is another one."""
    calls = []

    def called(*arguments):
        calls.append(1)
        return (otherwise if len(calls) % n == 0 else function)(*arguments)

    return called


# Repeatable calls


@pytest.mark.parametrize("n", [2, 3, 7, 20])
def test_a_forward_that_differs_at_every_nth_call_is_found(n):
    with pytest.raises(NotComparableError, match=r"forward .*different results .*pass the mask"):
        check_forward(pair_of(every(n, lambda x: x * 1, lambda x: x * 1.001)), REPEATS)
    check_forward(pair_of(every(n, lambda x: x * 1, lambda x: x * (1 + 2.0**-52))), REPEATS)


@pytest.mark.parametrize("n", [2, 3, 7, 20])
def test_a_backward_that_differs_at_every_nth_call_is_found(n):
    with pytest.raises(NotComparableError, match="backward returns different results"):
        gradients_of(
            pair_of(np.copy, every(n, lambda dy, x: dy, lambda dy, x: dy * 1.001)), REPEATS
        )
    with pytest.raises(NotComparableError, match="backward returns different results"):
        gradients_of(pair_of(np.copy, every(n, lambda dy, x: dy, lambda dy, x: None)), REPEATS)


def test_rare_randomness_is_found():
    rng = np.random.default_rng(0)

    def forward(x):
        return x * (1.1 if rng.random() < 0.1 else 1.0)

    row = check(forward, lambda dy, x: dy, X).rows[0]
    assert row.verdict == "FAIL"
    assert "forward returns different results" in row.diagnosis


def test_a_state_that_changes_later_is_found_at_the_end():
    seen = []

    def forward(x):
        if np.iscomplexobj(x):
            seen.append(1)
            return x * 1
        return x * (1.001 if seen else 1)

    row = check(forward, lambda dy, x: dy, X).rows[0]
    assert row.verdict == "FAIL"
    assert "forward returns different results" in row.diagnosis


def test_no_gradient_at_all_is_no_comparison():
    with pytest.raises(NotComparableError, match="no gradient at all"):
        gradients_of(pair_of(np.copy, lambda dy, x: None), REPEATS)


# Arguments


def test_overwritten_inputs_are_found_in_every_layout_and_not_where_they_are_kept():
    def forward(x, w, labels):
        x[0] += 1
        labels[0] = 9
        return x * w

    def backward(dy, x, w, labels):
        w *= 1.0
        dy[0] = 0
        labels += 1
        return dy, x

    inputs = (X[::-1], np.asfortranarray(np.ones(3, ">f8")), np.array([1, 2]))
    pair = pair_of(forward, backward, inputs)
    message = "{} overwrites its argument {}; write to a copy or to a new array".format
    found = check_forward(pair, REPEATS)
    assert found == {0: message("forward", "x"), 2: message("forward", "labels")}
    found = gradients_of(pair, REPEATS)[1]
    assert found == {2: message("backward", "labels"), -1: message("backward", "dy")}
    assert gradients_of(pair_of(lambda x: x * 2, inputs=(X,)), REPEATS)[1] == {}


# Finite numbers


def test_numbers_must_be_finite():
    assert not_finite_text(pair_of(lambda x: x + 0)) == ""
    with quiet():
        text = not_finite_text(pair_of(lambda x: np.log(x)))
    assert text.startswith("forward returns NaN or Inf (1 of 3 entries)")
    text = not_finite_text(pair_of(np.tanh, inputs=(np.array([np.inf]),)))
    assert "the input input[0] contains NaN or Inf" in text or "the input x contains" in text


# Linear in dy


def linear_text(backward, forward=np.sin, inputs=(X,), unit=2.0**-52):
    pair = pair_of(forward, backward, inputs)
    return nonlinear_text(pair, 0, gradient_for(pair, 0, pair.dy), unit)


@pytest.mark.parametrize(
    ("backward", "case"),
    [
        (lambda dy, x: dy * np.cos(x) + 1e-3, "for dy = 0 the gradient is 0.001"),
        (lambda dy, x: np.clip(dy, -5, 5) * np.cos(x), "for 1.04858e+06 dy"),
        (lambda dy, x: np.where(np.abs(dy) < 1e-3, 0, dy) * np.cos(x), "for 9.53674e-07 dy"),
        (lambda dy, x: np.abs(dy) * np.cos(x), "for the sum of two dy"),
        (lambda dy, x: dy / np.linalg.norm(dy) * 3, "not linear in dy"),
    ],
)
def test_a_gradient_that_is_not_linear_in_dy_is_found(backward, case):
    text = linear_text(backward)
    assert text.startswith("not linear in dy: ")
    assert case in text


@pytest.mark.parametrize(
    "backward",
    [
        lambda dy, x: dy * np.cos(x),
        lambda dy, x: 0 * dy,
        lambda dy, x: dy * (1e150 * x),
        lambda dy, x: dy * (1e-200 * x),
        lambda dy, x: (dy[:2].sum() - dy[0] - dy[1]) * x,  # a true zero with rounding errors
        lambda dy, x: dy - dy.mean() - (dy - dy.mean()).mean(),
    ],
)
def test_a_linear_gradient_has_no_text(backward):
    assert linear_text(backward) == ""


def test_a_float32_gradient_is_linear_up_to_its_rounding():
    def backward(dy, x):
        return (dy.astype("f4") * np.float32(1.1)) * np.cos(x).astype("f4")

    assert linear_text(backward, unit=2.0**-23) == ""
    off = linear_text(lambda dy, x: backward(dy, x) + np.float32(1e-3), unit=2.0**-23)
    assert "for dy = 0" in off


def test_the_entry_of_the_message_is_wrong():
    def backward(dy, x):
        return dy * np.cos(x) + np.array([0, 0, 0.25])

    assert "the gradient is 0.25 at entry (2,), and must be 0" in linear_text(backward)


def test_dy_is_ignored_if_dy_0_changes_nothing():
    text = linear_text(lambda dy, x: np.cos(x))
    assert text == "dy ignored: backward returns the same gradient for dy = 0"


def test_a_backward_that_raises_for_another_dy_is_not_blamed():
    def backward(dy, x):
        if not np.any(dy):
            raise ValueError
        return dy * np.cos(x)

    assert linear_text(backward) == ""


# Gradients as float64


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (np.array([1, 2]), "wrong dtype: the gradient is int64, x is float64"),
        (np.ones(2, np.float32), "wrong dtype: the gradient is float32, x is float64"),
        (np.ones(2, bool), "wrong dtype: the gradient is bool"),
        (np.ones(2, complex), "not an array of real numbers but of complex128"),
        ("text", "not an array of real numbers"),
        (np.ones(2), ""),
        ([1.0, 2.0], ""),
    ],
)
def test_a_gradient_has_the_dtype_of_its_input(item, message):
    gradient, unit, error = float64_gradient(item, pair_of(lambda x: x * 2), 0)
    assert gradient.dtype == np.float64
    assert message in error
    assert bool(error) == bool(message)
    assert unit == (
        2.0**-23 if np.asarray(item).dtype == np.float32 else 2.0**-52 if not message else 0
    )


@pytest.mark.parametrize(
    "pair", [pair_of(lambda x: x * 2, inputs=(X.astype("f4"),)), pair_of(lambda x: x.astype("f4"))]
)
def test_float32_is_right_where_the_input_or_y_is_float32(pair):
    assert float64_gradient(np.ones(3, "f4"), pair, 0)[2] == ""
    assert "wrong dtype" in float64_gradient(np.ones(3, int), pair, 0)[2]


def test_equality_is_up_to_rounding_of_the_largest_number():
    a = np.array([1.0, np.nan, 1e-300])
    assert equal_up_to_rounding(a, a + 1e-13)
    assert not equal_up_to_rounding(a, a + 1e-9)
    assert not equal_up_to_rounding(a, a[:2])
    assert not equal_up_to_rounding(np.array([1e-20]), np.array([2e-20]))
    assert equal_up_to_rounding(np.zeros(2), np.zeros(2))
    assert equal_up_to_rounding(np.float32(1), np.float32(1 + 2.0**-23))
    assert not equal_up_to_rounding(np.float32(1), np.float32(1.001))
    assert equal_up_to_rounding(None, None)
    assert not equal_up_to_rounding(None, a)
