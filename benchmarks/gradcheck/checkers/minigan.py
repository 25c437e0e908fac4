"""minigan.gradcheck.check."""

from __future__ import annotations

import inspect
from itertools import cycle
from typing import Any

from corpus.operation import Case

import minigan
from checkers.result import FloatingCase, Result, at_every_point
from minigan.gradcheck import check as gradcheck

VERSION = f"minigan {minigan.__version__}"


def check(case: Case) -> Result:
    """One call for all points if `check` draws points, else one call per point."""
    if case.points == 1 or "example" not in inspect.signature(gradcheck).parameters:
        return at_every_point(case, at_point)
    points = cycle(case.inputs())
    options: dict[str, Any] = {"example": lambda rng: next(points), "points": case.points}
    return result_of(gradcheck(case.forward, case.backward, **options))


def at_point(at: FloatingCase) -> Result:
    """The result of one point."""
    return result_of(gradcheck(at.case.forward, at.case.backward, *at.inputs))


def result_of(report: Any) -> Result:
    """The result that a report shows; inputs are blamed by rows that compared numbers."""
    failed = [row for row in report.rows if row.verdict == "FAIL"]
    unknown = any(row.verdict == "inconclusive" for row in report.rows)
    return Result(
        "failed" if failed else "inconclusive" if unknown or not report.passed else "passed",
        str(report),
        "\n".join(row.diagnosis for row in failed),
        tuple(row.name for row in failed if row.entries),
    )
