"""A gradient check at the tolerance 1e-12, with a title."""

from __future__ import annotations

import numpy as np

from minigan.selfcheck.rows import check_rows, normal


def test_rows_have_the_title_and_the_tolerance() -> None:
    (row,) = check_rows("square", lambda x: x**2, lambda dy, x: 2 * x * dy, np.array([1.0, 2.0]))
    assert row.name == "square: x"
    assert row.tolerance == 1e-12
    assert row.passed


def test_a_relative_error_of_1e_11_fails() -> None:
    (row,) = check_rows(
        "square", lambda x: x**2, lambda dy, x: 2 * x * dy * (1 + 1e-11), np.array([1.0, 2.0])
    )
    assert not row.passed


def test_an_array_is_a_function_of_its_stream() -> None:
    np.testing.assert_array_equal(normal("a", 3, 2), normal("a", 3, 2))
    assert (normal("a", 3, 2) != normal("b", 3, 2)).all()
