"""A report can be written as JSON and Markdown, read back, and compared."""

from __future__ import annotations

import json

import pytest

from minigan.bench.tables import Column, Measurements, Table, compare, from_json, value_text
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


def test_a_report_read_back_from_json_is_equal() -> None:
    assert from_json(ONE.to_json()) == ONE


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


@pytest.mark.parametrize(
    "broken", ["", "[]", "{}", '{"format": 1}', json.dumps({"format": 1, "tables": 3, "date": ""})]
)
def test_a_text_that_is_not_a_report_raises_an_error(broken: str) -> None:
    with pytest.raises(UserError, match="not a report"):
        from_json(broken)


def test_another_format_raises_an_error_with_its_number() -> None:
    with pytest.raises(UserError, match="format 2"):
        from_json(ONE.to_json().replace('"format": 1', '"format": 2'))


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
