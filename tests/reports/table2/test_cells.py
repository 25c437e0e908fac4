"""Every cell of Table 2 has its words, its measure, and settings that a record can hold."""

from __future__ import annotations

import inspect
import json

import pytest

from minigan.reports.table2.cells import CELLS
from minigan.reports.table2.measured import Measured
from minigan.reports.table2.models import MODELS
from minigan.reports.table2.names import COLUMNS, ROWS


def test_there_is_a_cell_for_each_row_and_column() -> None:
    assert list(CELLS) == [(row, column) for row in ROWS for column in COLUMNS]


@pytest.mark.parametrize(("row", "column"), CELLS)
def test_a_cell_is_measured_by_the_function_of_its_row_in_the_file_of_its_column(
    row: str, column: str
) -> None:
    cell = CELLS[row, column]
    assert cell.measure.__name__ == f"{row}_of_{column}"
    assert cell.measure.__module__ == f"minigan.reports.table2.{column}"
    inspect.signature(cell.measure).bind(None, **cell.settings)


@pytest.mark.parametrize(("row", "column"), CELLS)
def test_the_settings_are_those_of_measure_and_model_and_equal_to_their_JSON(
    row: str, column: str
) -> None:
    cell = CELLS[row, column]
    assert json.loads(json.dumps(cell.all_settings)) == cell.all_settings
    models = {cell.model: MODELS[cell.model]} if cell.model else {}
    assert cell.all_settings == {**cell.settings, **models}


def test_the_text_has_the_number_the_unit_and_the_details() -> None:
    measured = Measured(2, "of 8 modes", {"modes": {"toy": 8, "helvetica": 2}})
    expected = "2 of 8 modes with 10 G steps per D step; with 1: 8"
    assert CELLS["training", "adversarial"].text(measured) == expected
    measured = Measured(1234.6, "of 10,000 draws")
    expected = "1,235 effective samples of 10,000 draws"
    assert CELLS["sampling", "directed"].text(measured) == expected


def test_the_words_agree_with_the_settings() -> None:
    assert "with 50 z" in CELLS["evaluating", "directed"].sentence
    assert CELLS["evaluating", "directed"].settings["K"] == 50
    assert "64 dimensions" in CELLS["evaluating", "autoencoders"].sentence
    assert CELLS["evaluating", "autoencoders"].settings["dimensions"][0] == 64
    assert CELLS["training", "adversarial"].settings["names"] == ["toy", "helvetica"]
