"""A row has a residual, and the table is aligned text."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError

import pytest

from minigan.theory import Statement, table


def test_the_residual_is_the_distance_between_the_two_numbers():
    assert Statement("Thm 1", "C = -log 4", -1.25, -1.5).residual == 0.25
    assert Statement("Thm 1", "C = -log 4", -1.5, -1.25).residual == 0.25
    assert Statement("Thm 1", "C = -log 4", math.nan, 0.0).residual != 0
    with pytest.raises(FrozenInstanceError):
        Statement("Thm 1", "C = -log 4", 1.0, 1.0).number = 2.0


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
