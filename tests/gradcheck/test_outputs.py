"""A report as strict JSON and as JUnit XML."""

import dataclasses
import json
import math
import xml.etree.ElementTree as ET

import numpy as np
import pytest

from minigan.gradcheck.outputs import report_json, report_junit
from minigan.gradcheck.report import Report, Row, Worst

NAN, INF = math.nan, math.inf
GOOD = Row("x", (2, 1), "complex step", 2, 2, 2.0, 2.0, 3e-17, 1e-10, "pass")
BAD = dataclasses.replace(
    GOOD,
    name="W",
    verdict="FAIL",
    error=INF,
    diagnosis="wrong sign",
    worst=Worst((np.int64(1), 0), np.float64(0.5), NAN),
    errors=np.array([[0.5], [NAN]]),
)
VAGUE = dataclasses.replace(GOOD, name="v", verdict="inconclusive", diagnosis="noisy")
NONE = Row("m", (), "-", 0, 1, NAN, NAN, NAN, NAN, "not differentiated")
STRANGE = "a\0b\x1b<&>\"'\n\ud800\ufffe]]>"


def strict(text):
    def refuse(constant):
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_the_json_has_every_field():
    found = strict(report_json(Report((GOOD, BAD), points=3, seconds=0.25)))
    rows = found.pop("rows")
    assert found == {"verdict": "FAIL", "passed": False, "seconds": 0.25, "points": 3}
    fields = {field.name for field in dataclasses.fields(Row)}
    assert set(rows[0]) == set(rows[1]) == fields | {"passed"}
    assert rows[0] == json.loads(json.dumps(dataclasses.asdict(GOOD))) | {
        "cosine": None,
        "passed": True,
    }
    assert (rows[1]["error"], rows[1]["errors"]) == (None, [[0.5], [None]])
    worst = {"index": [1, 0], "analytic": 0.5, "numeric": None, "bound": 0.0}
    assert (rows[1]["worst"], rows[1]["passed"]) == (worst, False)


def test_many_errors_are_summarized():
    errors = np.full((100, 100), NAN)
    errors[0, :5], errors[3, 3] = 1e-9, 0.25
    (row,) = strict(report_json(Report((dataclasses.replace(BAD, errors=errors),))))["rows"]
    assert np.shape(row["errors"]) == (100, 100)
    errors = np.append(errors, NAN)
    (row,) = strict(report_json(Report((dataclasses.replace(BAD, errors=errors),))))["rows"]
    assert row["errors"] == {"compared": 6, "largest": 0.25}


def test_the_junit_has_a_case_per_row():
    root = ET.fromstring(report_junit(Report((GOOD, BAD, VAGUE, NONE), 2, 1.5), "my.py"))
    (suite,) = root
    assert (root.tag, suite.tag) == ("testsuites", "testsuite")
    assert suite.attrib == {
        "name": "my.py", "tests": "4", "failures": "1", "errors": "1", "skipped": "1",
        "time": "1.500",
    }  # fmt: skip
    assert [(case.get("classname"), case.get("name")) for case in suite] == [
        ("my.py", name) for name in "xWvm"
    ]
    assert [[child.tag for child in case] for case in suite] == [
        [], ["failure"], ["error"], ["skipped"]
    ]  # fmt: skip
    assert suite[1][0].get("message") == "wrong sign"
    assert suite[1][0].text.startswith("wrong sign. Worst: entry")
    assert suite[3][0].get("message") == "not differentiated"


@pytest.mark.parametrize("text", [STRANGE, "", "é入力"])
def test_no_name_breaks_the_xml_or_the_json(text):
    report = Report((dataclasses.replace(BAD, name=text, diagnosis=text),))
    (case,) = ET.fromstring(report_junit(report, text))[0]
    assert strict(report_json(report))["rows"][0]["name"] == text
    if text == STRANGE:
        escaped = r"a\x00b\x1b<&>" + "\"'" + r"\n\ud800\ufffe]]>"
        assert (case.get("name"), case[0].get("message")) == (escaped, escaped)
    else:
        assert (case.get("name"), case.get("classname")) == (text, text)
