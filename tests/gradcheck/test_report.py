"""The report as text and as a truth value."""

import dataclasses
import math

import pytest

from minigan.gradcheck.report import Report, Row, Worst, number_text, report_table, shape_text

NAN = math.nan
GOOD = Row("x", (4, 3), "complex step", 12, 12, 2.0, 2.0, 3e-17, 1e-10, "pass")
BAD = dataclasses.replace(
    GOOD,
    name="W",
    error=2.0,
    verdict="FAIL",
    diagnosis="wrong sign",
    worst=Worst((1, 2), 0.5, -0.5, 1e-12),
    cosine=-1.0,
)
NONE = Row("m", (), "-", 0, 1, NAN, NAN, NAN, NAN, "not differentiated")
KINK = dataclasses.replace(GOOD, name="k", verdict="kink", diagnosis="a kink at 0")
VAGUE = dataclasses.replace(
    BAD, name="v", verdict="inconclusive", diagnosis="forward is too noisy", worst=None, cosine=NAN
)


def named(row, *names):
    return tuple(dataclasses.replace(row, name=name) for name in names)


def first_line(*rows, points=1):
    return str(Report(rows, points)).partition("\n\n")[0]


def test_a_report_is_true_if_every_row_passed():
    for rows, verdict in (
        ((GOOD, NONE, KINK), "pass"),
        ((GOOD, BAD, VAGUE), "FAIL"),
        ((GOOD, VAGUE), "inconclusive"),
        ((), "pass"),
    ):
        report = Report(rows)
        assert report.verdict == verdict
        assert report.passed == bool(report) == (verdict == "pass")


def test_the_first_line_is_the_verdict():
    rows = named(GOOD, "x", "b"), named(BAD, "W")
    assert first_line(*rows[0], *rows[1]) == "FAIL: dW is wrong; 2 of 3 gradients pass."
    assert first_line(GOOD, BAD, *named(BAD, "b"), NONE) == (
        "FAIL: dW and db are wrong; 1 of 3 gradients passes."
    )
    assert first_line(BAD) == "FAIL: dW is wrong."
    assert first_line(*named(BAD, *"abcdef")) == (
        "FAIL: da, db, dc and 3 others are wrong; 0 of 6 gradients pass."
    )
    assert first_line(GOOD, BAD, VAGUE) == (
        "FAIL: dW is wrong; 1 of 3 gradients passes, 1 is inconclusive."
    )
    assert first_line(GOOD, VAGUE) == ("inconclusive: dv is not verified; 1 of 2 gradients passes.")
    assert first_line(GOOD, KINK, dataclasses.replace(GOOD, error=2.14e-15), points=3) == (
        "pass: 3 gradients at 3 points, largest error 2.1e-15."
    )
    assert first_line(GOOD, NONE) == "pass: 1 gradient at 1 point, largest error 3.0e-17."
    assert first_line(*named(BAD, "params['W']", "a" * 40)) == (
        f"FAIL: d(params['W']) and d({'a' * 11}...{'a' * 10}) are wrong; 0 of 2 gradients\npass."
    )


def test_the_table_is_followed_by_paragraphs_with_failures_first():
    header, *lines = str(Report((GOOD, KINK, VAGUE, BAD, NONE))).splitlines()[2:]
    assert header == "input  shape  method   entries  numeric    error  tolerance  verdict"
    numbers = "complex       12        2"
    assert lines == [
        f"x      4x3    {numbers}  3.0e-17      1e-10  pass",
        f"k      4x3    {numbers}  3.0e-17      1e-10  kink",
        f"v      4x3    {numbers}  2.0e+00      1e-10  inconclusive",
        f"W      4x3    {numbers}  2.0e+00      1e-10  FAIL",
        "m      ()     -              -        -        -          -  not differentiated",
        "",
        "FAIL for W: wrong sign. Worst: entry (1, 2), analytic 0.5, numeric -0.5 (error",
        "bound 1.0e-12). 1 - cosine = 2.",
        "",
        "inconclusive for v: forward is too noisy.",
        "",
        "note for k: a kink at 0.",
    ]


def test_the_point_of_a_row_is_shown_if_there_are_several():
    row = dataclasses.replace(BAD, point=1)
    assert "point" not in str(Report((row,)))
    header, line, _, *paragraph = str(Report((row,), points=3)).splitlines()[2:]
    assert dict(zip(header.split(), line.split(), strict=True))["point"] == "2"
    assert " ".join(paragraph).endswith("1 - cosine = 2. Point 2 of 3, shape 4x3.")


def test_a_cosine_that_rounds_to_1_is_not_printed():
    row = dataclasses.replace(BAD, cosine=1.0)
    assert "cosine" not in row.explanation()
    assert dataclasses.replace(BAD, cosine=0.75).explanation().endswith("1 - cosine = 0.25.")


def test_a_failure_without_a_diagnosis_has_its_numbers():
    assert "FAIL for W: Worst: entry" in str(Report((dataclasses.replace(BAD, diagnosis=""),)))


def test_equal_diagnoses_share_a_paragraph():
    rows = named(VAGUE, "a", "b")
    assert str(Report(rows)).endswith("\n\ninconclusive for a, b: forward is too noisy.")


def test_a_sampled_row_shows_how_many_entries_were_compared():
    sampled = dataclasses.replace(GOOD, entries=352, size=18816, directions=16)
    assert " 352/18816 + 16 dense " in report_table((sampled,))


def test_long_names_are_whole_in_the_paragraph_and_no_line_is_wider_than_80():
    name = "params['" + "W" * 150 + "']"
    text = str(Report((dataclasses.replace(BAD, name=name),), points=2))
    assert max(map(len, text.splitlines())) <= 80
    assert name in text.replace("\n", "")


def test_control_characters_are_escaped():
    row = dataclasses.replace(BAD, name="a\nb\x1b[2J", diagnosis="line\r\n\x07")
    text = str(Report((row,)))
    assert all(c.isprintable() for c in text.replace("\n", ""))
    assert r"a\nb\x1b[2J" in text
    assert r"line\r\n\x07" in text


def test_colours_are_there_only_if_asked_for():
    report = Report((GOOD, BAD, KINK, VAGUE))
    plain, coloured = str(report), report.text(color=True)
    assert "\x1b" not in plain
    assert coloured.startswith("\x1b[1;31mFAIL\x1b[0m: dW")
    codes = ("\x1b[1;31m", "\x1b[33m", "\x1b[32m", "\x1b[0m")
    for code in codes:
        assert code in coloured
        coloured = coloured.replace(code, "")
    assert coloured == plain


def test_rows_are_immutable():
    with pytest.raises(dataclasses.FrozenInstanceError):
        GOOD.verdict = "FAIL"


def test_the_texts_of_cells():
    assert shape_text(()) == "()"
    assert shape_text((7,)) == "7"
    assert number_text(math.nan, ".1e") == "-"
    assert number_text(-0.0, ".1e") == "0"
    assert str(Worst((), 1.0, 2.0)) == "Worst: the only entry, analytic 1, numeric 2."
