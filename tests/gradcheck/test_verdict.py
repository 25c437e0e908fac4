"""The verdict and its diagnosis."""

import numpy as np
import pytest

from minigan.gradcheck import check


def only_row(report):
    (row,) = report.rows
    return row


def test_a_correct_gradient_passes_with_its_numbers():
    row = only_row(check(np.sin, lambda dy, x: dy * np.cos(x), np.array([0.0, 0.5]), names=["x"]))
    assert (row.name, row.shape, row.method, row.entries) == ("x", (2,), "complex step", 2)
    assert (row.verdict, row.diagnosis, row.worst) == ("pass", "", None)
    assert row.analytic == pytest.approx(row.numeric)
    assert row.error < 1e-15


def where_relu(x):
    return np.where(x.real > 0, x, 0 * x)


def test_at_a_kink_the_derivative_of_the_branch_taken_passes_as_kink():
    row = only_row(check(where_relu, lambda dy, x: dy * (x > 0), np.array([-1.0, 0.0, 1.0])))
    assert row.verdict == "kink"
    assert row.passed
    assert "forward has a kink at 1 of 3 points: at entry (1,) its slope is 0 to the left" in (
        row.diagnosis
    )


def test_at_a_kink_the_other_branch_fails_with_the_complex_step():
    row = only_row(check(where_relu, lambda dy, x: dy * (x >= 0), np.array([-1.0, 0.0, 1.0])))
    assert row.verdict == "FAIL"
    assert "not the derivative of the branch that forward takes" in row.diagnosis
    assert row.worst.index == (1,)


@pytest.mark.parametrize("slope", [-1.0, 0.0, 0.3, 1.0])
def test_without_complex_numbers_any_value_between_the_slopes_passes(slope):
    def backward(dy, x):
        return dy * np.where(x == 0, slope, np.sign(x))

    row = only_row(check(np.fabs, backward, np.array([-2.0, 0.0, 1.0]), names=["x"]))
    assert row.verdict == "kink"
    assert "raises an exception for complex numbers" in row.diagnosis


@pytest.mark.parametrize("slope", [-1.1, 1.1])
def test_without_complex_numbers_a_value_outside_the_slopes_fails(slope):
    def backward(dy, x):
        return dy * np.where(x == 0, slope, np.sign(x))

    assert not check(np.fabs, backward, np.array([-2.0, 0.0, 1.0]), names=["x"])


def test_nan_in_a_gradient_fails_with_the_reason():
    row = only_row(check(lambda x: x * 2, lambda dy, x: dy * [2, np.nan], np.ones(2)))
    assert row.verdict == "FAIL"
    assert "the analytic gradient contains NaN or Inf (1 of 2 entries)" in row.diagnosis


def test_a_point_without_a_derivative_fails_with_central_differences():
    def forward(x):
        return np.where(x == 1, 1.0, np.nan) * np.cbrt(x)

    row = only_row(check(forward, lambda dy, x: dy / 3, np.ones(1)))
    assert "central differences have no limit (NaN, Inf or a jump) at entry (0,)" in row.diagnosis


def test_a_complex_step_that_cannot_be_confirmed_is_reported():
    def forward(x):
        if x.dtype.kind == "f" and np.any(x < 0):
            raise ValueError
        return x * 2

    row = only_row(check(forward, lambda dy, x: 2 * dy, np.zeros(1)))
    assert row.verdict == "pass"
    assert "not confirmed by central differences" in row.diagnosis


def test_a_wrong_entry_that_was_not_sampled_is_reported():
    def backward(dy, x):
        dx = dy * np.cos(x)
        dx[37] = 0
        return dx

    row = only_row(check(np.sin, backward, np.linspace(0, 1, 100), names=["x"], max_entries=3))
    assert row.verdict == "FAIL"
    assert (
        "every compared entry is correct, but another entry is wrong, for example entry (37,)"
        in row.diagnosis
    )
    assert "3 of 100 entries compared one by one, and 4 dense directions" in row.diagnosis


def test_single_precision_inside_forward_fails_and_is_reported():
    def forward(x):
        return (x.astype(np.float32) * 1.5).astype(float)

    row = only_row(check(forward, lambda dy, x: dy * 1.5, np.array([0.3, 0.7])))
    assert row.verdict == "FAIL"
    assert "lower precision than float64" in row.diagnosis
    assert ".astype(float32) (test_verdict.py" in row.diagnosis


def test_single_precision_that_keeps_imaginary_parts_is_reported_too():
    def forward(x):
        low = np.complex64 if np.iscomplexobj(x) else np.float32
        high = complex if np.iscomplexobj(x) else float
        return np.tanh(x.astype(low)).astype(high)

    row = only_row(check(forward, lambda dy, x: dy / np.cosh(x) ** 2, np.array([0.3, 0.7])))
    assert row.verdict == "FAIL"
    assert "lower precision than float64" in row.diagnosis
    assert "float32" in row.diagnosis
