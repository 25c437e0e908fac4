"""The descriptions of constant factors, with values computed by hand."""

import math

import numpy as np
import pytest

from minigan.gradcheck.factors import POWERS, Factor, Size, axes_text, describe_factor, sizes_of

SIZES = [Size(4, "the length of axis 0 of x"), Size(3, "the length of axis 0 of b")]


@pytest.mark.parametrize(
    ("c", "text"),
    [
        (-1.0, "wrong sign: analytic = -numeric"),
        (4.0, "constant factor 4: analytic = 4 * numeric; 4 is the length of axis 0 of x: perhaps "
         "a sum where forward takes the mean"),
        (0.25, "constant factor 1/4: analytic = 1/4 * numeric; 4 is the length of axis 0 of x: "
         "perhaps a mean where forward sums"),
        (-4.0, "wrong sign and constant factor 4: analytic = -4 * numeric; 4 is the length of "
         "axis 0 of x: perhaps a sum where forward takes the mean"),
        (2.0, "constant factor 2: analytic = 2 * numeric; perhaps accumulated twice; the factor "
         "is the square root of 4, the length of axis 0 of x"),
        (5.0, "constant factor 5: analytic = 5 * numeric"),
        (math.sqrt(3), "constant factor 1.73205: analytic = 1.73205 * numeric; the factor is the "
         "square root of 3, the length of axis 0 of b"),
        (1 / math.sqrt(3), "constant factor 0.57735: analytic = 0.57735 * numeric; the factor is "
         "one over the square root of 3, the length of axis 0 of b"),
        (4 / 3, "constant factor 4/3: analytic = 4/3 * numeric; the factor is n / (n - 1), where "
         "n = 4 is the length of axis 0 of x"),
        (3 / 4, "constant factor 3/4: analytic = 3/4 * numeric; the factor is (n - 1) / n, where "
         "n = 4 is the length of axis 0 of x"),
        (-1.25, "wrong sign and constant factor 5/4: analytic = -5/4 * numeric"),
        (0.123456789, "constant factor 0.123457: analytic = 0.123457 * numeric"),
        (-0.2, "wrong sign and constant factor 1/5: analytic = -1/5 * numeric"),
        (0.0, "constant factor 0: analytic = 0 * numeric"),
    ],
)  # fmt: skip
def test_a_factor_is_described(c, text):
    assert describe_factor(Factor(c, 1e-10), SIZES) == text


def test_all_lengths_that_equal_the_factor_are_listed_up_to_three():
    sizes = [Size(4, f"the length of axis 0 of {name}") for name in "xyzt"]
    text = describe_factor(Factor(4.0, 1e-10), sizes)
    assert "of axis 0 of x and the length of axis 0 of y and the length of axis 0 of z:" in text
    assert "axis 0 of t" not in text
    sizes = [Size(4, "the first"), Size(5, "the second")]  # the factor is known only roughly
    assert "4 is the first and the second" in describe_factor(Factor(4.0, 0.3), sizes)


def test_an_input_with_one_entry_may_be_the_factor():
    scalars = {"one": 1.0, "zero": 0.0, "alpha": 0.3}
    for c, form in ((0.3, "alpha"), (10 / 3, "1 / alpha"), (0.7, "1 - alpha"), (0.09, "alpha**2")):
        text = describe_factor(Factor(c, 1e-10), [], scalars)
        assert text.endswith(f" is {form}"), text
    assert "one" not in describe_factor(Factor(1.0, 1e-10), [], scalars)
    assert "zero" not in describe_factor(Factor(1.0, 1e-10), [], scalars)
    assert describe_factor(Factor(2.0, 1e-10), [], {"two": 2.0}).endswith("; 2 is two")
    assert "alpha" not in describe_factor(Factor(0.31, 1e-10), [], scalars)
    assert "alpha" not in (describe_factor(Factor(0.3, 1e-10, 1), [], scalars) or "")


def test_a_single_entry_is_described_by_common_factors_only():
    for c in (1.37, 5.0, math.sqrt(3), 4 / 3):
        assert describe_factor(Factor(c, 1e-10, 1), SIZES) is None
    for c in (-1.0, 4.0, 2.0, -0.5, 0.25):
        assert describe_factor(Factor(c, 1e-10, 1), SIZES) is not None


@pytest.mark.parametrize(
    ("c", "error", "text"),
    [
        (1 + 2e-6, 1e-10, "1.000002"),
        (1 + 2e-6, 1e-6, "1.000002"),
        (0.5 - 3e-9, 1e-10, "0.499999997"),
        (2 / 3, 1e-6, "2/3"),
        (2 / 3 + 1e-5, 1e-6, "0.666677"),
        (1.0004, 1e-3, "1.0004"),  # too inaccurate to be a fraction
        (1e-9, 1e-10, "1e-09"),
        (0.01, 1e-10, "0.01"),
        (1 / 48, 1e-10, "1/48"),
        (12345.0, 1e-10, "12345"),
        (-1.5, 1e-6, "-3/2"),
        (math.pi, 1e-10, "3.14159"),
        (11 / 16, 1e-10, "11/16"),
        (5 / 17, 1e-10, "0.294118"),
        (1 / 48 * (1 + 5e-11), 1e-10, "1/48"),
        (1 / 48, 1e-6, "1/48"),
        (1 / 1003, 1e-4, "0.000997009"),  # any such number is near some 1/n
        (1 + 1e-9, 1e-3, "1"),
        (0.5, 2 * (0.01 / 32), "0.5"),  # exactly a hundredth of the distance of two fractions
        (1 + 1.105e-6, 1e-10, "1.000001"),  # the distance from 1, to a tenth of it
        (1 + 1.115e-6, 1e-10, "1.0000011"),
        (1 + 2**-52, 1e-17, "1.0000000000000002"),
        (1 + 10 * 2**-52, 1e-17, "1.000000000000002"),  # exactly a tenth of the distance
        (1.5e-12, 1e-10, "1.5e-12"),
    ],
)
def test_a_factor_is_printed_as_a_fraction_only_if_it_is_one(c, error, text):
    assert str(Factor(c, error)) == text


def test_a_product_with_a_factor():
    assert Factor(1.0, 1e-10).times("x") == "x"
    assert Factor(-1.0, 1e-10).times("x") == "-x"
    assert Factor(2.5, 1e-10).times("x") == "5/2 * x"
    assert Factor(1.0, 3.0).times("x") == "x"  # -1 is possible, too


def test_a_factor_equals_a_number_within_its_error():
    assert Factor(2.0, 0.0).equals(2.0)
    assert Factor(2.0, 1e-3).equals(2.0019)
    assert not Factor(2.0, 1e-3).equals(2.0021)
    assert Factor(2.0, 0.0).entries == 2


def test_the_functions_of_an_input():
    v = np.array([-4.0, 0.25])
    assert [(text, function(v).tolist()) for text, function in POWERS] == [
        ("{}", [-4, 0.25]),
        ("1 / {}", [-0.25, 4]),
        ("1 - {}", [5, 0.75]),
        ("{}**2", [16, 0.0625]),
        ("1 / {}**2", [0.0625, 16]),
        ("sqrt({})", [2, 0.5]),
        ("1 / sqrt({})", [0.5, 2]),
    ]


def test_sizes_are_the_axes_then_several_axes():
    sizes = sizes_of([("t", (6,)), ("x", (4, 1, 3)), ("y", ())])
    assert [(s.count, s.meaning) for s in sizes] == [
        (6, "the length of axis 0 of t"),
        (4, "the length of axis 0 of x"),
        (3, "the length of axis 2 of x"),
        (4, "the size of axes 0 and 1 of x"),
        (12, "the size of axes 0 and 2 of x"),
        (3, "the size of axes 1 and 2 of x"),
        (12, "the size of axes 0, 1 and 2 of x"),
    ]
    assert axes_text([2]) == "axis 2"
    assert [s.count for s in sizes_of([("t", (2,))])] == [2]
    five = [s.count for s in sizes_of([("t", (3,) * 5)])]  # up to 4 of its axes
    assert five == [3] * 5 + [9] * 10 + [27] * 10 + [81] * 5
