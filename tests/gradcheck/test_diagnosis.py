"""A relation is reported exactly where it holds, for arrays computed by hand."""

import numpy as np
import pytest

from minigan.gradcheck import check
from minigan.gradcheck.comparison import ComparedEntries, Context
from minigan.gradcheck.diagnosis import diagnose, summed_axes
from minigan.gradcheck.factors import Size

N = np.array([[1.0, 2.0, -3.0], [0.5, -1.5, 4.0], [2.5, 0.25, 1.0]])


def row_of(analytic, numeric, name="x"):
    analytic, numeric = np.array(analytic, dtype=float), np.array(numeric, dtype=float)
    shape = numeric.shape
    bad = np.ones(numeric.size, dtype=bool)
    if analytic.shape == shape:
        bad = analytic.reshape(-1) != numeric.reshape(-1)
    entries, bounds = np.arange(numeric.size), np.zeros(numeric.size)
    return ComparedEntries(name, shape, analytic, entries, numeric.reshape(-1), bounds, bad)


def diagnosis(analytic, numeric, others=(), sizes=()):
    return diagnose(row_of(analytic, numeric), others, Context({}, sizes))


def with_entry(value, *index):
    a = N.copy()
    a[index] = value
    return a


HALF = N * (np.arange(9).reshape(3, 3) % 2)


@pytest.mark.parametrize(
    ("analytic", "numeric", "text"),
    [
        (-N, N, "wrong sign: analytic = -numeric"),
        (3 * N, N, "constant factor 3: analytic = 3 * numeric"),
        (N.T, N, "transposed"),
        (N[:2].T, N[:2], "transposed: the gradient has shape (3, 2), x has shape (2, 3)"),
        (N, N[0] + N[1] + N[2], "missing sum over the broadcast axis 0: the gradient has shape"),
        (N, N.sum(1, keepdims=True), "missing sum over the broadcast axis 1"),
        (N, N.sum(), "missing sum over the broadcast axes 0 and 1"),
        (N[:1], N[0], "correct numbers in the wrong shape"),
        (N.sum(0) + 1e-3, N, "wrong shape"),
        (N[:2], N, "wrong shape: the gradient has shape (2, 3), x has shape (3, 3)"),
        (N[:2].T + 1, N[:2], "wrong shape"),
        (0 * N, N, "the analytic gradient is zero everywhere, the numeric one is not"),
        (N, 0 * N, "the true gradient is zero, the analytic one is not"),
        (N, HALF, "mask missing: the numeric gradient is 0 at 5 of 9 entries, the analytic is not; "
         "elsewhere they agree"),
        (N, 1.25 * HALF, "elsewhere they agree up to the factor 4/5"),
        (HALF, N, "unnecessary mask: the analytic gradient is 0 at 5 of 9 entries"),
        (with_entry(7, 1, 1), N, "wrong at 1 of 9 entries only, at (1, 1)"),
        (N * [[1], [1], [-1]], N,
         "wrong at 3 of 9 entries only, row 2; there, wrong sign"),
        (N * [1, 3, 1], N,
         "wrong at 3 of 9 entries only, column 1; there, constant factor 3"),
        (N * (1 + 1e-11), N, "close, but not within the tolerance"),
        (N + np.eye(3) * [9, -8, 7] + 3, N, "no simple relation; cosine"),
    ],
)  # fmt: skip
def test_the_relation_that_holds_is_reported(analytic, numeric, text):
    assert text in diagnosis(analytic, numeric)


def test_a_relation_that_fails_at_one_entry_is_not_reported():
    for analytic in (-N, 3 * N, N.T, N * (HALF != 0)):
        changed = analytic + 0.1 * np.eye(3)
        text = diagnosis(changed, N)
        assert text.startswith("no simple relation"), text


def test_the_cosine_is_that_of_the_angle():
    assert diagnosis([1, 2, 0], [1, 0, 1]) == "no simple relation; cosine 0.32"  # 1/sqrt(5)/sqrt(2)


def test_the_distance_of_the_cosine_from_1_is_reported_where_it_is_small():
    # The angle is about t, and 1 - cos t = t**2/2.
    for t, distance in ((1e-3, "5.0e-07"), (1e-8, "5.0e-17")):
        text = diagnosis([1 + t, 1 - t], [1, 1])
        assert text == f"no simple relation; 1 - cosine {distance}"


def test_a_factor_that_is_a_length_is_mentioned():
    text = "constant factor 3: analytic = 3 * numeric; 3 is the length of axis 0 of x: perhaps a"
    assert diagnosis(3 * N, N, sizes=[Size(3, "the length of axis 0 of x")]).startswith(text)


def test_a_single_number_shows_no_factor():
    assert diagnosis(1.7, 1.0) == "no simple relation; analytic / numeric is 1.7"
    assert diagnosis(-1.0, 1.0) == "wrong sign: analytic = -numeric"
    assert diagnosis(0.0, 1.0) == "the analytic gradient is zero, the numeric one is not"


def test_a_missing_mean_is_a_difference_that_is_constant_along_its_axis():
    n = np.random.default_rng(1).normal(size=(4, 5))
    found = diagnosis(n + n.sum(axis=1, keepdims=True), n)
    text = "analytic - numeric is constant along axis 1"
    assert found == f"{text}: perhaps the term of a sum or mean is missing"


def test_swapped_gradients_are_recognised_by_the_numbers_of_the_other_input():
    other = row_of(N, N[::-1], name="W")
    assert diagnosis(N[::-1], N, others=[other]) == (
        "wrong order: this is the gradient of W; flipped along axis 0"
    )
    wide = row_of(N, N[:2], name="W")
    assert "wrong order: this is the gradient of W" in diagnosis(N[:2], N, others=[wide])
    assert "wrong order" not in diagnosis(N[::-1], N, others=[row_of(N, N, name="W")])


def test_permuted_axes_of_a_tensor():
    n = np.arange(27.0).reshape(3, 3, 3) ** 2
    assert diagnosis(n.transpose(1, 2, 0), n) == "transposed (correct after transpose(2, 0, 1))"


def test_a_difference_below_the_resolution_is_ignored():
    row = ComparedEntries(
        "x", (2,), np.array([1.0, 0]), np.arange(2), np.array([1e-9, 0]), np.full(2, 1e-8), N[0] > 9
    )
    assert diagnose(row, (), Context()) == (
        "the numeric gradient is zero to its accuracy, the analytic one is not"
    )


def test_the_axes_that_broadcasting_repeats():
    assert summed_axes((4, 3), (3,)) == (0,)
    assert summed_axes((4, 3), (4, 1)) == (1,)
    assert summed_axes((4, 3), ()) == (0, 1)
    assert summed_axes((4, 3), (4,)) == ()
    assert summed_axes((3,), (4, 3)) == ()


def test_wrong_entries_far_below_the_largest():
    def text(factor):
        x = np.array([1e-5, -2e-5, 1.0, 2.0])
        report = check(lambda x: x**3, lambda dy, x: dy * 3 * x**2 * factor, x, tolerance=1e-13)
        return report.rows[0].diagnosis

    assert text(np.array([3, 4.7, 1, 1])).startswith("wrong at 2 of 4 entries only, all below 1e-")
    assert text(np.array([3, 4.7, 1, 1])).endswith("of the largest: no correct digit there")
    assert text(np.array([1.2, 1.3, 1, 1])).endswith("of the largest: too few digits there")
    assert "below" not in text(np.array([1.2, 1.3, 1, 1.01]))


def test_at_most_two_relations_are_reported():
    even = np.array([[1.0, 2, 1], [2, 3, 2], [1, 2, 1]])  # a symmetric matrix and its negative
    other = [row_of(-even, -even, name="W"), row_of(-even, -even, name="b")]
    assert diagnosis(-even, even, others=other) == (
        "wrong order: this is the gradient of W; wrong order: this is the gradient of b"
    )


def test_a_mask_is_reported_if_two_entries_show_the_factor_or_one_agrees():
    assert "up to the factor 1/2" in diagnosis([1, 1, 1], [2, 2, 0])
    assert "elsewhere they agree" in diagnosis([1, 1, 1], [1, 0, 0])
    assert "mask" not in diagnosis([1, 1, 1], [2, 0, 0])


def test_partly_wrong_means_at_most_half_of_the_entries():
    assert "wrong at 2 of 4 entries only" in diagnosis([1, 2, 9, 7], [1, 2, 3, 4])
    assert "no simple relation" in diagnosis([1, 8, 9, 7], [1, 2, 3, 4])
    assert "no simple relation" in diagnosis([0, 0, 9, 7], [0, 0, 3, 4])
