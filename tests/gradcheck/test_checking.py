"""check and assert_gradients: correct gradients pass, and each kind of error gets its diagnosis."""

import dataclasses
import re
import time

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigan.gradcheck import (
    GradcheckInputError,
    GradientError,
    assert_gradients,
    check,
    check_second_order,
)
from minigan.gradcheck.pair import TimeOverError

few = settings(max_examples=8, deadline=None)
sizes = st.integers(1, 5)
large = st.integers(2, 5)
seeds = st.integers(0, 2**32 - 1)


def draw(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def linear(x, W, b):
    return x @ W + b


def linear_backward(dy, x, W, b):
    return dy @ W.T, x.T @ dy, dy.sum(axis=0)


def softplus(x):
    positive = x.real >= 0
    return np.where(positive, x, 0) + np.log1p(np.exp(np.where(positive, -x, x)))


def sigmoid(x):
    return np.exp(-softplus(-x))


def diagnosis(name, report):
    return next(row for row in report.rows if row.name == name).diagnosis


# Correct gradients pass.


@few
@given(sizes, sizes, sizes, seeds)
def test_a_linear_layer_passes_at_machine_precision(m, n, p, seed):
    x, W, b = draw(seed, m, n), draw(seed + 1, n, p), draw(seed + 2, p)
    report = assert_gradients(linear, linear_backward, x, W, b, tolerance=1e-12)
    assert [row.name for row in report.rows] == ["x", "W", "b"]
    assert {row.verdict for row in report.rows} == {"pass"}
    assert {row.method for row in report.rows} == {"complex step"}


@few
@given(sizes, sizes, seeds, st.sampled_from([1.0, 30.0, 600.0]))
def test_saturating_functions_pass_at_large_inputs(m, n, seed, scale):
    x = scale * draw(seed, m, n)
    assert_gradients(softplus, lambda dy, x: dy * sigmoid(x), x, tolerance=1e-12)


@few
@given(sizes, sizes, seeds)
def test_relu_with_ties_passes_for_every_implementation(m, n, seed):
    x = np.random.default_rng(seed).integers(-1, 2, (m, n)).astype(float)
    assert check(lambda x: np.where(x.real > 0, x, 0), lambda dy, x: dy * (x > 0), x)
    assert check(lambda x: np.where(x.real >= 0, x, 0), lambda dy, x: dy * (x >= 0), x)
    assert check(lambda x: np.maximum(x, 0), lambda dy, x: dy * (x > 0), x)
    assert check(lambda x: np.maximum(x, 0), lambda dy, x: dy * (x >= 0), x)


@few
@given(sizes, sizes, seeds)
def test_functions_that_accept_real_numbers_only_pass(m, n, seed):
    x = draw(seed, m, n)
    report = check(lambda x: np.arctan2(x, 2.0), lambda dy, x: dy * 2 / (4 + x**2), x)
    assert report
    assert report.rows[0].method == "central difference"


@few
@given(sizes, sizes, seeds)
def test_absolute_values_pass_with_central_differences_and_are_reported(m, n, seed):
    x = draw(seed, m, n)
    report = check(lambda x: np.abs(x) ** 3, lambda dy, x: dy * 3 * x * np.abs(x), x)
    assert report
    assert "np.absolute (test_checking.py, line " in report.rows[0].diagnosis
    assert report.rows[0].method == "central difference"


@few
@given(sizes, sizes, seeds)
def test_conjugates_pass_with_central_differences_and_are_reported(m, n, seed):
    x = draw(seed, m, n)
    report = check(lambda x: (np.conj(x) * x).real, lambda dy, x: dy * 2 * x, x)
    assert report
    assert "np.conjugate (test_checking.py" in report.rows[0].diagnosis


@few
@given(sizes, sizes, seeds)
def test_a_dropped_imaginary_part_is_reported_with_its_line(m, n, seed):
    def forward(x):
        y = np.empty(x.shape)
        y[...] = x
        return y**2

    report = check(forward, lambda dy, x: dy * 2 * x, draw(seed, m, n))
    assert report
    assert "drops the imaginary part" in report.rows[0].diagnosis
    assert "a cast to real numbers (test_checking.py, line" in report.rows[0].diagnosis
    assert "`y[...] = x`" in report.rows[0].diagnosis


@few
@given(sizes, sizes, seeds)
def test_masks_and_labels_are_passed_through(m, n, seed):
    x, mask = draw(seed, m, n), draw(seed + 1, m, n) > 0
    report = check(lambda x, mask: x * mask * 2, lambda dy, x, mask: dy * mask * 2, x, mask)
    assert report
    assert [row.verdict for row in report.rows] == ["pass", "not differentiated"]
    assert [row.entries for row in report.rows] == [m * n, 0]


TINY_CASES = [  # forward, the factor of dy in backward, the numbers of x, the verdict
    (lambda x: x**3, lambda x: 3 * x**2, 0.0, "pass"),  # the complex step is -h**2
    (lambda x: x**3, lambda x: 3 * x**2, 1e-130, "inconclusive"),
    (lambda x: x**2, lambda x: 2 * x, 1e-200, "pass"),
    (lambda x: x**2, lambda x: -2 * x, 1e-200, "FAIL"),
    (lambda x: x**2, lambda x: 2 * x, 1e-300, "inconclusive"),  # y is 0 for all numbers nearby
    (lambda x: x**2, lambda x: 2 * x, 5e-324, "inconclusive"),
    (lambda x: 2 * x, lambda x: 2, 5e-324, "pass"),
    (lambda x: 2 * x, lambda x: 3, 5e-324, "FAIL"),
    (lambda x: np.abs(x), np.sign, 1e-310, "pass"),
    (lambda x: np.abs(x), lambda x: -np.sign(x), 1e-310, "FAIL"),
    (lambda x: np.abs(x), np.sign, 5e-324, "kink"),  # as at 0
    (lambda x: np.abs(x) * x, lambda x: 2 * np.abs(x), [5e-324, 0.5], "pass"),
    (lambda x: 1e-310 * x, lambda x: 1e-310, 1.0, "pass"),
    (lambda x: 1e-310 * x, lambda x: -1e-310, 1.0, "FAIL"),
    (lambda x: 1e-310 * x, lambda x: 0, 1.0, "FAIL"),
    (lambda x: 5e-324 * x, lambda x: 5e-324, 1.0, "inconclusive"),
    (lambda x: 0 * x + 3, lambda x: 0, 1.0, "pass"),
]


@pytest.mark.parametrize(("forward", "factor", "numbers", "verdict"), TINY_CASES)
def test_numbers_near_the_smallest_of_all(forward, factor, numbers, verdict):
    x = np.array([numbers]).ravel()
    assert check(forward, lambda dy, x: factor(x) * dy, x).rows[0].verdict == verdict


@pytest.mark.parametrize("size", [5e-324, 1e-300, 1e-200, 1e200, 1e300])
def test_a_wrong_entry_that_is_not_sampled_is_found_at_any_scale(size):
    x = np.full(100, size)
    assert check(lambda x: 3 * x, lambda dy, x: 3 * dy, x, max_entries=5)
    wrong = check(lambda x: 3 * x, lambda dy, x: 3 * dy * (np.arange(100) != 77), x, max_entries=5)
    assert wrong.verdict == "FAIL"


@few
@given(seeds)
def test_composed_functions_agree_with_autograd(seed):
    x, W, b = draw(seed, 4, 3), draw(seed + 1, 3, 2), draw(seed + 2, 2)

    def loss(xp, x, W, b):
        h = xp.tanh(xp.dot(x, W) + b)
        return xp.mean(xp.log(1 + xp.exp(h)) * xp.sin(x[:, :2]))

    def backward(dy, x, W, b):
        gradients = (autograd.grad(lambda *v: loss(anp, *v), k) for k in range(3))
        return tuple(dy * gradient(x, W, b) for gradient in gradients)

    report = assert_gradients(lambda *v: loss(np, *v), backward, x, W, b, tolerance=1e-12)
    assert [row.name for row in report.rows] == ["v[0]", "v[1]", "v[2]"]


def test_scalars_and_lists_are_inputs_too():
    assert check(lambda x, a: x * a, lambda dy, x, a: (dy * a, dy @ x), [1.0, 2.0], 3.0)


def test_single_precision_inputs_are_promoted():
    def forward(x):
        assert x.dtype != np.float32
        return np.sin(x)

    assert check(forward, lambda dy, x: dy * np.cos(x), np.ones(3, np.float32))


@pytest.mark.parametrize(("factor", "verdict"), [(1, "pass"), (1.01, "FAIL")])
def test_a_forward_that_accepts_single_precision_only_is_called_with_it(factor, verdict):
    def forward(x):
        assert x.dtype == np.float32
        return x**2

    def backward(dy, x):
        assert x.dtype == np.float32
        return (factor * 2 * x * dy).astype(np.float32)

    report = check(forward, backward, np.array([0.5, -1.25, 3.0], np.float32))
    assert report.verdict == verdict
    assert "float32: judged at what that resolves" in report.rows[0].diagnosis


@pytest.mark.parametrize(
    "forward",
    [lambda x: np.sqrt((x * x).sum(axis=1)), lambda x: (x * x).sum(axis=1) ** 0.5],
)
@pytest.mark.parametrize(("at_zero", "verdict"), [(0, "pass"), (1, "pass"), (3, "FAIL")])
def test_a_norm_has_a_kink_at_zero(forward, at_zero, verdict):
    def backward(dy, x):
        norm = np.sqrt((x * x).sum(axis=1, keepdims=True))
        unit = np.where(norm > 0, x / np.where(norm > 0, norm, 1), at_zero)
        return dy[:, np.newaxis] * unit

    x = np.array([[0.0, 0.0], [1.0, -2.0]])
    assert check(forward, backward, x).verdict == verdict


def test_two_different_numbers_are_not_printed_as_equal_ones():
    report = check(
        lambda x: x**2, lambda dy, x: 2 * x * np.float64(np.float32(dy)), np.array([1.3, 2.0])
    )
    found, expected = re.search(
        r"gradient is (\S+) at entry .*, and must be (\S+[0-9])", report.rows[0].diagnosis
    ).groups()
    assert 1e-9 < abs(float(found) - float(expected)) < 1e-6


def test_an_exception_at_the_promoted_inputs_is_that_of_the_first_call():
    def forward(x):
        raise ValueError(f"{x.dtype}")

    with pytest.raises(ValueError, match="float64"):
        check(forward, lambda dy, x: dy, np.ones(3, np.float32))


def test_a_missing_gradient_fails_unless_it_is_named_constant():
    def backward(*v):
        return None, linear_backward(*v)[1], None

    inputs = np.ones((3, 2, 2))
    report = check(linear, backward, *inputs)
    assert [row.verdict for row in report.rows] == ["FAIL", "pass", "FAIL"]
    assert "constant=['b']" in report.rows[2].diagnosis
    report = check(linear, backward, *inputs, constant=["x", "b"])
    assert report
    verdicts = [row.verdict for row in report.rows]
    assert verdicts == ["not differentiated", "pass", "not differentiated"]


def test_a_forward_whose_gradient_cannot_be_seen_is_inconclusive():
    def forward(x):
        return np.arctan2(x, 2.0) * 1e-30 + 1.0

    for c in (1.0, -1.0, 0.0):
        report = check(forward, lambda dy, x, c=c: c * 1e-30 * dy * 2 / (4 + x**2), np.ones(2))
        assert report.verdict == "inconclusive"
        assert not report
        assert "absolute=" in report.rows[0].diagnosis


def test_a_point_where_y_is_not_finite_is_inconclusive():
    report = check(np.log, lambda dy, x: dy / x, [0.0, 1.0])
    assert report.verdict == "inconclusive"
    assert "forward returns NaN or Inf (1 of 2 entries)" in report.rows[0].diagnosis


def test_several_outputs_have_one_dy_for_each():
    def forward(x):
        return {"sin": np.sin(x), "parts": (x**2, np.sum(x**3))}

    def backward(dy, x):
        square, cube = dy["parts"]
        return dy["sin"] * np.cos(x) + square * 2 * x + cube * 3 * x**2

    assert assert_gradients(forward, backward, np.arange(3.0), tolerance=1e-12)
    assert not check(forward, lambda dy, x: dy["sin"] * np.cos(x), np.arange(3.0))


@pytest.mark.parametrize("c", [1, -1, 0])
def test_a_second_derivative_is_checked(c):
    def backward(dy, x):
        return 3 * x**2 * dy

    def double(ddx, dy, x):
        return 3 * x**2 * ddx, c * 6 * x * dy * ddx

    report = check_second_order(lambda x: x**3, backward, double, np.array([0.5, -1.0, 2.0]))
    assert [row.name for row in report.rows] == ["x", "double: dy", "double: x"]
    assert [row.passed for row in report.rows] == [True, True, c == 1]


def test_an_unused_input_has_the_gradient_zero():
    assert check(lambda x, w: x * 2, lambda dy, x, w: (2 * dy, 0 * w), np.ones(2), np.ones(3))


def test_an_empty_input_passes():
    assert check(lambda x, w: x * 2, lambda dy, x, w: (2 * dy, w), np.ones(2), np.ones((0, 3)))


def test_the_same_seed_gives_the_same_report():
    def report(seed):
        return str(check(np.sin, lambda dy, x: dy, np.arange(5.0), names=["x"], seed=seed))

    assert report(1) == report(1)
    assert report(1) != report(2)


# Each kind of error gets its diagnosis.


@few
@given(large, large, large, seeds)
def test_a_wrong_sign_is_diagnosed(m, n, p, seed):
    x, W, b = draw(seed, m, n), draw(seed + 1, n, p), draw(seed + 2, p)
    report = check(linear, lambda *v: tuple(-g for g in linear_backward(*v)), x, W, b)
    assert not report
    assert all("wrong sign: analytic = -numeric" in row.diagnosis for row in report.rows)


@few
@given(large, large, st.sampled_from([2.0, 0.5, 1.3, 7.0, -3.0]), seeds)
def test_a_constant_factor_is_diagnosed(m, n, c, seed):
    x = draw(seed, m, n)
    text = diagnosis("x", check(lambda x: np.sin(x), lambda dy, x: c * dy * np.cos(x), x))
    factor = {0.5: "1/2", 1.3: "1.3"}.get(abs(c), f"{abs(c):g}")
    assert f"constant factor {'-' if c < 0 else ''}{factor}" in text or "wrong sign and" in text
    assert ("sign" in text) == (c < 0)


@few
@given(large, large, seeds)
def test_sum_instead_of_mean_reports_the_batch_size(m, n, seed):
    x = draw(seed, m, n)
    text = diagnosis("x", check(lambda x: (x**2).mean(axis=0), lambda dy, x: 2 * x * dy, x))
    assert f"constant factor {m}: analytic = {m} * numeric" in text
    if m != n:
        assert (
            f"{m} is the length of axis 0 of x: perhaps a sum where forward takes the mean" in text
        )


@few
@given(large, large, seeds)
def test_mean_instead_of_sum_reports_the_batch_size(m, n, seed):
    x = draw(seed, m, n)
    text = diagnosis("x", check(lambda x: (x**2).sum(axis=0), lambda dy, x: 2 * x * dy / m, x))
    assert f"constant factor 1/{m}: analytic = 1/{m} * numeric" in text
    if m != n:
        assert f"{m} is the length of axis 0 of x: perhaps a mean where forward sums" in text


@few
@given(large, large, large, seeds)
def test_a_transposed_gradient_is_diagnosed(m, n, p, seed):
    x, W, b = draw(seed, m, n), draw(seed + 1, n, p), draw(seed + 2, p)

    def backward(dy, x, W, b):
        dx, dW, db = linear_backward(dy, x, W, b)
        return dx, dW.T, db

    report = check(linear, backward, x, W, b)
    assert "transposed" in diagnosis("W", report)
    assert [row.passed for row in report.rows] == [True, False, True]


@few
@given(st.integers(2, 5), st.integers(3, 6), seeds, st.sampled_from([1.0, 1.25]))
def test_a_missing_mask_is_diagnosed(m, n, seed, scale):
    x = draw(seed, m, n)
    mask = np.arange(m * n).reshape(m, n) % 3 > 0
    text = diagnosis(
        "x", check(lambda x, mask: x * mask * scale, lambda dy, x, mask: dy * 1.0, x, mask)
    )
    assert f"mask missing: the numeric gradient is 0 at {np.sum(~mask)} of {m * n}" in text
    assert ("up to the factor 4/5" in text) == (scale == 1.25)


@few
@given(st.integers(2, 5), st.integers(3, 6), seeds)
def test_an_unnecessary_mask_is_diagnosed(m, n, seed):
    x, mask = draw(seed, m, n), np.arange(m * n).reshape(m, n) % 3 > 0
    text = diagnosis("x", check(lambda x, k: x * 3, lambda dy, x, k: 3 * dy * k, x, mask))
    assert "unnecessary mask: the analytic gradient is 0 at" in text


@few
@given(large, large, seeds)
def test_a_missing_sum_over_the_batch_is_diagnosed(m, n, seed):
    x, b = draw(seed, m, n), draw(seed + 1, n)
    text = diagnosis("b", check(lambda x, b: x * b, lambda dy, x, b: (dy * b, dy * x), x, b))
    assert "missing sum over the broadcast axis 0" in text
    assert f"the gradient has shape ({m}, {n}), b has shape ({n},)" in text


@few
@given(large, large, seeds)
def test_swapped_gradients_are_diagnosed(m, n, seed):
    x, w = draw(seed, m, n), draw(seed + 1, m, n)
    report = check(lambda x, w: x * w, lambda dy, x, w: (dy * x, dy * w), x, w)
    assert "wrong order: this is the gradient of w" in diagnosis("x", report)
    assert "wrong order: this is the gradient of x" in diagnosis("w", report)


@few
@given(large, large, seeds)
def test_ignored_dy_is_diagnosed(m, n, seed):
    x = draw(seed, m, n)
    text = diagnosis("x", check(lambda x: np.sin(x), lambda dy, x: np.cos(x), x))
    assert "dy ignored" in text


@few
@given(st.integers(3, 6), large, seeds)
def test_errors_in_one_row_are_reported_with_their_position(m, n, seed):
    x = draw(seed, m, n)

    def backward(dy, x):
        dx = dy * np.cos(x)
        dx[-1] *= -1
        return dx

    text = diagnosis("x", check(lambda x: np.sin(x), backward, x))
    assert f"wrong at {n} of {m * n} entries only, row {m - 1}; there, wrong sign" in text


@few
@given(large, large, seeds)
def test_an_unrelated_gradient_is_reported_with_its_cosine(m, n, seed):
    x = draw(seed, m, n)
    text = diagnosis("x", check(lambda x: np.sin(x), lambda dy, x: dy * (x + 2) ** 2, x))
    assert text.startswith("no simple relation; cosine")


@few
@given(sizes, sizes, seeds, st.booleans())
def test_single_precision_is_judged_at_what_it_resolves(m, n, seed, inside):
    x = draw(seed, m, n)

    def forward(x):
        y = np.sin(x.astype("f4"))
        return y.astype(float) if inside else y

    right = check(forward, lambda dy, x: dy * np.cos(x), x)
    assert right, str(right)
    assert right.rows[0].tolerance >= 2.0**-23
    if not inside:
        text = "forward or backward returns float32: judged at what that resolves"
        assert text in right.rows[0].diagnosis
    for factor in (-1, 0, 1.05):
        assert not check(forward, lambda dy, x, c=factor: c * dy * np.cos(x), x)


@few
@given(sizes, sizes, seeds)
def test_a_nondeterministic_forward_is_diagnosed(m, n, seed):
    rng = np.random.default_rng(seed)
    report = check(lambda x: x * rng.random(x.shape), lambda dy, x: dy, draw(seed, m, n))
    assert not report
    assert (
        "pass the mask, the noise or the generator's state as an input" in report.rows[0].diagnosis
    )


@few
@given(sizes, sizes, seeds)
def test_overwritten_inputs_are_diagnosed_by_name(m, n, seed):
    x, w = draw(seed, m, n), draw(seed + 1, m, n)

    def forward(x, w):
        w *= 2
        return x * w

    before = w.copy()
    report = check(forward, lambda dy, x, w: (dy * 2 * w, dy * 2 * x), x, w)
    assert np.array_equal(w, before)
    assert [row.passed for row in report.rows] == [True, False]
    assert "forward overwrites its argument w" in report.rows[1].diagnosis


def test_an_overwritten_mask_or_dy_is_diagnosed():
    def forward(x, mask):
        mask[:] = True
        return x * mask

    def backward(dy, x, mask):
        dy *= mask
        return dy

    report = check(forward, backward, np.ones(3), np.array([True, True, False]))
    assert "forward overwrites its argument mask" in diagnosis("mask", report)
    assert "backward overwrites its argument dy" in diagnosis("x", report)


def test_nan_and_inf_are_diagnosed():
    report = check(lambda x: x, lambda dy, x: dy, [np.nan])
    assert "the input x contains NaN or Inf" in report.rows[0].diagnosis
    report = check(lambda x: x + 0, lambda dy, x: dy * np.inf, [1.0])
    assert report.verdict == "FAIL"
    assert "the analytic gradient contains NaN or Inf" in report.rows[0].diagnosis


def test_wrong_dtypes_and_counts_are_reported_and_not_raised():
    x, w = np.ones(3), np.ones(3)

    def times(x, w):
        return x * w

    text = check(times, lambda dy, x, w: dy * w, x, w).rows[0].diagnosis
    assert "1 gradient for 2 floating inputs (x, w)" in text
    wrong = check(times, lambda dy, x, w: ((dy * w).astype("f4"), (dy * 0).astype(int)), x, w)
    assert "the gradient is float32, x is float64" in diagnosis("x", wrong)
    assert "the gradient is int64, w is float64" in diagnosis("w", wrong)
    mask = np.array([1, 0, 1])
    odd = check(times, lambda dy, x, w: (dy * w, dy * x), x, mask)
    assert "a gradient for w, which is not floating: return None" in diagnosis("w", odd)


# What cannot be checked raises GradcheckInputError.


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"names": ["a", "b"]}, "names contains 2 names for 1 inputs"),
        ({"tolerance": 0.0}, "tolerance is 0.0"),
        ({"tolerance": np.nan}, "tolerance is nan"),
        ({"absolute": -1.0}, "absolute is -1.0"),
        ({"max_entries": 0}, "max_entries is 0"),
        ({"max_seconds": 0.0}, "max_seconds is 0.0"),
        ({"points": 0}, "points is 0"),
    ],
)
def test_invalid_options_raise(options, message):
    with pytest.raises(GradcheckInputError, match=message):
        check(np.sin, lambda dy, x: dy * np.cos(x), np.ones(2), **options)


def test_no_floating_input_raises():
    with pytest.raises(GradcheckInputError, match="no floating input"):
        check(lambda k: k * 1.0, lambda dy, k: None, np.arange(3))


def test_exceptions_of_the_functions_are_not_caught():
    with pytest.raises(ZeroDivisionError):
        check(lambda x: 1 // 0, lambda dy, x: dy, np.ones(1))


def test_functions_without_a_signature_get_numbered_names():
    report = check(np.hypot, lambda dy, a, b: (dy * a, dy * b) / np.hypot(a, b), [3.0], [4.0])
    assert len({row.name for row in report.rows}) == 2


def test_assert_gradients_raises_with_the_report():
    with pytest.raises(GradientError, match="wrong sign") as caught:
        assert_gradients(np.sin, lambda dy, x: -dy * np.cos(x), np.ones(2))
    assert isinstance(caught.value, AssertionError)
    assert "verdict" in str(caught.value)


# Time


@pytest.mark.parametrize("forward", [np.tanh, lambda x: np.abs(np.tanh(x)) * np.sign(x.real)])
def test_a_slow_forward_ends_in_time_and_is_inconclusive(forward):
    def slow(x):
        time.sleep(0.05)
        return forward(x)

    began = time.perf_counter()
    report = check(slow, lambda dy, x: dy, np.linspace(1, 2, 30), max_seconds=0.2)
    assert time.perf_counter() - began < 1.0
    assert report.verdict == "inconclusive"
    assert "max_seconds=0.2 was over" in str(report).replace("\n", " ")
    assert "Use smaller inputs or a larger max_seconds" in str(report).replace("\n", " ")


def test_a_point_without_time_is_left_out_after_a_complete_one():
    calls = []

    def at_point(rng):
        calls.append(1)
        return (rng.normal(size=3),)

    def later_slow(x):
        time.sleep(0.1 if len(calls) > 1 else 0.0)
        return x**2

    report = check(later_slow, lambda dy, x: 2 * x * dy, example=at_point, max_seconds=0.5)
    assert (report.verdict, report.points) == ("pass", 1)


@dataclasses.dataclass
class Options:
    W: np.ndarray
    act: str = "tanh"
    n: int = 3
    bias: bool = False


def test_a_dataclass_with_options_may_be_copied_as_its_gradient():
    x, p = draw(0, 2, 3), Options(draw(1, 3, 2))

    def backward(dy, x, p):
        return dy @ p.W.T, dataclasses.replace(p, W=x.T @ dy)

    report = check(lambda x, p: x @ p.W, backward, x, p)
    assert {row.name: row.verdict for row in report.rows} == {
        "x": "pass", "p.W": "pass",
        "p.act": "not differentiated", "p.n": "not differentiated", "p.bias": "not differentiated",
    }  # fmt: skip


def test_integer_labels_may_be_returned_but_no_other_array_for_them():
    x, labels = draw(0, 3), np.array([0, 1, 2])
    assert check(lambda x, t: x * t, lambda dy, x, t: (dy * t, t), x, labels).passed
    report = check(lambda x, t: x * t, lambda dy, x, t: (dy * t, 0.0 * t), x, labels)
    assert not report.passed


@pytest.mark.parametrize("missing", [-np.inf, np.nan])
def test_an_input_without_a_gradient_may_contain_nan_or_inf(missing):
    scores, mask = draw(0, 2, 3), np.array([[0.0, missing, 0.0], [0.0, 0.0, missing]])

    def forward(scores, mask):
        weights = np.where(np.isfinite(mask), np.exp(scores), 0)
        return weights / weights.sum(axis=1, keepdims=True)

    def backward(dy, scores, mask):
        y = forward(scores, mask)
        return y * (dy - (dy * y).sum(axis=1, keepdims=True)), None

    assert check(forward, backward, scores, mask, constant=["mask"]).passed

    def with_zeros(dy, scores, mask):
        return backward(dy, scores, mask)[0], np.zeros_like(mask)

    assert check(forward, with_zeros, scores, mask, constant=["mask"]).passed
    report = check(forward, backward, scores, mask)
    assert report.verdict == "inconclusive"
    assert "the input mask contains NaN or Inf: use finite inputs" in report.rows[0].diagnosis


def test_an_error_along_a_dense_direction_fails_if_there_is_no_time_for_its_entry(monkeypatch):
    def late(checked, line):
        raise TimeOverError

    monkeypatch.setattr("minigan.gradcheck.examine.bisect_wrong_entry", late)
    x = draw(0, 40, 40)

    def backward(dy, x):
        dx = 2 * x * dy
        dx[20, 20] *= -1
        return dx

    report = check(lambda x: x**2, backward, x, max_entries=20)
    assert report.verdict == "FAIL"
    assert "every compared entry is correct, but another entry is wrong" in report.rows[0].diagnosis


@pytest.mark.parametrize("kept", [np.float32, np.float16])
@pytest.mark.parametrize("tolerance", [None, 1e-12])
def test_an_activation_saved_in_low_precision_is_wrong(kept, tolerance):
    x, W = draw(0, 4, 5), draw(1, 5, 3)

    def backward(dy, x, W):
        h = np.tanh(x @ W).astype(kept).astype(float)
        da = dy * (1 - h**2)
        return da @ W.T, x.T @ da

    report = check(lambda x, W: np.tanh(x @ W), backward, x, W, tolerance=tolerance)
    assert [row.verdict for row in report.rows] == ["FAIL", "FAIL"]


@pytest.mark.parametrize("amplitude", [1e-2, 1e-4, 1e-6, 1e-8])
def test_a_wrong_sign_of_a_small_oscillating_term_is_no_rounding_error(amplitude):
    x, A = 1e5 * (1 + np.arange(6) / 7), np.array([1, 1, 1, 1, 1, amplitude])

    def backward(dy, x):
        return dy * A * np.cos(x) * [1, 1, 1, 1, 1, -1]

    assert check(lambda x: A * np.sin(x), backward, x).verdict == "FAIL"
