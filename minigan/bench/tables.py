"""What a benchmark found: tables with the surroundings that they hold for.

JSON to keep, Markdown to read, and the ratios of two reports.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, TypeAlias

from minigan.errors import UserError

FORMAT = 1
Value: TypeAlias = str | int | float | None
TableRow: TypeAlias = tuple[Value, ...]


@dataclass(frozen=True)
class Column:
    """A column: its name and unit; whether it tells rows apart; whether `compare` divides it."""

    name: str
    unit: str = ""
    key: bool = False
    ratio: bool = False

    @property
    def heading(self) -> str:
        """Name and unit."""
        return f"{self.name}, {self.unit}" if self.unit else self.name


TIMES = (  # what `Timed.milliseconds` gives
    Column("median", "ms", ratio=True),
    Column("q1", "ms"),
    Column("q3", "ms"),
    Column("fastest", "ms"),
    Column("first call", "ms"),
)


@dataclass(frozen=True)
class Table:
    """Rows of one kind of measurement. Raises ValueError for a row of another length."""

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
        """Every row's value in the column of that name. Raises KeyError where there is none."""
        for place, column in enumerate(self.columns):
            if column.name == name:
                return [row[place] for row in self.rows]
        raise KeyError(name)

    def key(self, row: TableRow) -> TableRow:
        """The values that tell this row from all others."""
        return tuple(v for v, column in zip(row, self.columns, strict=True) if column.key)


@dataclass(frozen=True)
class Measurements:
    """Tables, when they were measured (UTC), and on what: a flat table of facts."""

    date: str
    environment: dict[str, Any]
    tables: tuple[Table, ...]

    def with_table(self, table: Table) -> Measurements:
        """This report with a table more, in the place of one of the same name."""
        others = tuple(other for other in self.tables if other.name != table.name)
        return replace(self, tables=(*others, table))

    def to_json(self) -> str:
        """A text that `from_json` reads back to an equal report."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n"

    def to_markdown(self) -> str:
        """The report for people: surroundings first, then each table."""
        facts = [f"- {name}: {_words(value)}" for name, value in self.environment.items()]
        parts = [f"Measured {self.date}\n\n" + "\n".join(facts)]
        for table in self.tables:
            headings = [column.heading for column in table.columns]
            parts.append(f"## {table.title}\n\n{markdown(headings, table.rows)}")
        return "\n\n".join(parts) + "\n"


def from_json(text: str) -> Measurements:
    """The report in a JSON text. Raises UserError where it is none."""
    try:
        found = json.loads(text)
        if found["format"] != FORMAT:
            raise UserError(f"the report has format {found['format']}, and this minigan reads 1")
        tables = tuple(
            Table(
                table["name"],
                table["title"],
                tuple(Column(**column) for column in table["columns"]),
                tuple(tuple(row) for row in table["rows"]),
            )
            for table in found["tables"]
        )
        return Measurements(found["date"], dict(found["environment"]), tables)
    except UserError:
        raise
    except (ValueError, TypeError, KeyError, AttributeError):
        raise UserError("this is not a report that minigan bench --json wrote") from None


def compare(old: Measurements, new: Measurements) -> str:
    """Markdown: every row that both reports have, with new / old of what was measured.

    Facts of the surroundings that differ come first: they may be the reason.
    """
    names = sorted({*old.environment, *new.environment})
    parts = [
        "\n".join(
            [
                f"{old.date} (old) and {new.date} (new)",
                *(
                    f"- {name}: {_words(old.environment.get(name))} (old), "
                    f"{_words(new.environment.get(name))} (new)"
                    for name in names
                    if old.environment.get(name) != new.environment.get(name)
                ),
            ]
        )
    ]
    earlier = {table.name: table for table in old.tables}
    for table in new.tables:
        if table.name in earlier:
            headings, rows = _ratios(earlier[table.name], table)
            parts.append(f"## {table.title}\n\n{markdown(headings, rows)}")
    return "\n\n".join(parts) + "\n"


def _ratios(old: Table, new: Table) -> tuple[list[str], list[TableRow]]:
    keys = [column.name for column in new.columns if column.key]
    measured = [column for column in new.columns if column.ratio and column in old.columns]
    headings = list(keys)
    for column in measured:
        headings += [f"old {column.heading}", f"new {column.heading}", "new / old"]
    earlier = {old.key(row): row for row in old.rows}
    rows = []
    for row in new.rows:
        before = earlier.get(new.key(row))
        if before is None:
            continue
        values: list[Value] = list(new.key(row))
        for column in measured:
            was, is_now = before[old.columns.index(column)], row[new.columns.index(column)]
            values += [was, is_now, _ratio(was, is_now)]
        rows.append(tuple(values))
    return headings, rows


def _ratio(was: Value, is_now: Value) -> float | None:
    if isinstance(was, int | float) and isinstance(is_now, int | float) and was > 0:
        return is_now / was
    return None


def markdown(headings: Sequence[str], rows: Sequence[Sequence[Value]]) -> str:
    """A Markdown table; numbers to the right, real ones with three digits."""
    numeric = [any(isinstance(row[i], int | float) for row in rows) for i in range(len(headings))]
    lines = [list(headings), ["---:" if right else "---" for right in numeric]]
    lines += [[text(value) for value in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def text(value: Value) -> str:
    """A value for people: three significant digits, thousands apart, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        if value != 0 and not 1e-3 <= abs(value) < 1e9:
            return f"{value:.1e}"
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else value


def _words(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
