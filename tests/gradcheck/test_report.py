"""The report as text and as a truth value."""

import dataclasses
import math

import pytest

from minigan.gradcheck.report import Report, Row, Worst, number_text, report_table, shape_text

GOOD = Row("x", (4, 3), "complex step", 12, 12, 2.0, 2.0, 3e-17, 1e-10, "pass")
BAD = dataclasses.replace(
    GOOD,
    name="W",
    error=2.0,
    verdict="FAIL",
    diagnosis="wrong sign",
    worst=Worst((1, 2), 0.5, -0.5),
)
NONE = Row("m", (), "-", 0, 1, math.nan, math.nan, math.nan, math.nan, "not differentiated")
KINK = dataclasses.replace(GOOD, name="k", verdict="kink", diagnosis="a kink at 0")


def test_a_report_is_true_unless_a_row_failed():
    assert Report((GOOD, NONE, KINK))
    assert Report((GOOD, NONE, KINK)).passed
    assert not Report((GOOD, BAD))
    assert not Report((GOOD, BAD)).passed


def test_the_report_prints_an_aligned_table_then_paragraphs_with_failures_first():
    header, *lines = str(Report((GOOD, KINK, BAD, NONE))).splitlines()
    assert header == (
        "input  shape  method        entries  max|analytic|  max|numeric|  rel. error  tolerance"
        "  verdict"
    )
    numbers = "complex step       12              2             2"
    assert lines == [
        f"x      4x3    {numbers}     3.0e-17      1e-10  pass",
        f"k      4x3    {numbers}     3.0e-17      1e-10  kink",
        f"W      4x3    {numbers}     2.0e+00      1e-10  FAIL",
        "m      ()     -                   -              -             -           -          -"
        "  not differentiated",
        "",
        "W (FAIL): wrong sign. Worst: entry (1, 2), analytic 0.5, numeric -0.5.",
        "",
        "k (note): a kink at 0.",
    ]


def test_equal_diagnoses_share_a_paragraph():
    rows = [dataclasses.replace(BAD, name=name, worst=None) for name in "ab"]
    assert str(Report(tuple(rows))).endswith("\n\na, b (FAIL): wrong sign.")


def test_a_sampled_row_shows_how_many_entries_were_compared():
    assert "12/5000" in report_table((dataclasses.replace(GOOD, size=5000),))


def test_rows_are_immutable():
    with pytest.raises(dataclasses.FrozenInstanceError):
        GOOD.verdict = "FAIL"


def test_the_texts_of_cells():
    assert shape_text(()) == "()"
    assert shape_text((7,)) == "7"
    assert number_text(math.nan, ".1e") == "-"
    assert number_text(-0.0, ".1e") == "0"
    assert str(Worst((), 1.0, 2.0)) == "Worst: the only entry, analytic 1, numeric 2."
