"""The report of a benchmark on a terminal: the columns that fit into 80 characters, aligned.

m     what             median, ms   / limit
100   minigan, given       32.1 *      1.4      * noisy: see `Table.noisy`
"""

from __future__ import annotations

import textwrap

from minigan.bench.tables import Measurements, Table, fact_text, value_text

WIDTH = 80  # columns of a terminal


def terminal_text(report: Measurements) -> str:
    """The environment in a paragraph, and each table with its narrow columns."""
    facts = "; ".join(f"{name}: {fact_text(value)}" for name, value in report.environment.items())
    parts = [f"Measured {report.date}", textwrap.fill(facts, WIDTH)]
    for table in report.tables:
        parts += [textwrap.fill(table.title, WIDTH), _narrow_table(table)]
    parts.append(
        "* noisy: other programs were running. --markdown FILE and --json FILE write all columns: "
        "quartiles, the fastest round, checks."
    )
    parts[-1] = textwrap.fill(parts[-1], WIDTH)
    return "\n\n".join(parts) + "\n"


def _narrow_table(table: Table) -> str:
    """The narrow columns: texts to the left, numbers to the right."""
    columns = []
    for i, column in enumerate(table.columns):
        if not column.narrow:
            continue
        cells = [value_text(row[i]) for row in table.rows]
        if column.name == "median":
            marks = [" *" if table.noisy(row) else "  " for row in table.rows]
            cells = [cell + mark for cell, mark in zip(cells, marks, strict=True)]
        is_text = any(isinstance(row[i], str) for row in table.rows)
        width = max(map(len, [column.heading, *cells]))
        columns.append(
            [f"{cell:{'<' if is_text else '>'}{width}}" for cell in [column.heading, *cells]]
        )
    return "\n".join("  ".join(line).rstrip() for line in zip(*columns, strict=True))
