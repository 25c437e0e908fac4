"""A run that is interrupted, whenever that is, says so and goes on as if nothing had been."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "interrupted.py"


@pytest.fixture(scope="module")
def summary():
    """What happened in the trials of every part."""
    result = subprocess.run(
        [sys.executable, "-W", "error", SCRIPT], capture_output=True, text=True, timeout=500
    )
    assert result.stderr == ""
    return json.loads(result.stdout)


def wrong(summary, part):
    return [words for words in summary["wrong"] if words.startswith(f"{part} ")]


def test_of_100_runs_stopped_at_random_moments_each_saves_its_last_iteration_and_goes_on(summary):
    assert wrong(summary, "one") == []
    assert summary["one"]["130"] >= 30
    assert summary["one"]["130"] + summary["one"]["0"] == 100
    assert summary["one"]["resumed exactly"] + summary["one"]["refused in one sentence"] == 100


def test_a_second_ctrl_c_at_a_random_moment_loses_nothing(summary):
    assert wrong(summary, "second") == []
    assert summary["second"]["130"] + summary["second"]["0"] == 20


def test_a_second_signal_in_a_long_iteration_ends_the_run_at_once(summary):
    assert wrong(summary, "long") == []
    assert summary["long"]["resumed exactly"] == summary["long"]["left at once"] == 8
    assert (summary["long"]["130"], summary["long"]["-15"]) == (6, 2)  # SIGINT, SIGTERM


def test_a_request_to_terminate_at_a_random_moment_loses_nothing(summary):
    assert wrong(summary, "term") == []
    assert sum(summary["term"][status] for status in ("130", "0", "-15")) == 10


def test_a_run_that_is_stopped_while_it_is_judged_is_complete(summary):
    assert wrong(summary, "judged") == []
    assert summary["judged"]["resumed exactly"] == 10


def test_a_sample_that_is_stopped_is_whole_or_not_there(summary):
    assert wrong(summary, "sample") == []
    assert summary["sample"]["130"] + summary["sample"]["0"] == 20
