"""The report of a benchmark: tables, with the environment in which they were measured.

A report can be written as JSON, printed as Markdown, and compared with another report.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from minigan.errors import UserError
from minigan.system import json_files
from minigan.system.text import table_cell

FORMAT = 1
NOISE = 0.25  # of the median: the distance of the quartiles from which a row is noisy
LARGEST = 10**8  # bytes of a report that is read
Value: TypeAlias = str | int | float | None
TableRow: TypeAlias = tuple[Value, ...]


@dataclass(frozen=True)
class Column:
    """A column of a table: name and unit.

    key      its value identifies the row, together with the other key columns
    ratio    `compare` prints the ratio new / old of its values
    narrow   it is in the table of a terminal with 80 columns
    """

    name: str
    unit: str = ""
    key: bool = False
    ratio: bool = False
    narrow: bool = field(default=False, compare=False)

    @property
    def heading(self) -> str:
        """Name and unit."""
        return f"{self.name}, {self.unit}" if self.unit else self.name


TIMES = (  # the columns of `Timed.milliseconds`
    Column("median", "ms", ratio=True, narrow=True),
    Column("q1", "ms"),
    Column("q3", "ms"),
    Column("fastest", "ms"),
    Column("first call", "ms"),
)


@dataclass(frozen=True)
class Table:
    """The rows of one kind of measurement.

    Raises ValueError if a row has not one value for each column.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(
                    f"a row of {self.name} has {len(row)} values, not {len(self.columns)}"
                )

    def column(self, name: str) -> list[Value]:
        """The values of the column of that name. Raises KeyError if there is no such column."""
        for i, column in enumerate(self.columns):
            if column.name == name:
                return [row[i] for row in self.rows]
        raise KeyError(name)

    def noisy(self, row: TableRow) -> bool:
        """Whether the quartiles of a measured row are far apart: other programs were running."""
        names = [column.name for column in self.columns]
        if "q1" not in names:
            return False
        median, q1, q3 = (row[names.index(name)] for name in ("median", "q1", "q3"))
        return float(q3 or 0) - float(q1 or 0) > NOISE * float(median or 0)

    def noise(self) -> str:
        """A sentence that names the noisy rows; "" if there are none."""
        keys = [
            " ".join(filter(None, map(value_text, self.key(row))))
            for row in self.rows
            if self.noisy(row)
        ]
        if not keys:
            return ""
        return (
            f"Noisy, with quartiles more than {NOISE:.0%} of the median apart, so that only the "
            f"fastest round is useful: {'; '.join(keys)}."
        )

    def key(self, row: TableRow) -> TableRow:
        """The values of the key columns, which identify the row."""
        return tuple(v for v, column in zip(row, self.columns, strict=True) if column.key)


@dataclass(frozen=True)
class Measurements:
    """A report: the date (UTC), the environment as names and values, and the tables."""

    date: str
    environment: dict[str, Any]
    tables: tuple[Table, ...]

    def with_table(self, table: Table) -> Measurements:
        """This report with the table added; it replaces a table of the same name."""
        others = tuple(other for other in self.tables if other.name != table.name)
        return replace(self, tables=(*others, table))

    def to_json(self) -> str:
        """The report as JSON; `read` returns an equal report from it."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n"

    def to_markdown(self) -> str:
        """The report as Markdown: first the environment, then each table."""
        facts = [f"- {name}: {fact_text(value)}" for name, value in self.environment.items()]
        parts = [f"Measured {self.date}\n\n" + "\n".join(facts)]
        for table in self.tables:
            headings = [column.heading for column in table.columns]
            parts.append(f"## {table.title}\n\n{markdown_table(headings, table.rows)}")
            parts += [table.noise()] if table.noise() else []
        return "\n\n".join(parts) + "\n"


@dataclass(frozen=True)
class _ReportFile(Measurements):
    """A report as it is in a file."""

    format: int = 0


@dataclass(frozen=True)
class _GPURecordFile:
    """The fields of gpu_verified.json that are read for its times."""

    format: int
    date: str
    device: dict[str, Any]
    versions: dict[str, Any]
    timings: tuple[Table, ...]


def gpu_measurements(
    date: str, device: Mapping[str, Any], versions: Mapping[str, Any], timings: Sequence[Table]
) -> Measurements:
    """The times in the record of a GPU as a report; its device is the name of the GPU."""
    facts = {f"device: {name}": value for name, value in device.items() if name != "name"}
    return Measurements(date, {"device": device["name"], **facts, **versions}, tuple(timings))


def read(file: Path) -> Measurements:
    """The report in a JSON file, or the times in the record of a GPU.

    Raises UserError if the file is neither, or has another format.
    """
    value = json_files.load(file, LARGEST)
    if isinstance(value, dict) and "timings" in value:
        record = json_files.fields_of(file, _GPURecordFile, value, others=True)
        if record.format != FORMAT or "name" not in record.device:
            raise UserError(f"{file} is not a record of minigan bench --device cuda")
        return gpu_measurements(record.date, record.device, record.versions, record.timings)
    found = json_files.fields_of(file, _ReportFile, value)
    if found.format != FORMAT:
        raise UserError(
            f"{file} has format {found.format}, but this version of minigan reads format {FORMAT}"
        )
    return Measurements(found.date, found.environment, found.tables)


def compare(old: Measurements, new: Measurements) -> str:
    """Markdown: each row that is in both reports, with the ratios new / old.

    The differences between the two environments come first, as they may explain the ratios.
    """
    names = sorted({*old.environment, *new.environment})
    parts = [
        "\n".join(
            [
                f"{old.date} (old) and {new.date} (new)",
                *(
                    f"- {name}: {fact_text(old.environment.get(name))} (old), "
                    f"{fact_text(new.environment.get(name))} (new)"
                    for name in names
                    if old.environment.get(name) != new.environment.get(name)
                ),
            ]
        )
    ]
    old_tables = {table.name: table for table in old.tables}
    for table in new.tables:
        if table.name in old_tables:
            headings, rows = _ratios(old_tables[table.name], table)
            parts.append(f"## {table.title}\n\n{markdown_table(headings, rows)}")
    return "\n\n".join(parts) + "\n"


def _ratios(old: Table, new: Table) -> tuple[list[str], list[TableRow]]:
    keys = [column.name for column in new.columns if column.key]
    compared = [column for column in new.columns if column.ratio and column in old.columns]
    headings = list(keys)
    for column in compared:
        headings += [f"old {column.heading}", f"new {column.heading}", "new / old"]
    old_rows = {old.key(row): row for row in old.rows}
    rows = []
    for row in new.rows:
        old_row = old_rows.get(new.key(row))
        if old_row is None:
            continue
        values: list[Value] = list(new.key(row))
        for column in compared:
            before, after = old_row[old.columns.index(column)], row[new.columns.index(column)]
            values += [before, after, _ratio(before, after)]
        rows.append(tuple(values))
    return headings, rows


def _ratio(before: Value, after: Value) -> float | None:
    if isinstance(before, int | float) and isinstance(after, int | float) and before > 0:
        return after / before
    return None


def markdown_table(headings: Sequence[str], rows: Sequence[Sequence[Value]]) -> str:
    """A Markdown table; columns with numbers are aligned to the right (see `value_text`)."""
    numeric = [any(isinstance(row[i], int | float) for row in rows) for i in range(len(headings))]
    lines = [list(headings), ["---:" if right else "---" for right in numeric]]
    lines += [[table_cell(value_text(value)) for value in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def value_text(value: Value) -> str:
    """A value as text: floats with three significant digits, a comma for thousands, None as ""."""
    if value is None:
        return ""
    if isinstance(value, float):
        if value != 0 and not 1e-3 <= abs(value) < 1e9:
            return f"{value:.1e}"
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else value


def fact_text(value: Any) -> str:
    """A value of the environment as text: a string as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)
