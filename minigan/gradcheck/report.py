"""The result of a gradient check: one row per input, printed as a table and a few sentences.

    error = max_i |analytic_i - numeric_i| / max_i |numeric_i|        passed: error <= tolerance

Nothing is computed here: the rows are made in `verdict` and put into words and columns below.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["pass", "kink", "FAIL", "not differentiated"]
NUMBERS = ("max|analytic|", "max|numeric|", "rel. error", "tolerance")
HEADER = ("input", "shape", "method", "entries", *NUMBERS, "verdict")
TEXT_COLUMNS = {0, 1, 2, 8}


@dataclass(frozen=True)
class Worst:
    """The entry whose error is largest."""

    index: tuple[int, ...]
    analytic: float
    numeric: float

    def __str__(self) -> str:
        """One sentence with index and both numbers."""
        where = f"entry {self.index}" if self.index else "the number"
        return f"Worst: {where}, analytic {self.analytic:.10g}, numeric {self.numeric:.10g}."


@dataclass(frozen=True)
class Row:
    """What was found for one input. Numbers that could not be computed are NaN.

    `entries` of the `size` entries were compared one by one. `error` is relative to the largest
    numeric entry; where a central difference cannot resolve that, to what it can resolve.
    `verdict` is "pass", "kink" (passed, at a point where forward has a kink), "FAIL" or
    "not differentiated". `diagnosis` is what went wrong, or what is worth knowing of a row that
    passed; it may be empty.
    """

    name: str
    shape: tuple[int, ...]
    method: str
    entries: int
    size: int
    analytic: float
    numeric: float
    error: float
    tolerance: float
    verdict: Verdict
    diagnosis: str = ""
    worst: Worst | None = None

    @property
    def passed(self) -> bool:
        """True unless the verdict is FAIL."""
        return self.verdict != "FAIL"

    def cells(self) -> tuple[str, ...]:
        """The row as the texts of its table cells."""
        some = f"{self.entries}/{self.size}" if self.entries else "-"
        entries = f"{self.entries}" if self.entries == self.size else some
        return (
            self.name,
            shape_text(self.shape),
            self.method,
            entries,
            number_text(self.analytic, ".4g"),
            number_text(self.numeric, ".4g"),
            number_text(self.error, ".1e"),
            number_text(self.tolerance, ".0e"),
            self.verdict,
        )


@dataclass(frozen=True)
class Report:
    """The rows of a gradient check, in the order of the inputs; true if none of them failed."""

    rows: tuple[Row, ...]

    @property
    def passed(self) -> bool:
        """Did every row pass?"""
        return all(row.passed for row in self.rows)

    def __bool__(self) -> bool:
        """The same as `passed`."""
        return self.passed

    def __str__(self) -> str:
        """The table, then a paragraph for every row that has a diagnosis, failures first."""
        return "\n\n".join([report_table(self.rows), *paragraphs(self.rows)])


def report_table(rows: tuple[Row, ...]) -> str:
    """The rows as aligned plain text under a header: words to the left, numbers to the right."""
    lines = [HEADER, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(HEADER))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if column in TEXT_COLUMNS else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def paragraphs(rows: tuple[Row, ...]) -> list[str]:
    """One paragraph for each different diagnosis, naming all the rows it holds for."""
    names: dict[tuple[bool, str, str], list[str]] = {}
    for row in sorted(rows, key=lambda row: row.passed):
        if row.diagnosis:
            worst = f" {row.worst}" if row.worst is not None and not row.passed else ""
            names.setdefault((row.passed, row.diagnosis, worst), []).append(row.name)
    return [
        f"{', '.join(who)} ({'note' if passed else 'FAIL'}): {text}.{worst}"
        for (passed, text, worst), who in names.items()
    ]


def shape_text(shape: tuple[int, ...]) -> str:
    """(3, 4) as '3x4', a single number as '()'."""
    return "x".join(map(str, shape)) if shape else "()"


def number_text(value: float, style: str) -> str:
    """A number in the given style; '-' for one that could not be computed, '0' for zero."""
    if math.isnan(value):
        return "-"
    return "0" if value == 0 else format(value, style)
