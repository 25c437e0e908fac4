"""The rows and columns of Table 2."""

from __future__ import annotations

from minigan.reports.table2.names import COLUMNS, ROWS


def test_rows_and_columns_are_in_the_order_of_the_paper() -> None:
    assert list(ROWS) == ["training", "inference", "sampling", "evaluating", "design"]
    assert list(COLUMNS) == ["directed", "undirected", "autoencoders", "adversarial"]
