"""The place of wrong entries: planted through `check`, with near misses that must not be named."""

import numpy as np
import pytest

from minigan.gradcheck import check
from minigan.gradcheck.places import ranges_text

RNG = np.random.default_rng(3)
X, CUBE, SQUARE = (RNG.normal(size=shape) for shape in ((4, 6), (2, 5, 6), (5, 5)))
TOKENS = np.array([0, 3, 2, 0])
i, j = np.indices(X.shape)


def diagnosis_where(wrong, x=X, **more):
    """The diagnosis where the gradient of x**2 is wrong, by various factors, at these entries."""
    factors = np.where(wrong, 2 + np.arange(x.size).reshape(x.shape) ** 1.5, 1.0)

    def backward(dy, x, *others):
        return 2 * x * dy * factors, *(None for _ in others)

    report = check(lambda x, *others: x**2, backward, x, *more.values(), names=["x", *more])
    return report.rows[0].diagnosis


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (X < 0, "exactly where x < 0"),
        (X > 0, "exactly where x > 0"),
        (np.isin(j, [2, 3, 4]) & (i > 1), "rows 2, 3, columns 2 to 4"),
        (i == 2, "row 2"),
        (np.isin(j, [0, 3, 5]), "columns 0, 3, 5"),
        (i == j, "exactly on the diagonal"),
        (i > j, "exactly below the diagonal"),
        (i < j, "exactly above the diagonal"),
        (np.isin(j, [0, 5]), "exactly at the border of axis 1: first and last"),
        ((i % 3 == 0) | (j % 5 == 0), "exactly at the border of axes 0 and 1"),
        (np.isin(j, [1, 2]) & (i != 1 + j), "some entries of columns 1, 2"),
        ((i + j == 1) | (i + j == 7), "at (0, 1), (1, 0), (2, 5), (3, 4)"),
    ],
)
def test_the_place_of_the_wrong_entries(wrong, place):
    text = f"wrong at {wrong.sum()} of 24 entries only, {place}"
    assert diagnosis_where(wrong).startswith(text)
    other = wrong.copy()
    other[3, 5] = not wrong[3, 5]  # one entry more, or one fewer
    assert text.replace(f"at {wrong.sum()}", f"at {other.sum()}") != diagnosis_where(other)


def test_a_long_list_of_indices_is_shortened():
    assert "only, at (0, 1), (0, 4), (1, 0), (1, 3), ..." in diagnosis_where((i + j) % 3 == 1)


def test_slices_of_other_axes_are_numbered():
    wrong = np.isin(np.indices(CUBE.shape)[2], [2, 3, 4])
    assert diagnosis_where(wrong, CUBE).startswith("wrong at 30 of 60 entries only, axis 2 at 2 to")


def test_entries_of_a_vector_are_listed_as_ranges():
    wrong = np.isin(np.arange(14), [0, 5, 6, 7, 8, 12])
    assert "entries only, at 0, 5 to 8, 12" in diagnosis_where(wrong, np.linspace(1, 2, 14))
    assert ranges_text(np.arange(0, 40, 2)) == "0, 2, 4, 6, 8, 10, 12, 14, ..."


def test_zeros_and_padding():
    x = np.array([0.0, 1, 0, 2, 3, 4])
    report = check(lambda x: np.sin(x), lambda dy, x: dy * np.cos(x) * np.sign(x), x)
    assert "(exactly where x == 0)" in report.rows[0].diagnosis
    two = np.array([2.0, 1, 2, 3, 5, 4])
    assert "exactly where x == 2" in diagnosis_where(two == 2, two)
    assert "where" not in diagnosis_where(X[1, 2] == X)
    wrong = np.broadcast_to((TOKENS == 0)[:, None], X.shape)
    assert "exactly where tokens == 0" in diagnosis_where(wrong, tokens=TOKENS)
    assert "tokens" not in diagnosis_where(wrong & (j > 0), tokens=TOKENS)


def test_three_slices_have_no_border():
    assert "rows 0, 2" in diagnosis_where(np.isin(i, [0, 2])[:3], X[:3])


def test_a_condition_ignores_entries_without_a_gradient():
    wrong = (X < 0) & (i != 1)
    x = np.where(i == 1, 0.0, X)
    zero = np.where(i == 1, -np.abs(X), X)
    report = check(
        lambda x, w: x**2 * w,
        lambda dy, x, w: (2 * x * dy * w * (1 + wrong * np.arange(24).reshape(4, 6) ** 1.5), None),
        zero,
        np.asarray(x != 0),
    )
    assert "only where x < 0" in report.rows[0].diagnosis


def test_a_number_that_broadcasting_repeats_is_no_condition():
    b = np.array([0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
    assert "only, column 2;" in diagnosis_where(j == 2, b=b) + ";"
    b[4] = b[2]
    assert "exactly where b == 2.5" in diagnosis_where(np.isin(j, [2, 4]), b=b)


def test_few_entries_show_no_sign():
    x = np.array([1.0, -2, 3, -4])
    assert "where" not in diagnosis_where(x < 0, x)


def test_one_of_three_entries_shows_no_condition():
    x, idx = np.array([1.0, 2, 3]), np.array([2, 2, 0])
    assert "idx" not in diagnosis_where(np.array([False, False, True]), x, idx=idx)


def test_repeated_indices():
    idx = np.array([1, 3, 3, 0])

    def text(add, W):
        def backward(dy, W, idx):
            dW = np.zeros_like(W)
            add(dW, dy, idx)
            return dW, None

        return check(lambda W, idx: W[idx], backward, W, idx).rows[0].diagnosis

    def assign(dW, dy, idx):
        dW[idx] = dy

    def assign_and_drop(dW, dy, idx):
        dW[idx] = dy
        dW[0] *= 3

    table = RNG.normal(size=(4, 3))
    assert text(assign, table).startswith(
        "wrong at 3 of 12 entries only, exactly in the rows that idx names more than once "
        "(np.add.at adds every occurrence, = and += only the last)"
    )
    assert "idx" not in text(assign_and_drop, table)


def test_integers_that_are_no_indices_name_no_rows():
    numbers = np.array([0, 4, 1, 9])  # modulo 4, two of them name row 0 and two row 1
    assert "numbers" not in diagnosis_where(i < 2, numbers=numbers)


def test_entries_that_labels_name():
    labels = np.array([0, 2, 1, 4])

    def forward(x, labels):
        return np.log(np.exp(x).sum(1)) - x[np.arange(4), labels]

    def diagnosis(keep):
        def backward(dy, x, labels):
            p = np.exp(x) / np.exp(x).sum(1, keepdims=True)
            p[np.arange(4), labels] -= keep
            return p * dy[:, None], None

        return check(forward, backward, X, labels).rows[0].diagnosis

    text = "exactly at the entries that labels names in the last axis"
    assert text in diagnosis(0)
    assert text not in diagnosis(np.array([0, 0, 0, 1]))


def test_most_entries_may_be_wrong_if_a_condition_tells_which():
    text = diagnosis_where(i > 0)
    assert text.startswith("wrong at 18 of 24 entries only, rows 1 to 3")
    wrong = np.array([[1, 0, 1, 1], [1, 1, 1, 0], [1, 1, 1, 1]], dtype=bool)
    assert "wrong at" not in diagnosis_where(wrong, np.abs(X[:3, :4]))
