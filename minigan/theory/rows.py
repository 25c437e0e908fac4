"""A row of the table of statements, and the table as text.

residual = |number - expected|
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """One row of the table: its name in the paper, its formula, and the two numbers."""

    name: str
    formula: str
    number: float
    expected: float

    @property
    def residual(self) -> float:
        """|number - expected|, in the units of the number."""
        return abs(self.number - self.expected)


def table(rows: Sequence[Statement]) -> str:
    """The statements as aligned plain text: a line of headings, then one line for each row."""
    cells = [("statement", "formula", "number", "expected", "residual")]
    for s in rows:
        numbers = f"{s.number:.10g}", f"{s.expected:.10g}", f"{s.residual:.1e}"
        cells.append((s.name, s.formula, *numbers))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = []
    for row in cells:
        text = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
        numbers_text = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
        lines.append("  ".join(text + numbers_text))
    return "\n".join(lines)
