"""The plugin of pytest, in sessions of its own: fixture, marker, and what a failure shows."""

import configparser
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from minigan.gradcheck import checking

pytest_plugins = ["pytester"]

NAME = "minigan.gradcheck.pytest_plugin"
FUNCTIONS = """
import numpy as np
import pytest

def forward(x, W): return x @ W
def backward(dy, x, W): return dy @ W.T, x.T @ dy
def wrong(dy, x, W): return dy @ W.T, -x.T @ dy
x, W = np.arange(6.0).reshape(2, 3), np.ones((3, 2)) * [[1], [2], [3]]
"""


@pytest.fixture
def session(pytester, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")  # the summary shows whole messages
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # of this plugin in particular

    def session(text, *arguments):
        pytester.makepyfile(FUNCTIONS + text)
        plugins = ("-p", NAME, "-p", "no:cacheprovider")
        return pytester.runpytest(*plugins, "-W", "error", "--strict-markers", *arguments)

    return session


def test_a_correct_gradient_passes_and_the_report_is_returned(session):
    session(
        "def test(gradcheck): assert gradcheck(forward, backward, x, W).passed"
    ).assert_outcomes(passed=1)


def test_a_failure_shows_the_report_first_then_the_line_of_the_test(session):
    text = """
def helper(check): check(forward, wrong, x, W)
def test(gradcheck): helper(gradcheck)
"""
    result = session(text)
    result.assert_outcomes(failed=1)
    lines = result.outlines
    start = next(i for i, line in enumerate(lines) if line.startswith("____"))
    assert lines[start + 1] == "FAIL: dW is wrong; 1 of 2 gradients passes."
    assert lines[start + 3].split()[0] == "input"
    end = next(i for i, line in enumerate(lines) if "short test summary" in line)
    calls = [line.split(":", 2) for line in lines[end - 2 : end]]
    assert [call[1:] for call in calls] == [
        ["10", " def test(gradcheck): helper(gradcheck)"],
        ["9", " def helper(check): check(forward, wrong, x, W)"],
    ]  # fmt: skip
    assert lines[end + 1].endswith(" - FAIL: dW is wrong; 1 of 2 gradients passes.")
    assert "Traceback" not in result.stdout.str()
    assert "assert_gradients" not in result.stdout.str()


def test_the_options_of_the_closest_marker_win(session, monkeypatch):
    seen = []
    monkeypatch.setattr(checking, "check", lambda *_, **options: seen.append(options) or True)
    text = """
pytestmark = pytest.mark.gradcheck(tolerance=1e-3, seed=1)

@pytest.mark.gradcheck(seed=2, points=4)
def test_marked(gradcheck): gradcheck(forward, backward, x, W)

@pytest.mark.gradcheck(seed=2)
def test_called(gradcheck): gradcheck(forward, backward, x, W, seed=3)
"""
    session(text).assert_outcomes(passed=2)
    assert seen == [
        {"tolerance": 1e-3, "seed": 2, "points": 4},
        {"tolerance": 1e-3, "seed": 3},
    ]


def test_a_marker_without_keywords_is_an_error(session):
    result = session("@pytest.mark.gradcheck(1e-3)\ndef test(gradcheck): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*write the options of the marker gradcheck as keyword=value*"])


def test_assert_gradients_shows_the_same_and_other_errors_are_unchanged(session):
    text = """
from minigan.gradcheck import assert_gradients
def test_function(): assert_gradients(forward, wrong, x, W)
def test_other(): assert x.sum() == 3
"""
    result = session(text)
    result.assert_outcomes(failed=2)
    result.stdout.fnmatch_lines(["FAIL: dW is wrong*", "*test_function(): assert_gradients*"])
    result.stdout.fnmatch_lines([">*assert x.sum() == 3", "E *assert*15.0*"])


def test_an_expected_failure_is_no_failure(session):
    text = "@pytest.mark.xfail(strict=True)\ndef test(gradcheck): gradcheck(forward, wrong, x, W)"
    session(text).assert_outcomes(xfailed=1)


def test_the_report_is_in_junit_xml_and_passes_through_xdist(session, pytester):
    text = "def test(gradcheck): gradcheck(forward, wrong, x, W)"
    result = session(text, "-p", "xdist", "-n", "1", "--junit-xml=out.xml")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["FAIL: dW is wrong*", "*wrong sign*", "*:8: *"])
    assert "FAIL: dW is wrong" in Path(pytester.path, "out.xml").read_text()


def test_the_place_of_the_failure_is_known_to_pytest(session):
    text = "def test(gradcheck): gradcheck(forward, wrong, x, W)"
    result = session(text, "--tb=line")
    result.stdout.fnmatch_lines(["*.py:8: FAIL: dW is wrong; 1 of 2 gradients passes."])


def test_colours_are_those_of_the_session(session):
    text = "def test(gradcheck): gradcheck(forward, wrong, x, W)"
    assert "\x1b[1;31mFAIL\x1b[0m: dW" in session(text, "--color=yes").stdout.str()
    assert "\x1b" not in session(text, "--color=no").stdout.str()


def test_the_help_of_pytest_describes_fixture_and_marker(session):
    assert "options of the fixture gradcheck" in session("", "--markers").stdout.str()
    shown = session("", "--fixtures").stdout.str()
    assert "Check gradients: gradcheck(forward, backward, x, W)." in shown


def test_the_plugin_imports_neither_numpy_nor_the_checker():
    code = (
        f"import sys, {NAME}; assert 'numpy' not in sys.modules; "
        "print(sorted(name for name in sys.modules if name.startswith('minigan')))"
    )
    said = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert said.stdout.strip() == str(["minigan", "minigan.gradcheck", NAME])


def test_the_entry_point_is_the_plugin():
    config = configparser.ConfigParser()
    config.read(Path(__file__).parents[2] / "setup.cfg", encoding="utf-8")
    plugin = config["options.entry_points"]["pytest11"].strip()
    assert plugin == f"minigan = {NAME}"
    assert hasattr(importlib.import_module(NAME), "gradcheck")
