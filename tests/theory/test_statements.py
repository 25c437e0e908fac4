"""The rows of `minigan theory`: all statements are there, and each residual is rounding error."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.theory import Statement, statements, table
from minigan.theory.statements import maximum_by_bisection

# The rows whose number is not exact: JSD stops at 1e-12; noise of 1e-4 leaves sigma^2 / 2 = 5e-9.
LOOSER = {"Prop. 2, the end": 3e-12, "section 2, limit": 6e-9, "section 2, limit in R^3": 6e-9}


@pytest.mark.parametrize("seed", range(10))
def test_every_residual_is_rounding_error(seed):
    for row in statements(seed):
        assert row.residual <= LOOSER.get(row.name, 2e-15), row


def test_every_numbered_statement_of_the_theory_is_in_the_report():
    names = " ".join(row.name for row in statements())
    for number in (
        "Eq. 1",
        "Eq. 2",
        "Eq. 3",
        "Eq. 4",
        "Eq. 5",
        "Eq. 6",
        "Prop. 1",
        "Thm 1",
        "Prop. 2",
        "section 2",
        "section 3",
    ):
        assert number in names
    assert len({row.name for row in statements()}) == len(statements())


def test_the_values_at_the_equilibrium_are_those_of_the_paper():
    rows = {row.name: row for row in statements() if "equilibrium" in row.name}
    log_2 = 0.69314718055994530942
    values = {
        "equilibrium, D": 0.5,
        "equilibrium, V": -2 * log_2,
        "equilibrium, minimax G": -log_2,
        "equilibrium, non-saturating G": log_2,
    }
    assert set(rows) == set(values)
    for name, value in values.items():
        assert abs(rows[name].number - value) <= 1e-12
        assert abs(rows[name].expected - value) <= 1e-15


def test_the_rows_are_a_function_of_the_seed():
    assert statements(3) == statements(3)
    assert statements(3) != statements(4)
    assert statements() == statements(0)


def test_the_bisection_finds_the_maximum_without_eq_2():
    np.testing.assert_allclose(
        maximum_by_bisection(np.array([1.0, 0.2, 0.0]), np.array([0.0, 0.6, 3.0])), [1, 0.25, 0]
    )


def test_the_table_of_all_rows_fits_120_columns_and_takes_another_row():
    report = table([*statements(), Statement("one more", "row", 1.0, 1.0)])
    assert report.isascii()
    assert max(map(len, report.splitlines())) <= 120
    assert report.splitlines()[-1].startswith("one more")
