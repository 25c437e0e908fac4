"""The list of slow tests names tests that exist, and is written from the times of a run."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from list_slow_tests import HEAD, LIST, read, seconds_of, slowest, written

TESTS = Path(__file__).resolve().parents[1]


def test_each_name_of_the_list_is_that_of_a_test():
    sources = (path.read_text(encoding="utf-8") for path in TESTS.rglob("test_*.py"))
    functions = {name for text in sources for name in re.findall(r"def (test_\w+)\(", text)}
    gone = set(read(LIST.read_text(encoding="utf-8"))) - functions
    assert gone == set(), "renamed or removed: correct the list, or run `nox -s slow_tests`"


def test_the_cases_of_a_function_are_added_and_the_rest_takes_no_longer_than_it_may():
    seconds = seconds_of(
        '<testsuites><testsuite><testcase classname="a" name="test_a[1]" time="2.5"/>'
        '<testcase classname="a" name="test_a[2]" time="1.5"/>'
        '<testcase classname="b" name="test_b" time="3"/>'
        '<testcase classname="b" name="test_c" time="1"/></testsuite></testsuites>'
    )
    assert seconds == Counter(test_a=4.0, test_b=3.0, test_c=1.0)
    assert slowest(seconds, rest=8) == []
    assert slowest(seconds, rest=4) == ["test_a"]
    assert slowest(seconds, rest=1) == ["test_a", "test_b"]
    assert slowest(seconds, rest=0.5) == ["test_a", "test_b", "test_c"]


def test_the_list_is_read_back_as_written_and_shares_are_kept():
    text = written(["test_b", "test_a"], {"test_b": 4, "test_c": 1, "test_d": 2})
    assert text == f"{HEAD}test_a\ntest_b 1/4\ntest_d 1/2\n"
    assert read(text) == {"test_a": 1, "test_b": 4, "test_d": 2}
