"""What backward may return, and what is said of everything else."""

import numpy as np
import pytest

from minigan.gradcheck.pair import Pair
from minigan.gradcheck.returned import (
    Unusable,
    array_of,
    assigned,
    check_forward,
    count,
    equal,
    gradients_of,
    ignores_dy,
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


def test_one_item_per_input_is_fine_too():
    assert assigned((X, None, W), pair_of(None)) == (X, None, W)


@pytest.mark.parametrize(("items", "words"), [(X, "1 gradient"), ((X,) * 4, "4 gradients")])
def test_a_wrong_number_of_gradients_is_a_sentence(items, words):
    with pytest.raises(Unusable, match=f"{words} for 2 floating inputs \\(x, w\\)"):
        assigned(items, pair_of(None))


def test_no_gradient_at_all_is_no_pass():
    with pytest.raises(Unusable, match="no gradient at all"):
        gradients_of(pair_of(lambda *_: (None, None)))


def test_a_backward_that_draws_is_noticed():
    rng = np.random.default_rng(0)
    with pytest.raises(Unusable, match="backward gives two different answers"):
        gradients_of(pair_of(lambda dy, x, labels, w: (dy * rng.random(2), None)))


def test_overwritten_arguments_of_backward_are_noticed():
    def backward(dy, x, labels, w):
        dy *= 2
        labels += 1
        return dy, None

    assert gradients_of(pair_of(backward))[1:] == ({1}, True)


def test_ignoring_dy_means_that_another_dy_changes_nothing():
    pair = pair_of(lambda dy, x, labels, w: (w, dy * x))
    assert ignores_dy(pair, 0, W)
    assert not ignores_dy(pair, 2, pair.dy * X)


def test_forward_must_repeat_itself_up_to_rounding():
    calls = []

    def forward(x, labels, w):
        calls.append(1)
        return x * w * (1 + size * len(calls))

    size = 1e-15
    check_forward(pair_of(None, forward), np.dtype(float))
    size = 1e-6
    with pytest.raises(Unusable, match="pass the mask, the noise or the generator's state"):
        check_forward(pair_of(None, forward), np.dtype(float))


def test_forward_must_return_finite_numbers():
    with pytest.raises(Unusable, match=r"forward returns NaN or Inf \(1 of 2 entries\)"):
        check_forward(pair_of(None, lambda x, labels, w: x / labels), np.dtype(float))


def test_inputs_must_be_finite():
    pair = Pair(np.sin, np.cos, (np.array([np.inf]),), ("x",), np.ones(1), np.ones(1))
    with pytest.raises(Unusable, match="the input x holds NaN or Inf"):
        check_forward(pair, np.dtype(float))


def test_single_precision_output_is_refused():
    with pytest.raises(Unusable, match=r"forward returns float32.*\.astype\(float32\)"):
        check_forward(
            pair_of(None, lambda x, labels, w: (x * w).astype(np.float32)), np.dtype(np.float32)
        )


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (np.array([1, 2]), "wrong dtype: the gradient is int64, x is float64"),
        (np.ones(2, np.float32), "wrong dtype: the gradient is float32, x is float64"),
        (np.ones(2, bool), "wrong dtype: the gradient is bool"),
        (np.ones(2, complex), "not an array of real numbers but of complex128"),
        ("text", "not an array of real numbers"),
    ],
)
def test_a_wrong_dtype_is_a_sentence(item, words):
    gradient, wrong = array_of(item, "x")
    assert gradient.dtype == np.float64
    assert words in wrong[0]


def test_a_float64_gradient_has_the_right_type():
    assert array_of([1.0, 2.0], "x")[1] == []


def test_equality_up_to_rounding():
    a = np.array([1.0, np.nan, 1e-300])
    assert equal(a, a + 1e-13)
    assert not equal(a, a + 1e-9)
    assert not equal(a, a[:2])
    assert not equal(None, a)
    assert equal(None, None)


def test_words():
    assert count(1) == "1 gradient"
    assert count(0) == "0 gradients"
    assert overwritten_text(["forward", "backward"], "x").startswith(
        "forward and backward overwrite their argument x"
    )


def test_equality_is_relative_to_the_largest_number():
    assert not equal(np.array([1e-20]), np.array([2e-20]))
    assert equal(np.zeros(2), np.zeros(2))
