"""The report of a gradient check: one row per input, printed as a table with explanations.

    error = max_i |analytic_i - numeric_i| / max_i |numeric_i|        passed: error <= tolerance

The rows are computed in `verdict`; this module only formats them.
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
    """The entry with the largest error."""

    index: tuple[int, ...]
    analytic: float
    numeric: float

    def __str__(self) -> str:
        """One sentence with the index and both numbers."""
        where = f"entry {self.index}" if self.index else "the only entry"
        return f"Worst: {where}, analytic {self.analytic:.10g}, numeric {self.numeric:.10g}."


@dataclass(frozen=True)
class Row:
    """The result for one input. Numbers that could not be computed are NaN.

    `entries` of the `size` entries were compared one by one. `analytic` and `numeric` are the
    largest absolute entries of both gradients. `error` is relative to `numeric`, or to the
    resolution of a central difference divided by the tolerance if that is larger. `verdict` is
    "pass", "kink" (passed, at a point where forward has a kink), "FAIL" or "not differentiated".
    `diagnosis` explains a failure or adds a remark to a row that passed; it may be empty.
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
        """The texts of the table cells of this row."""
        sampled = f"{self.entries}/{self.size}" if self.entries else "-"
        entries = f"{self.entries}" if self.entries == self.size else sampled
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
    """The rows of a gradient check, in the order of the inputs. A report is true if all passed."""

    rows: tuple[Row, ...]

    @property
    def passed(self) -> bool:
        """True if every row passed."""
        return all(row.passed for row in self.rows)

    def __bool__(self) -> bool:
        """The same as `passed`."""
        return self.passed

    def __str__(self) -> str:
        """The table, then one paragraph per diagnosis, failures first."""
        return "\n\n".join([report_table(self.rows), *paragraphs(self.rows)])


def report_table(rows: tuple[Row, ...]) -> str:
    """The table as plain text: text columns are aligned left, numbers right."""
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
    """One paragraph per distinct diagnosis, with the names of all its rows."""
    names: dict[tuple[bool, str, str], list[str]] = {}
    for row in sorted(rows, key=lambda row: row.passed):
        if row.diagnosis:
            worst = f" {row.worst}" if row.worst is not None and not row.passed else ""
            names.setdefault((row.passed, row.diagnosis, worst), []).append(row.name)
    return [
        f"{', '.join(inputs)} ({'note' if passed else 'FAIL'}): {text}.{worst}"
        for (passed, text, worst), inputs in names.items()
    ]


def shape_text(shape: tuple[int, ...]) -> str:
    """'3x4' for (3, 4), '()' for a single number."""
    return "x".join(map(str, shape)) if shape else "()"


def number_text(value: float, style: str) -> str:
    """A number in the given format; '-' for NaN, '0' for zero."""
    if math.isnan(value):
        return "-"
    return "0" if value == 0 else format(value, style)
