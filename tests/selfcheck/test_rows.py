"""A proof is a gradient check at 1e-12 with a title."""

from __future__ import annotations

import numpy as np

from minigan.selfcheck.rows import normal, check_rows


def test_rows_bear_the_title_and_the_tolerance() -> None:
    (row,) = check_rows("square", lambda x: x**2, lambda dy, x: 2 * x * dy, np.array([1.0, 2.0]))
    assert row.name == "square: x"
    assert row.tolerance == 1e-12
    assert row.passed


def test_an_error_of_one_part_in_10_to_the_11_fails() -> None:
    (row,) = check_rows(
        "square", lambda x: x**2, lambda dy, x: 2 * x * dy * (1 + 1e-11), np.array([1.0, 2.0])
    )
    assert not row.passed


def test_arrays_are_fixed_by_their_stream() -> None:
    np.testing.assert_array_equal(normal("a", 3, 2), normal("a", 3, 2))
    assert (normal("a", 3, 2) != normal("b", 3, 2)).all()
