"""`minigan gradcheck`: the gradients of minigan, and of a Python file."""

from __future__ import annotations

import argparse
import dataclasses
import io
import json
import re
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from refused import refused

from minigan import cli, gradcheck, selfcheck
from minigan.cli import commands
from minigan.gradcheck import file_check
from minigan.gradcheck.report import Report, Row

GRADCHECKED = """
import numpy as np

def forward(x, W):
    return x @ W

def backward(dy, x, W):
    return dy @ W.T, {factor} * x.T @ dy

def example():
    return np.ones((2, 3)) * [[1], [2]], np.arange(6.0).reshape(3, 2)
"""
ROW = Row("x", (2,), "complex step", 2, 2, 1.0, 1.0, 1e-16, 1e-10, "pass", errors=np.zeros(2))
PASS = Report((ROW,), seconds=0.5)
FAIL = Report((dataclasses.replace(ROW, verdict="FAIL"),))


@pytest.fixture
def checked(monkeypatch):
    """check_file is replaced: it returns the first report of the list and keeps its arguments."""
    reports, calls = [PASS], []

    def check_file(*arguments, **options):
        calls.append((arguments, options))
        print("output of the file")
        return reports[0]

    monkeypatch.setattr(gradcheck, "check_file", check_file)
    return reports, calls


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def of_minigan(every_gradient, monkeypatch):
    """check_all is replaced: it returns the report that all tests share."""
    monkeypatch.setattr(selfcheck, "check_all", lambda: every_gradient)


@pytest.mark.usefixtures("of_minigan")
def test_without_a_file_every_gradient_of_minigan_is_checked(capsys):
    assert cli.main(["gradcheck"]) == 0
    out = capsys.readouterr().out
    for name in ("linear: W", "maxout: x", "V: a_real", "D step, V: linear1.W", "simultaneous"):
        assert name in out
    assert "FAIL" not in out
    assert out.startswith("pass: 136 gradients")
    assert max(map(len, out.splitlines())) <= 80


def test_a_file_passes_fails_or_is_refused_with_the_reason(capsys, tmp_path, monkeypatch):
    monkeypatch.setattr(
        file_check, "check", lambda f, b, example, **_: gradcheck.check(f, b, *example())
    )
    (tmp_path / "right.py").write_text(GRADCHECKED.format(factor="1"))
    (tmp_path / "wrong.py").write_text(GRADCHECKED.format(factor="-1"))
    (tmp_path / "broken.py").write_text("def forward(")
    assert cli.main(["gradcheck", "right.py"]) == 0
    assert cli.main(["gradcheck", "wrong.py"]) == 1
    assert "wrong sign" in capsys.readouterr().out
    assert "line 1" in refused(capsys, ["gradcheck", "broken.py"])
    assert "no such file" in refused(capsys, ["gradcheck", "missing.py"])


def test_every_option_reaches_the_check(checked):
    _, calls = checked
    assert cli.main(["gradcheck", "a.py"]) == 0
    words = "--tolerance 1e-3 --seed 7 --points 5 --max-seconds .5 --constant y --constant m"
    assert cli.main(["gradcheck", "a.py", *words.split()]) == 0
    options = {
        "tolerance": 1e-3,
        "seed": 7,
        "points": 5,
        "max_seconds": 0.5,
        "constant": ["y", "m"],
    }
    assert calls == [
        ((Path("a.py"),), {"quiet": True}),
        ((Path("a.py"),), {**options, "quiet": True}),
    ]


@pytest.mark.parametrize("verdict", ["FAIL", "inconclusive"])
def test_the_exit_status_is_1_unless_every_row_passed(checked, verdict):
    checked[0][0] = Report((ROW, dataclasses.replace(ROW, verdict=verdict)))
    assert cli.main(["gradcheck", "a.py"]) == 1


def test_the_report_is_written_in_each_format(checked, capsys):
    checked[0][0] = FAIL
    outputs = ["--json", "r.json", "--junit", "r.xml", "--plot", "r.png"]
    assert cli.main(["gradcheck", "a.py", *outputs]) == 1
    assert "FAIL: dx is wrong" in capsys.readouterr().out
    assert json.loads(Path("r.json").read_text())["verdict"] == "FAIL"
    assert ET.parse("r.xml").getroot()[0].get("name") == "minigan gradcheck a.py"
    with Image.open("r.png") as picture:
        assert picture.format == "PNG"


def test_json_to_standard_output_is_nothing_but_json(checked, capsys):
    assert cli.main(["gradcheck", "a.py", "--json", "-"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["rows"][0]["name"] == "x"
    assert err == "output of the file\n"


@pytest.mark.usefixtures("of_minigan")
def test_the_gradients_of_minigan_have_outputs_too(capsys):
    assert cli.main(["gradcheck", "--json", "-", "--junit", "r.xml"]) == 0
    assert len(json.loads(capsys.readouterr().out)["rows"]) == 136
    assert ET.parse("r.xml").getroot()[0].get("name") == "minigan gradcheck"


def test_colours_and_progress_are_for_terminals_only(checked, monkeypatch):
    def output(no_color):
        monkeypatch.setenv("NO_COLOR", no_color)
        monkeypatch.setattr(sys, "stdout", Terminal())
        assert cli.main(["gradcheck", "a.py"]) == 0
        return sys.stdout.getvalue()

    assert "\x1b[32mpass\x1b[0m: 1" in output("")
    assert "\x1b" not in output("1")
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert "\x1b" in output("")
    assert [options["quiet"] for _, options in checked[1]] == [True, True, False]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--tolerance 0", "argument --tolerance: '0' is not a positive number"),
        ("--tolerance nan", "argument --tolerance: 'nan' is not a positive number"),
        ("--max-seconds inf", "argument --max-seconds: 'inf' is not a positive number"),
        ("--max-seconds x", "argument --max-seconds: 'x' is not a positive number"),
        ("--points 0", "argument --points: '0' is not a whole number from 1"),
        ("--seed -1", "argument --seed"),
        ("--plot a.svg", "a.svg must end in .png"),
        ("--plot none/a.png", "none/a.png cannot be written: the folder none does not exist"),
        ("--json none/a", "none/a cannot be written: the folder none does not exist"),
        ("--junit ./a.py", "a.py is the file to check: write --junit to another file"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_computed(checked, capsys, words, message):
    assert message in refused(capsys, ["gradcheck", "a.py", *words.split()])
    assert checked[1] == []


@pytest.mark.parametrize(
    "word", ["--tolerance", "--seed", "--points", "--max-seconds", "--constant"]
)
def test_an_option_of_a_file_needs_a_file(capsys, word):
    assert f"{word} needs FILE" in refused(capsys, ["gradcheck", word, "1"])


def test_the_example_of_the_help_is_correct_and_the_help_is_80_columns_wide(tmp_path):
    (choices,) = (
        action.choices
        for action in commands.parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    text = choices["gradcheck"].format_help()
    assert max(map(len, text.splitlines())) <= 80
    example = re.sub("(?m)^  ", "", text.partition("example of a FILE:")[2])
    names: dict[str, object] = {}
    exec(example, names)
    inputs = names["example"](np.random.default_rng(0))
    assert gradcheck.check(names["forward"], names["backward"], *inputs).passed
