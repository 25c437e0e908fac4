"""The report of `minigan theory`: every statement is there, and every residual is rounding."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest

from minigan.theory import Statement, statements, table
from minigan.theory.statements import highest_by_bisection

LOOSER = {"Prop. 2, the end": 3e-12, "section 2, limit": 6e-9}


@pytest.mark.parametrize("seed", range(10))
def test_every_residual_is_rounding(seed):
    for row in statements(seed):
        assert row.residual <= LOOSER.get(row.name, 2e-15), row


def test_every_numbered_statement_of_the_theory_is_in_the_report():
    names = " ".join(row.name for row in statements())
    for wanted in (
        "Eq. 1",
        "Eq. 2",
        "Eq. 3",
        "Eq. 4",
        "Eq. 5",
        "Eq. 6",
        "Prop. 1",
        "Thm 1",
        "Prop. 2",
    ):
        assert wanted in names
    assert len({row.name for row in statements()}) == len(statements())


def test_the_values_at_the_equilibrium_are_the_papers():
    expected = {row.name: row.expected for row in statements() if "equilibrium" in row.name}
    assert expected == {
        "equilibrium, D": 0.5,
        "equilibrium, V": pytest.approx(-1.386294361),
        "equilibrium, minimax G": pytest.approx(-0.693147181),
        "equilibrium, non-saturating G": pytest.approx(0.693147181),
    }


def test_the_report_is_a_function_of_its_seed():
    assert statements(3) == statements(3)
    assert statements(3) != statements(4)
    assert statements() == statements(0)


def test_the_residual_is_the_distance_of_the_two_numbers():
    assert Statement("Thm 1", "C = -log 4", -1.25, -1.5).residual == 0.25
    assert Statement("Thm 1", "C = -log 4", -1.5, -1.25).residual == 0.25
    assert Statement("Thm 1", "C = -log 4", math.nan, 0.0).residual != 0
    with pytest.raises(FrozenInstanceError):
        Statement("Thm 1", "C = -log 4", 1.0, 1.0).number = 2.0


def test_the_bisection_finds_the_maximum_without_eq_2():
    np.testing.assert_allclose(
        highest_by_bisection(np.array([1.0, 0.2, 0.0]), np.array([0.0, 0.6, 3.0])), [1, 0.25, 0]
    )


def test_the_table_is_aligned():
    rows = [
        Statement("Thm 1", "C >= -log 4", -1.25, -1.5),
        Statement("Prop. 2, steps", "n", 19, 19),
    ]
    assert table(rows).splitlines() == [
        "statement       formula      number  expected  residual",
        "Thm 1           C >= -log 4   -1.25      -1.5   2.5e-01",
        "Prop. 2, steps  n                19        19   0.0e+00",
    ]


def test_the_table_of_the_report_fits_a_wide_terminal_and_takes_further_rows():
    report = table([*statements(), Statement("one more", "row", 1.0, 1.0)])
    assert report.isascii()
    assert max(map(len, report.splitlines())) <= 120
    assert report.splitlines()[-1].startswith("one more")
