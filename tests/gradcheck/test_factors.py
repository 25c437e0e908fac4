"""The descriptions of constant factors, with values computed by hand."""

import pytest

from minigan.gradcheck.factors import Size, close_to, describe_factor, fraction_text, sizes_of

SIZES = [Size(4, "the batch size (axis 0 of x)"), Size(2, "the length of b")]


@pytest.mark.parametrize(
    ("c", "text"),
    [
        (-1.0, "wrong sign: analytic = -1 x numeric"),
        (4.0, "sum instead of mean: the factor is 4, the batch size (axis 0 of x)"),
        (0.25, "mean instead of sum: the factor is 1/4, one over the batch size (axis 0 of x)"),
        (-4.0, "wrong sign and sum instead of mean: the factor is 4, the batch size (axis 0 of x)"),
        (2.0, "constant factor 2, or sum instead of mean: the factor is 2, the length of b"),
        (
            0.5,
            "constant factor 1/2, or mean instead of sum: "
            "the factor is 1/2, one over the length of b",
        ),
        (3.0, "constant factor 3: analytic = 3 x numeric"),
        (-1.25, "wrong sign and constant factor 5/4: analytic = -5/4 x numeric"),
        (0.123456789, "constant factor 0.123457: analytic = 0.123457 x numeric"),
    ],
)
def test_a_factor_is_described(c, text):
    assert describe_factor(c, SIZES, only_entry=False) == text


def test_a_single_entry_is_described_by_common_factors_only():
    assert describe_factor(1.37, SIZES, only_entry=True) is None
    assert describe_factor(3.0, SIZES, only_entry=True) is None
    assert describe_factor(-1.0, SIZES, only_entry=True) is not None
    assert describe_factor(4.0, SIZES, only_entry=True) is not None
    assert describe_factor(-0.5, [], only_entry=True) is not None


def test_sizes_are_the_batch_then_axes_then_numbers_of_entries():
    sizes = sizes_of([("t", (6,)), ("x", (4, 3)), ("y", ())])
    assert [(s.count, s.meaning) for s in sizes] == [
        (4, "the batch size (axis 0 of x)"),
        (6, "the length of t"),
        (4, "the length of axis 0 of x"),
        (3, "the length of axis 1 of x"),
        (6, "the number of entries of t"),
        (12, "the number of entries of x"),
    ]


def test_numbers_are_close_if_a_central_difference_cannot_distinguish_them():
    assert close_to(1 + 9e-7, 1.0)
    assert not close_to(1 + 2e-6, 1.0)
    assert fraction_text(2 / 3) == "2/3"
    assert fraction_text(1e-9) == "1e-09"
