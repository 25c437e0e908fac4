"""The report of a gradient check: the verdict in one sentence, a table, and explanations.

    error = max_i |analytic_i - numeric_i| / max_i |numeric_i|        passed: error <= tolerance

The rows are computed in `verdict`; this module only writes them, 80 columns wide at most.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from minigan.arrays import Array
from minigan.gradcheck.layout import counted, listed, on_one_line, shortened, table_text, wrapped

Verdict = Literal["pass", "kink", "FAIL", "inconclusive", "not differentiated"]
PROBLEMS = ("FAIL", "inconclusive")


@dataclass(frozen=True)
class Worst:
    """The entry with the largest error. `bound` is the error bound of `numeric`."""

    index: tuple[int, ...]
    analytic: float
    numeric: float
    bound: float = 0.0

    def __str__(self) -> str:
        """One sentence with the index and the numbers."""
        where = f"entry {self.index}" if self.index else "the only entry"
        bound = f" (error bound {self.bound:.1e})" if self.bound else ""
        return f"Worst: {where}, analytic {self.analytic:.10g}, numeric {self.numeric:.10g}{bound}."


@dataclass(frozen=True)
class Row:
    """The result for one input. Numbers that could not be computed are NaN.

    `entries` of the `size` entries were compared one by one, and all of them together along
    `directions` dense directions. `analytic` and `numeric` are the largest absolute entries of both
    gradients. `error` and `resolution`, the largest error bound of the numeric derivatives, are
    relative to `numeric`. `verdict` is "pass", "kink" (passed, at a point where forward has a
    kink), "FAIL", "inconclusive" (no method is accurate enough) or "not differentiated".
    `diagnosis` explains a failure or adds a remark to a row that passed; it may be empty. `point`
    is the number of the point that the row shows, counted from 0. `cosine` is that of the angle
    between the two gradients. `errors` has the shape of the input: |analytic - numeric| relative
    to `numeric`, and NaN where entries were not compared.
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
    resolution: float = 0.0
    directions: int = 0
    point: int = 0
    cosine: float = math.nan
    errors: Array | None = field(default=None, compare=False, repr=False)

    @property
    def passed(self) -> bool:
        """True unless the verdict is FAIL or inconclusive."""
        return self.verdict not in PROBLEMS

    def cells(self, points: int = 1) -> dict[str, str]:
        """The texts of the table cells of this row, by column."""
        sampled = f"{self.entries}/{self.size}" if self.entries else "-"
        entries = f"{self.entries}" if self.entries == self.size else sampled
        return {
            "input": on_one_line(self.name),
            "shape": shape_text(self.shape),
            **({"point": str(self.point + 1)} if points > 1 else {}),
            "method": self.method.partition(" ")[0],
            "entries": entries + (f" + {self.directions} dense" if self.directions else ""),
            "analytic": number_text(self.analytic, ".4g"),
            "numeric": number_text(self.numeric, ".4g"),
            "error": number_text(self.error, ".1e"),
            "tolerance": number_text(self.tolerance, ".0e"),
            "verdict": self.verdict,
        }

    def explanation(self, points: int = 1) -> str:
        """The diagnosis and, after a failure, the worst entry, the cosine and the point."""
        found = [f"{on_one_line(self.diagnosis).rstrip('.')}."] if self.diagnosis else []
        if not self.passed:
            if self.worst is not None:
                found.append(str(self.worst))
            if self.cosine < 1:
                found.append(f"1 - cosine = {1 - self.cosine:.2g}.")
            if points > 1:
                shape = shape_text(self.shape)
                found.append(f"Point {self.point + 1} of {points}, shape {shape}.")
        return " ".join(found)


@dataclass(frozen=True)
class Report:
    """The rows of a gradient check, in the order of the inputs. A report is true if all passed.

    `points` is the number of points that were checked; each row shows the worst one.
    """

    rows: tuple[Row, ...]
    points: int = 1
    seconds: float = field(default=0.0, compare=False)

    @property
    def passed(self) -> bool:
        """True if every row passed."""
        return all(row.passed for row in self.rows)

    @property
    def verdict(self) -> Verdict:
        """ "FAIL" if a row failed, else "inconclusive" if a row is, else "pass"."""
        verdicts = {row.verdict for row in self.rows}
        return "FAIL" if "FAIL" in verdicts else "pass" if self.passed else "inconclusive"

    def __bool__(self) -> bool:
        """The same as `passed`."""
        return self.passed

    def __str__(self) -> str:
        """The text without colours."""
        return self.text()

    def text(self, color: bool = False) -> str:
        """The verdict, the table, and one paragraph per diagnosis, failures first."""
        blocks = [verdict_sentence(self, color), report_table(self.rows, self.points, color)]
        return "\n\n".join(filter(None, [*blocks, *paragraphs(self, color)]))


def verdict_sentence(report: Report, color: bool = False) -> str:
    """For example 'FAIL: dW is wrong; 2 of 3 gradients pass.'"""
    verdict = report.verdict
    compared = [row for row in report.rows if row.verdict != "not differentiated"]
    if verdict == "pass":
        errors = [row.error for row in compared if not math.isnan(row.error)]
        largest = f", largest error {max(errors):.1e}" if errors else ""
        found = f"{counted(len(compared), 'gradient')} at {counted(report.points, 'point')}"
        return wrapped(f"pass: {found}{largest}.", verdict, color)
    names = [gradient_name(row.name) for row in compared if row.verdict == verdict]
    several, passed = len(names) > 1, sum(row.passed for row in compared)
    problem = "wrong" if verdict == "FAIL" else "not verified"
    found = f"{listed(names)} {'are' if several else 'is'} {problem}"
    if len(compared) > 1:
        found += f"; {passed} of {len(compared)} gradients {'passes' if passed == 1 else 'pass'}"
    if rest := len(compared) - passed - len(names):
        found += f", {rest} {'is' if rest == 1 else 'are'} inconclusive"
    return wrapped(f"{verdict}: {found}.", verdict, color)


def report_table(rows: Sequence[Row], points: int = 1, color: bool = False) -> str:
    """The table as plain text, at most 80 columns wide."""
    return table_text([row.cells(points) for row in rows], color) if rows else ""


def paragraphs(report: Report, color: bool = False) -> list[str]:
    """One paragraph per distinct explanation, with the names of all its rows."""
    names: dict[tuple[str, str], list[str]] = {}
    for kind in (*PROBLEMS, "note"):
        for row in report.rows:
            text = row.explanation(report.points)
            if text and kind == ("note" if row.passed else row.verdict):
                names.setdefault((kind, text), []).append(on_one_line(row.name))
    return [
        wrapped(f"{kind} for {', '.join(inputs)}: {text}", kind, color)
        for (kind, text), inputs in names.items()
    ]


def gradient_name(name: str) -> str:
    """'dW' for the input W, 'd(params[0])' for the input params[0]."""
    name = shortened(on_one_line(name), 24)
    return f"d{name}" if name.isidentifier() else f"d({name})"


def shape_text(shape: tuple[int, ...]) -> str:
    """'3x4' for (3, 4), '()' for a single number."""
    return "x".join(map(str, shape)) if shape else "()"


def number_text(value: float, style: str) -> str:
    """A number in the given format; '-' for NaN, '0' for zero."""
    if math.isnan(value):
        return "-"
    return "0" if value == 0 else format(value, style)
