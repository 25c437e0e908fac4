"""Each relation is found by `check` where it is planted, and not found where it nearly holds."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigan.gradcheck import check

RNG = np.random.default_rng(7)
X, CUBE, SQUARE = (RNG.normal(size=shape) for shape in ((4, 5), (3, 4, 5), (5, 5)))
GAMMA = RNG.uniform(1, 2, size=5)
EACH_ROW = RNG.normal(size=(4, 1))
NEAR = 1e-7  # relative change that turns a relation into a near miss


def diagnosis_of_cube(wrong, x=X):
    """The diagnosis where forward is x**3 and backward returns wrong(n, dy, x), n correct."""
    report = check(lambda x: x**3, lambda dy, x: wrong(3 * x**2 * dy, dy, x), x)
    assert not report.passed
    return report.rows[0].diagnosis


def disturbed(wrong):
    """The same wrong gradient with one entry changed a little."""

    def changed(n, dy, x):
        a = np.array(wrong(n, dy, x))
        a.flat[7] *= 1 + NEAR
        return a

    return changed


def shifted_down(n, dy, x):
    a = np.zeros_like(n)
    a[1:] = n[:-1]
    return a


@pytest.mark.parametrize(
    ("wrong", "text", "x"),
    [
        (lambda n, dy, x: -n, "wrong sign: analytic = -numeric", X),
        (lambda n, dy, x: 2 * n, "constant factor 2: analytic = 2 * numeric; perhaps accumulated "
         "twice", X),
        (lambda n, dy, x: n / 5**0.5, "the factor is one over the square root of 5, the length of "
         "axis 1 of x", X),
        (lambda n, dy, x: n.T, "transposed", SQUARE),
        (lambda n, dy, x: -n.T, "transposed, and multiplied by -1", SQUARE),
        (lambda n, dy, x: n[::-1], "flipped along axis 0", X),
        (lambda n, dy, x: n[:, ::-1, ::-1], "flipped along axes 1 and 2", CUBE),
        (lambda n, dy, x: np.roll(n, 2, axis=1), "rolled by 2 along axis 1", X),
        (lambda n, dy, x: np.roll(n, -1, axis=0), "rolled by -1 along axis 0", X),
        (shifted_down, "shifted by 1 along axis 0", X),
        (lambda n, dy, x: n * x, "analytic = numeric * x", X),
        (lambda n, dy, x: n * dy, "analytic = numeric * dy", X),
        (lambda n, dy, x: 2 * n / x, "analytic = 2 * numeric / x", X),
        (lambda n, dy, x: n + 0.25, "analytic = numeric + 1/4 everywhere", X),
        (lambda n, dy, x: n + 2 * x, "analytic = numeric + 2 * x", X),
        (lambda n, dy, x: n - dy * x, "analytic = numeric - dy * x", X),
        (lambda n, dy, x: n + 0.01 * np.sign(x), "analytic = numeric + 0.01 * sign(x)", X),
        (lambda n, dy, x: n + EACH_ROW, "analytic - numeric is constant along axis 1", X),
        (lambda n, dy, x: n + np.arange(1.0, 13).reshape(3, 4, 1), "analytic - numeric is constant "
         "along axis 2", CUBE),
        (lambda n, dy, x: n + np.arange(1.0, 5).reshape(4, 1), "analytic - numeric is constant in "
         "each slice of axis 1", CUBE),
        (lambda n, dy, x: n + x * EACH_ROW, "analytic - numeric is x times a number that is "
         "constant along axis 1", X),
        (lambda n, dy, x: n * GAMMA, "analytic = numeric times a factor for each column: ", X),
        (lambda n, dy, x: n * [[2], [3], [4], [5]], "for each row: 2, 3, 4, 5", X),
        (lambda n, dy, x: dy, "analytic = dy", X),
    ],
)  # fmt: skip
def test_a_planted_relation_is_found_and_a_near_miss_is_not(wrong, text, x):
    assert text in diagnosis_of_cube(wrong, x)
    assert text not in diagnosis_of_cube(disturbed(wrong), x)


@pytest.mark.parametrize("x", [np.arange(1.0, 8), -np.arange(7.0, 0, -1)])
@pytest.mark.parametrize("steps", [1, -1, 2])
def test_a_vector_may_be_rolled_or_shifted_in_both_directions(x, steps):
    def shifted(n, dy, x):
        a = np.roll(n, steps)
        a[slice(0, steps) if steps > 0 else slice(steps, None)] = 0
        return a

    rolled = diagnosis_of_cube(lambda n, dy, x: np.roll(n, steps), x)
    assert rolled == f"rolled by {steps} along axis 0"
    assert diagnosis_of_cube(shifted, x) == f"shifted by {steps} along axis 0"


def test_few_entries_show_no_rearrangement():
    def text(forward, backward, x):
        return check(forward, backward, x).rows[0].diagnosis

    def moved(dy, x):
        return np.array([0, 2 * x[2] * dy, 0, 0, 0])

    assert text(lambda x: x[2] ** 2, moved, X[0]).startswith("no simple relation")
    three = diagnosis_of_cube(lambda n, dy, x: 2.7 * n[::-1], X[0, :3])
    assert three.startswith("no simple relation")
    # Where only the first entry is wrong, a constant gradient fits a shifted one.
    first = text(lambda x: x.sum(), lambda dy, x: dy * (np.arange(5) > 0), X[0])
    assert "shifted" not in first
    symmetric = text(lambda x: (x * (SQUARE + SQUARE.T)).sum(),
                     lambda dy, x: 3 * dy * (SQUARE + SQUARE.T), SQUARE)  # fmt: skip
    assert symmetric.startswith("constant factor 3")
    assert "transposed" not in symmetric


def test_few_entries_show_no_array():
    assert "* x" not in diagnosis_of_cube(lambda n, dy, x: n * x, X[0, :2])
    assert "= numeric / x" in diagnosis_of_cube(lambda n, dy, x: n / x, X[0, :3])
    text = check(lambda x: np.exp(x), lambda dy, x: 1.3 * dy, X[0, :3]).rows[0].diagnosis
    assert "analytic = 13/10 * dy" not in text


def test_factors_of_columns_that_equal_an_input_are_named():
    def backward(dy, x, gamma):
        return dy * gamma**2, (dy * x).sum(0)

    text = check(lambda x, gamma: x * gamma, backward, X, GAMMA).rows[0].diagnosis
    assert "the factor of each column is gamma" in text
    other = check(lambda x, g: x * g, lambda dy, x, g: (dy * g**2.5, (dy * x).sum(0)), X, GAMMA)
    assert "the factor of each column" not in other.rows[0].diagnosis
    assert "a factor for each column" in other.rows[0].diagnosis


def test_factors_of_slices_without_a_gradient_are_unknown():
    def text(factors, name):
        x = np.where(np.arange(5) == 1, 0.0, X)
        report = check(
            lambda x, v: x**3 * v, lambda dy, x, v: (3 * x**2 * dy * v * factors, dy * x**3), x,
            np.broadcast_to(GAMMA, (4, 5)), names=["x", "v"],
        )  # fmt: skip
        return report.rows[0].diagnosis

    assert "a factor for each column; " not in text(GAMMA, "x")
    assert text(GAMMA**2.5, "x") == "analytic = numeric times a factor for each column"


def test_a_vector_names_the_factors_of_slices_only():
    factors = np.array([*GAMMA, *np.arange(2.0, 9)]).reshape(3, 4, 1)  # of lines along axis 2

    def backward(dy, x, gamma):
        return dy * gamma * factors, (dy * x).sum((0, 1))

    text = check(lambda x, gamma: x * gamma, backward, CUBE, GAMMA).rows[0].diagnosis
    assert text == "analytic = numeric times a factor for each line along axis 2"


def test_too_few_entries_show_no_factor_for_each_row():
    x = X[:2, :2]
    text = diagnosis_of_cube(lambda n, dy, x: n * [[2.5], [3.5]], x)
    assert text.startswith("no simple relation"), text


def test_a_forgotten_projection_in_softmax():
    def softmax(x):
        e = np.exp(x)
        return e / e.sum(1, keepdims=True)

    text = check(softmax, lambda dy, x: softmax(x) * dy, X).rows[0].diagnosis
    assert text == (
        "analytic - numeric is y times a number that is constant along axis 1; analytic = dy * y"
    )


def test_a_forgotten_factor_of_the_sigmoid():
    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    report = check(sigmoid, lambda dy, x: dy * sigmoid(x), X)
    assert "analytic = numeric / (1 - y)" in report.rows[0].diagnosis


def test_the_jacobian_instead_of_its_transpose():
    def text(backward):
        return check(lambda x, W: x @ W, backward, X, SQUARE).rows[0].diagnosis

    assert text(lambda dy, x, W: (dy @ W, x.T @ dy)).startswith("J dy instead of J^T dy")
    assert "J dy" not in text(lambda dy, x, W: (dy @ W[::-1], x.T @ dy))
    real = check(lambda x, W: np.array(x + 0.0, dtype=float) @ W if np.isrealobj(x) else x.nothing,
                 lambda dy, x, W: (dy @ W, x.T @ dy), X, SQUARE)  # fmt: skip
    assert real.rows[0].method == "central difference"
    assert real.rows[0].diagnosis.startswith("J dy instead of J^T dy")


def test_a_mask_is_reported_with_its_place():
    text = diagnosis_of_cube(lambda n, dy, x: n * (x > 0))
    assert "unnecessary mask" in text
    assert "(exactly where x < 0); elsewhere they agree" in text
    assert "mask" not in diagnosis_of_cube(disturbed(lambda n, dy, x: n * (x > 0)))


def test_differences_show_relations_to_their_own_accuracy():
    def forward(x):
        return np.array([float(t) ** 3 for t in x])  # float() rejects complex numbers

    def text(c):
        report = check(forward, lambda dy, x: 3 * x**2 * dy * c, X[0])
        assert report.rows[0].method == "central difference"
        return report.rows[0].diagnosis

    assert text(2 + 1e-13).startswith("constant factor 2:")
    assert text(2 + 1e-8).startswith("constant factor 2.00000001:")


@given(
    st.sampled_from([(5,), (3, 4), (4, 4), (2, 3, 4), (3, 3, 3)]),
    st.integers(0, 2**32),
    st.booleans(),
)
def test_a_random_gradient_shows_no_relation(shape, seed, whole):
    rng = np.random.default_rng(seed)
    draw = (lambda: rng.integers(1, 60, shape) / 8) if whole else (lambda: rng.normal(size=shape))
    x, w, a = draw(), draw(), rng.normal(size=shape)
    report = check(lambda x, w: x**3 * w, lambda dy, x, w: (dy * a, dy * x**3), x, w)
    assert report.rows[0].diagnosis.startswith("no simple relation; cosine")
