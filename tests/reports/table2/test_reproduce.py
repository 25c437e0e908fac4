"""Cells are measured once, recorded, and printed; the page has the table of the record."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from minigan.errors import UserError
from minigan.reports.table2 import reproduce as module
from minigan.reports.table2.cells import CELLS, Cell
from minigan.reports.table2.measured import Measured
from minigan.reports.table2.models import Models
from minigan.reports.table2.names import COLUMNS, ROWS
from minigan.system.holding import held
from minigan.theory.table2.autocorrelation import TooFewStepsError

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, int]]:
    """Two cells that return seed + a; the (seed, a) of each that was measured."""
    made: list[tuple[int, int]] = []

    def measure(models: Models, a: int) -> Measured:
        made.append((models.seed, a))
        return Measured(models.seed + a, "nats", {"list": [a]})

    one = Cell("is hard", "{value:.1f} {unit} with {details[list][0]}", measure, "", {"a": 5})
    cells = {("training", "directed"): one, ("design", "adversarial"): replace(one, model="VAE")}
    monkeypatch.setattr(module, "CELLS", cells)
    return made


def test_a_cell_is_measured_once_for_each_seed_and_setting(
    measured: list[tuple[int, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = module.table2(["training"], list(COLUMNS), 1, tmp_path, True)
    assert [(one.row, one.column, one.measured.value) for one in first.cells] == [
        ("training", "directed", 6)
    ]
    both = module.table2(list(ROWS), list(COLUMNS), 1, tmp_path, True)
    assert measured == [(1, 5), (1, 5)]
    record = module.read(tmp_path / "table2.json")
    assert record.cells == both.cells
    assert record.cells[1].settings == {"a": 5, "VAE": {"z": 2, "hidden": 64, "updates": 1500}}
    assert record.cells[0].environment["minigan"]
    module.table2(["training"], ["directed"], 2, tmp_path, True)
    assert measured[2:] == [(2, 5)]
    changed = replace(module.CELLS["training", "directed"], settings={"a": 6})
    monkeypatch.setitem(module.CELLS, ("training", "directed"), changed)
    assert module.table2(["training"], ["directed"], 1, tmp_path, True).cells[0].measured.value == 7
    assert len(module.read(tmp_path / "table2.json").cells) == 4


def test_only_the_rows_and_columns_that_are_asked_for(
    measured: list[tuple[int, int]], tmp_path: Path
) -> None:
    assert module.table2(["training"], ["adversarial"], 1, tmp_path, True).cells == ()
    assert measured == []


def test_a_damaged_record_and_a_folder_in_use_are_refused(
    measured: list[tuple[int, int]], tmp_path: Path
) -> None:
    with held(tmp_path), pytest.raises(UserError, match="another process is making runs in"):
        module.table2(["training"], ["directed"], 1, tmp_path, True)
    (tmp_path / "table2.json").write_text('{"cells": [{}]}')
    with pytest.raises(UserError, match=r"table2\.json is damaged: cells\[0\]\.row is missing"):
        module.table2(["training"], ["directed"], 1, tmp_path, True)
    (tmp_path / "table2.json").write_text("?")
    with pytest.raises(
        UserError, match=r"is not JSON .*: remove the file, or name another folder with"
    ):
        module.table2(["training"], ["directed"], 1, tmp_path, True)
    assert measured == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"row": "trainin"}, r"cells\[3\]\.row = 'trainin' must be one of training, "),
        ({"column": "?"}, r"cells\[3\]\.column = '\?' must be one of directed, "),
        ({"details": {}}, r"cells\[3\]\.measured\.details lacks a number that is printed"),
        ({"details": {"modes": [1]}}, r"cells\[3\]\.measured\.details lacks a number"),
    ],
)
def test_a_record_whose_cells_cannot_be_printed_is_refused(
    changes: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    record = json.loads((DOCS / "results" / "table2" / "table2.json").read_text())
    cell = record["cells"][3]
    assert (cell["row"], cell["column"]) == ("training", "adversarial")
    (cell["measured"] if "details" in changes else cell).update(changes)
    file = tmp_path / "table2.json"
    file.write_text(json.dumps(record))
    with pytest.raises(UserError, match=sentence + ".*: remove the file, or name another folder"):
        module.read(file)


def test_each_cell_keeps_its_environment(
    measured: list[tuple[int, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for row, machine in (("training", "abacus"), ("design", "slide rule")):
        monkeypatch.setattr(module, "environment", lambda machine=machine: {"processor": machine})
        module.table2([row], list(COLUMNS), 1, tmp_path, True)
    found = [one.environment["processor"] for one in module.read(tmp_path / "table2.json").cells]
    assert found == ["abacus", "slide rule"]


def test_after_an_interrupt_the_finished_cells_are_named(
    measured: list[tuple[int, int]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def interrupted(models: Models, a: int) -> Measured:
        raise KeyboardInterrupt

    last = replace(module.CELLS["design", "adversarial"], measure=interrupted)
    monkeypatch.setitem(module.CELLS, ("design", "adversarial"), last)
    with pytest.raises(KeyboardInterrupt):
        module.table2(list(ROWS), list(COLUMNS), 1, tmp_path, True)
    kept = f"the finished cells are kept in {tmp_path / 'table2.json'}: the same command continues"
    assert capsys.readouterr().err == f"{kept}\n"
    with pytest.raises(KeyboardInterrupt):
        module.table2(["design"], list(COLUMNS), 1, tmp_path / "new", True)
    assert capsys.readouterr().err == ""


def test_a_chain_that_is_too_slow_is_one_sentence(
    measured: list[tuple[int, int]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(models: Models, a: int) -> Measured:
        raise TooFewStepsError("10 steps are too few")

    cell = replace(module.CELLS["training", "directed"], measure=slow)
    monkeypatch.setitem(module.CELLS, ("training", "directed"), cell)
    with pytest.raises(UserError, match="training, directed: 10 steps are too few: choose another"):
        module.table2(["training"], ["directed"], 1, tmp_path, True)


def test_the_table_has_a_block_for_each_row_with_the_words_and_the_number(
    measured: list[tuple[int, int]], tmp_path: Path
) -> None:
    found = module.table2(list(ROWS), list(COLUMNS), 1, tmp_path, True)
    assert str(found) == (
        "Training\n"
        "  deep directed models: is hard\n"
        "      6.0 nats with 5\n"
        "\n"
        "Model design\n"
        "  adversarial models: is hard\n"
        "      6.0 nats with 5"
    )
    assert str(replace(found, cells=found.cells[::-1])) == str(found)


def test_the_page_has_the_table_of_the_record() -> None:
    page = (DOCS / "table2.md").read_text("utf-8")
    record = module.read(DOCS / "results" / "table2" / "table2.json")
    of_seed_0 = replace(record, cells=tuple(one for one in record.cells if one.seed == 0))
    assert sorted((one.row, one.column) for one in of_seed_0.cells) == sorted(CELLS)
    for one in record.cells:
        assert one.settings == CELLS[one.row, one.column].all_settings
    table = str(of_seed_0)
    assert max(map(len, table.splitlines())) <= 80
    assert "\n".join(f"    {line}".rstrip() for line in table.splitlines()) in page


def test_every_cell_is_linked_to_its_code() -> None:
    page = (DOCS / "table2.md").read_text("utf-8")
    for heading in ROWS.values():
        section = page.split(f"### {heading}\n")[1].split("\n##")[0]
        rows = re.findall(r"^\| (\w+) \| .* \| \[\w+\.py\]\([^)]+\.py\) \|$", section, re.M)
        assert rows == list(COLUMNS), heading
