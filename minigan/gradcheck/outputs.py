"""A report for other programs: as JSON, and as JUnit XML for continuous integration."""

from __future__ import annotations

import dataclasses
import json
import math
import xml.etree.ElementTree as ET
from typing import Any

import numpy as np

from minigan.gradcheck.layout import on_one_line
from minigan.gradcheck.report import Report, Row

MOST_ERRORS = 10_000  # entries of `errors` that JSON contains one by one
KINDS = {"FAIL": "failure", "inconclusive": "error", "not differentiated": "skipped"}  # of JUnit


def report_json(report: Report) -> str:
    """The report as one JSON object. Numbers that are not finite are null.

    It contains verdict, passed, seconds, points and rows; a row has the fields of `Row` and
    `passed`. `errors` is a nested list, or the number of compared entries and the largest error if
    the input has more than 10,000 entries.
    """
    result = {name: getattr(report, name) for name in ("verdict", "passed", "seconds", "points")}
    return json.dumps(
        _plain(result | {"rows": [*map(_row_object, report.rows)]}), indent=2, allow_nan=False
    )


def _row_object(row: Row) -> dict[str, Any]:
    result = dataclasses.asdict(row)
    if row.errors is not None and row.errors.size > MOST_ERRORS:
        known = row.errors[~np.isnan(row.errors)]
        result["errors"] = {"compared": known.size, "largest": np.max(known, initial=0.0)}
    return result | {"passed": row.passed}


def _plain(value: Any) -> Any:
    """Lists for tuples and arrays, Python's numbers for NumPy's, None for those not finite."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, (np.ndarray, np.generic)):
        value = value.tolist()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def report_junit(report: Report, suite: str) -> bytes:
    """The report as JUnit XML: a test case per row, in a test suite of this name.

    FAIL is a failure, inconclusive an error, and an input that is not differentiated is skipped.
    """
    suite, found = on_one_line(suite), [KINDS.get(row.verdict) for row in report.rows]
    counts = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    attributes = {name: str(found.count(kind)) for name, kind in counts.items()}
    attributes |= {"name": suite, "tests": str(len(found)), "time": f"{report.seconds:.3f}"}
    root = ET.Element("testsuites")
    tests = ET.SubElement(root, "testsuite", attributes)
    for row, kind in zip(report.rows, found, strict=True):
        case = ET.SubElement(tests, "testcase", classname=suite, name=on_one_line(row.name))
        if kind:
            message = on_one_line(row.diagnosis) or row.verdict
            ET.SubElement(case, kind, message=message).text = row.explanation(report.points)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))
