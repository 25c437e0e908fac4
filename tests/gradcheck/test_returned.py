"""Valid results of forward and backward, and the messages for invalid ones."""

import numpy as np
import pytest

from minigan.gradcheck.pair import Pair
from minigan.gradcheck.returned import (
    NotComparableError,
    check_forward,
    equal_up_to_rounding,
    float64_gradient,
    gradient_count,
    gradients_of,
    ignores_dy,
    match_to_inputs,
    overwritten_text,
)

X, LABELS, W = np.array([1.0, 2.0]), np.array([0, 1]), np.array([3.0, 4.0])


def pair_of(backward, forward=lambda x, labels, w: x * w):
    with np.errstate(all="ignore"):
        y = np.asarray(forward(X, LABELS, W), dtype=float)
    return Pair(forward, backward, (X, LABELS, W), ("x", "labels", "w"), y, np.array([1.0, -1.0]))


def test_gradients_belong_to_the_floating_inputs_in_order():
    pair = pair_of(lambda dy, x, labels, w: (dy * w, dy * x))
    gradients, overwritten, dy_overwritten = gradients_of(pair)
    assert [None if g is None else g.tolist() for g in gradients] == [[3, -4], None, [1, -2]]
    assert overwritten == set()
    assert dy_overwritten is False


def test_one_item_per_input_is_valid_too():
    assert match_to_inputs((X, None, W), pair_of(None)) == (X, None, W)


@pytest.mark.parametrize(("items", "count"), [(X, "1 gradient"), ((X,) * 4, "4 gradients")])
def test_a_wrong_number_of_gradients_raises(items, count):
    with pytest.raises(NotComparableError, match=f"{count} for 2 floating inputs \\(x, w\\)"):
        match_to_inputs(items, pair_of(None))


def test_no_gradient_at_all_raises():
    with pytest.raises(NotComparableError, match="no gradient at all"):
        gradients_of(pair_of(lambda *_: (None, None)))


def test_a_nondeterministic_backward_raises():
    rng = np.random.default_rng(0)
    with pytest.raises(
        NotComparableError, match="backward returns different results for two equal calls"
    ):
        gradients_of(pair_of(lambda dy, x, labels, w: (dy * rng.random(2), None)))


def test_overwritten_arguments_of_backward_are_detected():
    def backward(dy, x, labels, w):
        dy *= 2
        labels += 1
        return dy, None

    assert gradients_of(pair_of(backward))[1:] == ({1}, True)


def test_dy_is_ignored_if_another_dy_changes_nothing():
    pair = pair_of(lambda dy, x, labels, w: (w, dy * x))
    assert ignores_dy(pair, 0, W)
    assert not ignores_dy(pair, 2, pair.dy * X)


def test_forward_must_be_repeatable_up_to_rounding():
    calls = []

    def forward(x, labels, w):
        calls.append(1)
        return x * w * (1 + size * len(calls))

    size = 1e-15
    check_forward(pair_of(None, forward), np.dtype(float))
    size = 1e-6
    with pytest.raises(
        NotComparableError, match="pass the mask, the noise or the generator's state"
    ):
        check_forward(pair_of(None, forward), np.dtype(float))


def test_forward_must_return_finite_numbers():
    with pytest.raises(NotComparableError, match=r"forward returns NaN or Inf \(1 of 2 entries\)"):
        check_forward(pair_of(None, lambda x, labels, w: x / labels), np.dtype(float))


def test_inputs_must_be_finite():
    pair = Pair(np.sin, np.cos, (np.array([np.inf]),), ("x",), np.ones(1), np.ones(1))
    with pytest.raises(NotComparableError, match="the input x contains NaN or Inf"):
        check_forward(pair, np.dtype(float))


def test_single_precision_output_raises():
    with pytest.raises(NotComparableError, match=r"forward returns float32.*\.astype\(float32\)"):
        check_forward(
            pair_of(None, lambda x, labels, w: (x * w).astype(np.float32)), np.dtype(np.float32)
        )


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (np.array([1, 2]), "wrong dtype: the gradient is int64, x is float64"),
        (np.ones(2, np.float32), "wrong dtype: the gradient is float32, x is float64"),
        (np.ones(2, bool), "wrong dtype: the gradient is bool"),
        (np.ones(2, complex), "not an array of real numbers but of complex128"),
        ("text", "not an array of real numbers"),
    ],
)
def test_a_wrong_dtype_has_a_message(item, message):
    gradient, errors = float64_gradient(item, "x")
    assert gradient.dtype == np.float64
    assert message in errors[0]


def test_a_float64_gradient_has_no_error():
    assert float64_gradient([1.0, 2.0], "x")[1] == []


def test_equality_up_to_rounding():
    a = np.array([1.0, np.nan, 1e-300])
    assert equal_up_to_rounding(a, a + 1e-13)
    assert not equal_up_to_rounding(a, a + 1e-9)
    assert not equal_up_to_rounding(a, a[:2])
    assert not equal_up_to_rounding(None, a)
    assert equal_up_to_rounding(None, None)


def test_the_texts_of_messages():
    assert gradient_count(1) == "1 gradient"
    assert gradient_count(0) == "0 gradients"
    assert overwritten_text(["forward", "backward"], "x").startswith(
        "forward and backward overwrite their argument x"
    )


def test_equality_is_relative_to_the_largest_number():
    assert not equal_up_to_rounding(np.array([1e-20]), np.array([2e-20]))
    assert equal_up_to_rounding(np.zeros(2), np.zeros(2))
