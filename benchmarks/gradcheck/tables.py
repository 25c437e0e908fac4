"""Markdown tables of the verdicts, and lists of the cases that a checker gets wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import judge

Verdicts = Mapping[str, Mapping[str, Any]]  # name of a case -> its record
COMMAND = "python benchmarks/gradcheck --case"
BAD = {
    "bugs": ("missed", "inconclusive", "no basis", "no answer"),
    "right": ("blamed", "inconclusive", "error", "no answer"),
}


def markdown(part: str, report: Mapping[str, Any]) -> str:
    """The table of one part ("bugs" or "right"), the versions, and the cases that went wrong.

    `report` has for each checker {"version", "cases"}, or {"missing"} if it is not installed.
    """
    cases = {name: found["cases"] for name, found in report.items() if "cases" in found}
    table = bug_table(cases) if part == "bugs" else right_table(cases)
    versions = [found["version"] for found in report.values() if "version" in found]
    missing = [f"{name} is not installed" for name, found in report.items() if "missing" in found]
    lines = [*table, "", "; ".join([", ".join(versions), *missing]) + "."]
    for checker, records in cases.items():
        for verdict in BAD[part]:
            lines += named(checker, verdict, of(records, "verdict", verdict))
        lines += false_diagnoses(checker, records)
        lines += named(checker, "diagnosis not helpful", of(records, "diagnosis", "right"))
    return "\n".join(lines)


def of(records: Verdicts, key: str, value: str) -> list[str]:
    """The names whose record has this value."""
    return [name for name, record in records.items() if record[key] == value]


def bug_table(cases: Mapping[str, Verdicts]) -> list[str]:
    """One row per checker: verdicts, diagnoses and time for the planted bugs."""
    total = max(map(len, cases.values()), default=0)
    rows = [[f"{total} bugs", *headings(judge.OF_BUGS), "true", "helpful", "s"]]
    for checker, records in cases.items():
        kinds = Counter(record["diagnosis"].partition(":")[0] for record in records.values())
        diagnoses = [kinds["right"] + kinds["helpful"], kinds["helpful"]]
        shown = diagnoses if any(kinds[kind] for kind in kinds if kind) else ["-", "-"]
        rows.append([checker, *counts(records, judge.OF_BUGS), *shown, seconds(records)])
    return aligned(rows)


def right_table(cases: Mapping[str, Verdicts]) -> list[str]:
    """One row per checker: verdicts and time for the right gradients."""
    total = max(map(len, cases.values()), default=0)
    rows = [[f"{total} right gradients", *headings(judge.OF_RIGHT), "s"]]
    for checker, records in cases.items():
        rows.append([checker, *counts(records, judge.OF_RIGHT), seconds(records)])
    return aligned(rows)


def headings(verdicts: Sequence[str]) -> list[str]:
    """The verdicts as headings of columns; two have shorter names, so that tables stay narrow."""
    return [{"inconclusive": "unsure", "no answer": "crash"}.get(name, name) for name in verdicts]


def counts(records: Verdicts, kinds: Sequence[str]) -> list[int]:
    """The number of cases with each verdict."""
    found = Counter(record["verdict"] for record in records.values())
    return [found[kind] for kind in kinds]


def seconds(records: Verdicts) -> str:
    """The total time."""
    return f"{sum(record['seconds'] for record in records.values()):.0f}"


def aligned(rows: Sequence[Sequence[Any]]) -> list[str]:
    """A Markdown table with columns of equal width; the first is aligned left."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [
        "| "
        + " | ".join(
            cell.rjust(width) if i else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        + " |"
        for row in cells
    ]
    rule = ["-" * (width + 1) + ":" if i else "-" * (width + 2) for i, width in enumerate(widths)]
    return [lines[0], f"|{'|'.join(rule)}|", *lines[1:]]


def named(checker: str, verdict: str, names: Sequence[str]) -> list[str]:
    """The names of cases, and the command that reproduces the first; nothing if there is none."""
    if not names:
        return []
    command = f"{COMMAND} {names[0]} --tools {checker}"
    return [
        f"\n{checker}, {verdict} ({len(names)}):\n\n    {command}\n",
        *map("- {}".format, names),
    ]


def false_diagnoses(checker: str, records: Verdicts) -> list[str]:
    """The false diagnoses, each with what is false."""
    false = {n: r["diagnosis"] for n, r in records.items() if r["diagnosis"].startswith("false")}
    lines = named(checker, "diagnosis false", list(false))
    return [*lines[:1], *(f"- {name}: {text[7:]}" for name, text in false.items())]
