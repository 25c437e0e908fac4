"""A run that is interrupted at any moment reports it, and can be resumed without any loss."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import campaigns

SCRIPT = Path(__file__).parent / "interrupted.py"


def summary(part, trials):
    """Run this number of trials of a part, and return the counts of their results."""
    result = subprocess.run(
        [sys.executable, "-W", "error", SCRIPT, f"{part}={trials}", str(campaigns.seed())],
        capture_output=True,
        text=True,
        timeout=500,
    )
    assert result.stderr == ""
    counts = json.loads(result.stdout)
    assert counts["wrong"] == []
    return counts[part]


def test_a_run_stopped_at_a_random_moment_saves_its_last_iteration_and_goes_on():
    trials = campaigns.size(100, sample=25)
    one = summary("one", trials)
    assert one["130"] >= 0.3 * trials
    assert one["130"] + one["0"] == trials
    assert one["resumed exactly"] + one["refused in one sentence"] == trials


def test_a_second_ctrl_c_at_a_random_moment_loses_nothing():
    trials = campaigns.size(20, sample=5)
    second = summary("second", trials)
    assert second["130"] + second["0"] == trials


def test_a_second_signal_in_a_long_iteration_ends_the_run_at_once():
    trials = campaigns.size(8, sample=4)
    long = summary("long", trials)
    assert long["resumed exactly"] == long["left at once"] == trials
    assert (long["130"], long["-15"]) == (3 * trials // 4, trials // 4)  # SIGINT, SIGTERM


def test_a_request_to_terminate_at_a_random_moment_loses_nothing():
    trials = campaigns.size(10, sample=3)
    term = summary("term", trials)
    assert sum(term[status] for status in ("130", "0", "-15")) == trials


def test_a_run_that_is_stopped_while_it_is_judged_is_complete():
    trials = campaigns.size(10, sample=3)
    assert summary("judged", trials)["resumed exactly"] == trials


def test_a_sample_that_is_stopped_is_whole_or_not_there():
    trials = campaigns.size(20, sample=5)
    sample = summary("sample", trials)
    assert sample["130"] + sample["0"] == trials
