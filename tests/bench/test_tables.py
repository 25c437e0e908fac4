"""A report can be written as JSON and Markdown, read back, and compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from minigan.bench.tables import Column, Measurements, Table, compare, read, value_text
from minigan.errors import UserError

COLUMNS = (
    Column("who", key=True),
    Column("m", key=True),
    Column("median", "ms", ratio=True),
    Column("check"),
)


def report(*rows: tuple[str, int, float | None, str], date: str = "2026-01-02") -> Measurements:
    table = Table("speed", "How fast", COLUMNS, rows)
    return Measurements(date, {"processor": "abacus", "threads": 2}, (table,))


ONE = report(("a", 100, 12.3456, "yes"), ("b", 4096, None, "yes"))


def test_a_report_read_back_from_json_is_equal(tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(ONE.to_json())
    assert read(tmp_path / "report.json") == ONE


def test_the_record_of_a_gpu_without_its_name_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "gpu.json"
    fields = {"format": 1, "date": "", "device": {}, "versions": {}, "timings": []}
    file.write_text(json.dumps(fields))
    with pytest.raises(UserError, match="is not a record of minigan bench --device cuda"):
        read(file)
    file.write_text(json.dumps(fields | {"device": {"name": "One", "number": 0}, "passed": True}))
    assert read(file).environment == {"device": "One", "device: number": 0}


def test_markdown_has_the_environment_the_headings_and_three_digits() -> None:
    lines = ONE.to_markdown().splitlines()
    assert lines[0] == "Measured 2026-01-02"
    assert "- processor: abacus" in lines
    assert "## How fast" in lines
    assert "| who | m | median, ms | check |" in lines
    assert "| --- | ---: | ---: | --- |" in lines
    assert "| a | 100 | 12.3 | yes |" in lines
    assert "| b | 4,096 |  | yes |" in lines


def test_a_comparison_has_the_ratios_of_the_rows_in_both_reports() -> None:
    new = report(("b", 4096, 3.0, ""), ("a", 100, 6.1728, ""), ("c", 1, 1.0, ""), date="2026-02-02")
    lines = compare(ONE, new).splitlines()
    assert lines[0] == "2026-01-02 (old) and 2026-02-02 (new)"
    assert "| a | 100 | 12.3 | 6.17 | 0.5 |" in lines
    assert "| b | 4,096 |  | 3 |  |" in lines
    assert not any("| c |" in line for line in lines)


def test_a_comparison_lists_only_the_differences_of_the_environments() -> None:
    new = Measurements("2026-02-02", {"processor": "slide rule", "threads": 2}, ONE.tables)
    page = compare(ONE, new)
    assert "- processor: abacus (old), slide rule (new)" in page
    assert "threads" not in page


TABLES = json.loads(ONE.to_json())["tables"]
LISTS_IN_A_ROW = [{**TABLES[0], "rows": [[[1], [1], [1], [1]]]}]
SHORT_ROW = [{**TABLES[0], "rows": [["a"]]}]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"format": 2}, "has format 2, but this version of minigan reads format 1"),
        ({"date": None}, "is damaged: date = null must be a text"),
        ({"tables": 3}, "is damaged: tables = 3 must be a list of tables"),
        ({"tables": [{}]}, "is damaged: tables[0].name is missing"),
        ({"tables": LISTS_IN_A_ROW}, "is damaged: tables[0].rows[0][0] = [1] must be a text or a"),
        ({"tables": SHORT_ROW}, "is damaged: tables[0]: a row of speed has 1 values, not 4"),
        ({"environment": []}, "is damaged: environment = [] must be a table"),
    ],
)
def test_another_content_raises_an_error_with_the_name_of_the_field(
    tmp_path: Path, change: dict[str, Any], reason: str
) -> None:
    file = tmp_path / "report.json"
    file.write_text(json.dumps({**json.loads(ONE.to_json()), **change}))
    with pytest.raises(UserError) as refused:
        read(file)
    assert str(refused.value).startswith(f"{file} {reason}")


@pytest.mark.parametrize("broken", [b"", b"[]", b"{}", b"\xff", b"[" * 20_000])
def test_a_file_that_is_not_a_report_raises_an_error(tmp_path: Path, broken: bytes) -> None:
    (tmp_path / "report.json").write_bytes(broken)
    with pytest.raises(UserError, match=r"report\.json is damaged: "):
        read(tmp_path / "report.json")


def test_a_row_of_another_length_raises_an_error() -> None:
    with pytest.raises(ValueError, match="a row of speed has 1 values, not 4"):
        Table("speed", "", COLUMNS, (("a",),))


def test_a_column_is_found_by_its_name() -> None:
    assert ONE.tables[0].column("m") == [100, 4096]
    with pytest.raises(KeyError):
        ONE.tables[0].column("n")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""),
        ("word", "word"),
        (12345, "12,345"),
        (0.0, "0"),
        (0.123456, "0.123"),
        (99.94, "99.9"),
        (1234.5, "1,234"),
        (2.31e-05, "2.3e-05"),
    ],
)
def test_the_text_of_a_value(value: str | float | None, expected: str) -> None:
    assert value_text(value) == expected


def test_an_added_table_replaces_one_of_the_same_name() -> None:
    (speed,) = ONE.tables
    other, later = Table("size", "How large", COLUMNS, ()), Table("speed", "Again", COLUMNS, ())
    grown = ONE.with_table(other)
    assert grown.tables == (speed, other)
    assert grown.with_table(later).tables == (other, later)
    assert ONE.tables == (speed,)
