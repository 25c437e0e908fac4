"""The decision table: FAIL, inconclusive, kink or pass."""

from pathlib import Path

import numpy as np
import pytest

import minigan.gradcheck.verdict
from minigan.gradcheck import check

X = np.array([0.3, -1.2, 0.7, 2.0])


def row(forward, backward, *inputs, **options):
    (first, *_) = check(forward, backward, *inputs, **options).rows
    return first


def verdict(forward, backward, x=X, **options):
    return row(forward, backward, x, **options).verdict


RIGHT = {
    "square": (lambda x: x**2, lambda dy, x: 2 * x * dy, X),
    "real only": (lambda x: np.abs(x) ** 2, lambda dy, x: 2 * x * dy, X),
    "tiny": (lambda x: np.sin(x / 1e-40), lambda dy, x: dy * np.cos(x / 1e-40) / 1e-40, 1e-40 * X),
    "huge": (lambda x: np.sin(x.real / 1e40), lambda dy, x: dy * np.cos(x / 1e40) / 1e40, 1e40 * X),
    "logarithms": (lambda x: np.log(np.abs(x)), lambda dy, x: dy / x, np.array([1e-30, 1, 1e10])),
    "float32": (lambda x: np.tanh(x).astype(np.float32), lambda dy, x: dy / np.cosh(x) ** 2, X),
    "near a kink": (lambda x: np.maximum(x.real, 0), lambda dy, x: dy * (x > 0), 1e-5 * X),
    "behind a constant": (lambda x: 1e6 + np.abs(x), lambda dy, x: dy * np.sign(x), X),
    "fast": (lambda x: np.sin(1e6 * x.real), lambda dy, x: 1e6 * dy * np.cos(1e6 * x), X),
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_gradients_pass_and_wrong_ones_do_not(name):
    forward, backward, x = RIGHT[name]
    assert verdict(forward, backward, x) in ("pass", "kink")
    assert verdict(forward, lambda dy, x: 0 * backward(dy, x), x) in ("FAIL", "inconclusive")
    for factor in (-1, 2, 1.01):
        assert verdict(forward, lambda dy, x, f=factor: f * backward(dy, x), x) == "FAIL"


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


@pytest.mark.parametrize("size", [5, 30, 37, 50, 300, 800])
@pytest.mark.parametrize(
    ("forward", "backward"),
    [
        (np.tanh, lambda dy, x: dy * (1 - np.tanh(x) ** 2)),
        (sigmoid, lambda dy, x: dy * sigmoid(x) * (1 - sigmoid(x))),
        (softmax, lambda dy, x: softmax(x) * (dy - (dy * softmax(x)).sum())),
        (
            lambda x: softmax(x.real),
            lambda dy, x: softmax(x) * (dy - (dy * softmax(x)).sum()),
        ),
    ],
    ids=["tanh", "sigmoid", "softmax", "real softmax"],
)
def test_saturation_is_never_blamed(forward, backward, size):
    assert verdict(lambda x: forward(x), backward, size * X) != "FAIL"


@pytest.mark.parametrize(
    ("forward", "backward", "x"),
    [
        (lambda x: np.floor(10 * x.real), lambda dy, x: 0 * x, X),
        (lambda x: np.floor(10 * x.real), lambda dy, x: 10 * dy, X),
        (lambda x: np.trunc(x.real), lambda dy, x: 0 * x, 5 * X),
        (lambda x: 1e18 + np.abs(x), lambda dy, x: 0 * x, X),
        (lambda x: np.tanh(x), lambda dy, x: 0 * x, 200 * X[2:]),
    ],
    ids=["stairs 0", "stairs 10", "trunc", "hidden", "saturated"],
)
def test_what_is_not_resolved_is_inconclusive(forward, backward, x):
    found = row(forward, backward, x)
    assert found.verdict == "inconclusive"
    assert "se inputs of moderate size" in found.diagnosis or "rite forward" in found.diagnosis


def test_a_wrong_sign_behind_a_large_constant_does_not_pass():
    for size in (1e10, 1e12, 1e14, 1e16, 1e18):
        found = row(lambda x, c=size: c + np.abs(x), lambda dy, x: -dy * np.sign(x), X)
        assert not found.passed


def test_a_tolerance_that_differences_do_not_resolve_is_inconclusive():
    found = row(lambda x: np.abs(x) ** 3, lambda dy, x: 3 * x * np.abs(x) * dy, X, tolerance=1e-17)
    assert found.verdict == "inconclusive"
    assert "of 4 derivatives are known only to" in found.diagnosis


def test_a_share_of_zero_is_left_out():
    x = np.array([1e-310, 2e-310])
    found = row(lambda x: np.abs(x) ** 2, lambda dy, x: 2 * x * dy, x, absolute=1e-300)
    assert found.verdict == "inconclusive"
    assert "inf of the largest" not in found.diagnosis
    assert "too small to be verified: use inputs of moderate size" in found.diagnosis


def normalized(x, b):
    z = x + b
    return (z - z.mean(0)) / np.sqrt(z.var(0) + 1e-5)


def gradients(dy, x, b):
    z = x + b
    s = np.sqrt(z.var(0) + 1e-5)
    h = (z - z.mean(0)) / s
    dz = (dy - dy.mean(0) - h * (dy * h).mean(0)) / s
    return dz, dz.sum(0)


def test_a_true_zero_passes_as_rounding_errors_but_not_as_exact_zeros():
    rng = np.random.default_rng(0)
    x, b = rng.normal(size=(6, 3)), rng.normal(size=3)
    for size in (1e-3, 1.0, 1e3):
        report = check(normalized, gradients, size * x, size * b)
        assert [one.verdict for one in report.rows] == ["pass", "pass"]
    exact = check(normalized, lambda dy, x, b: (gradients(dy, x, b)[0], 0 * b), x, b)
    assert exact.rows[1].verdict == "inconclusive"
    assert "too small to be seen" in exact.rows[1].diagnosis
    assert check(normalized, lambda dy, x, b: (gradients(dy, x, b)[0], 0 * b), x, b, absolute=1e-12)
    for wrong in (1.0, 1e-6):
        report = check(
            normalized, lambda dy, x, b, w=wrong: (gradients(dy, x, b)[0], w * dy.sum(0)), x, b
        )
        assert report.rows[1].verdict == "FAIL"


def test_a_proved_zero_passes():
    report = check(lambda x, u: x**2, lambda dy, x, u: (2 * x * dy, 0 * u), X, X)
    assert [one.verdict for one in report.rows] == ["pass", "pass"]
    report = check(lambda x, u: x**2, lambda dy, x, u: (2 * x * dy, u * 1e-9), X, X)
    assert [one.verdict for one in report.rows] == ["pass", "FAIL"]


@pytest.mark.parametrize(
    ("forward", "backward", "x"),
    [
        (np.abs, lambda dy, x: dy * np.sign(x), np.zeros(3)),
        (lambda x: np.maximum(x, 0), lambda dy, x: dy * (x > 0), np.array([0.0, 1])),
        (lambda x: np.clip(x, -1, 1), lambda dy, x: dy * (abs(x) < 1), np.array([1.0, -1, 0.5])),
        (lambda x: x.max(), lambda dy, x: dy * np.eye(3)[x.argmax()], np.zeros(3)),
        (lambda x: np.sqrt(np.sum(x.real**2)), lambda dy, x: 0 * x, np.zeros(3)),
    ],
    ids=["abs", "relu", "clip", "max", "norm"],
)
def test_a_correct_slope_at_a_kink(forward, backward, x):
    found = row(lambda x: forward(x), backward, x)
    assert found.verdict == "kink"
    assert "forward has a kink at" in found.diagnosis
    assert (
        row(lambda x: forward(x), lambda dy, x: 3 * np.ones(3)[: x.size] + 0 * x, x).verdict
        == "FAIL"
    )


def test_the_diagnosis_at_a_kink():
    def relu(x):
        return np.maximum(x, 0)

    found = row(relu, lambda dy, x: dy * ((x > 0) - 0.5 * (x == 0)), np.array([0.0, 1.0]))
    assert "not between the slopes at a kink" in found.diagnosis
    branch = row(
        lambda x: np.where(x.real > 0, x, 0), lambda dy, x: dy * (x >= 0), np.array([0.0, 1.0])
    )
    assert "not the derivative of the branch that forward takes" in branch.diagnosis


def test_nan_in_the_gradient_fails_with_its_count():
    found = row(lambda x: x**2, lambda dy, x: np.array([np.nan, 0, np.inf, 0]), X)
    assert found.verdict == "FAIL"
    assert "the analytic gradient contains NaN or Inf (2 of 4 entries)" in found.diagnosis


def test_small_entries_that_are_wrong_in_themselves_are_reported():
    x = np.array([1e-12, 1.0])
    found = row(lambda x: x**2, lambda dy, x: 2 * x * dy * np.array([2, 1]), x)
    assert "1 small entry is off by up to 1 times the numeric value: at (0,)" in found.diagnosis
    assert "off by" not in row(lambda x: x**2, lambda dy, x: 2 * x * dy, x).diagnosis


def test_wrong_entries_in_a_saturated_part_are_no_rounding_errors():
    def backward(dy, x):
        right = dy * sigmoid(x) * sigmoid(-x)
        return np.where(x > 17, 3 * right, right)

    assert verdict(sigmoid, backward, np.array([0.3, -1.0, 18.1, 18.5])) == "FAIL"


def test_a_sample_and_low_precision_are_mentioned():
    found = row(lambda x: x**2, lambda dy, x: 2 * x * dy, np.arange(1.0, 31), max_entries=5)
    assert found.diagnosis == (
        "5 of 30 entries compared one by one, and 4 dense directions through all of them"
    )
    assert (found.entries, found.size, found.directions) == (5, 30, 4)
    assert np.count_nonzero(np.isfinite(found.errors)) == 5
    single = row(lambda x: (x**2).astype(np.float32), lambda dy, x: 2 * x * dy, X)
    assert "float32: judged at what that resolves" in single.diagnosis


def test_an_entry_that_is_not_sampled_is_named():
    def backward(dy, x):
        gradient = 2 * x * dy
        gradient[17] = 0
        return gradient

    found = row(lambda x: x**2, backward, np.arange(1.0, 31), max_entries=5)
    assert found.verdict == "FAIL"
    assert (
        "every compared entry is correct, but another entry is wrong, for example entry (17,)"
        in found.diagnosis
    )


def test_the_numbers_of_a_row():
    found = row(lambda x: x**2, lambda dy, x: 2 * x * dy + np.array([0, 0, 0.5, 0]), X)
    assert found.error == pytest.approx(0.5 / found.numeric)
    np.testing.assert_allclose(found.errors * found.numeric, [0, 0, 0.5, 0], atol=1e-15)
    assert found.worst.index == (2,)
    assert (found.tolerance, found.resolution, found.method) == (1e-10, 0, "complex step")
    other = row(lambda x: x**2, lambda dy, x: (2 * x * dy)[:3], X)
    assert np.isnan(other.error)
    assert np.isnan(other.cosine)
    assert other.errors is None


def test_an_operation_that_prevents_a_precise_check_is_named():
    found = row(
        lambda x: np.abs(x).astype(np.float16).astype(float), lambda dy, x: dy * np.sign(x), X
    )
    assert found.verdict == "inconclusive" or found.tolerance > 1e-10
    assert "np.absolute (test_verdict.py, line" in found.diagnosis


def test_the_decision_table_of_the_docs_is_that_of_the_code() -> None:
    page = Path(__file__).parents[2] / "docs" / "gradcheck.md"
    rows = [
        line
        for line in (minigan.gradcheck.verdict.__doc__ or "").splitlines()
        if line.startswith("|")
    ]
    assert len(rows) >= 6
    assert "\n".join(rows) in page.read_text(encoding="utf-8")
