"""The parts of an iteration add up to the whole iteration."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "where_time_goes.py"
ALONE = ("the products alone", "the limit")


@pytest.mark.parametrize("schedule", ["algorithm1", "simultaneous"])
def test_the_parts_add_up_to_the_iteration(schedule: str) -> None:
    small = ["--schedule", schedule, "--m", "4", "--rounds", "1", "--threads", "1"]
    out = subprocess.run(
        [sys.executable, str(SCRIPT), *small], check=True, capture_output=True, text=True
    ).stdout
    rows = [line.strip("| ").split(" | ") for line in out.splitlines()[2:]]
    found = {part: float(milliseconds) for part, milliseconds in rows}
    whole = found.pop("the iteration")
    parts = {part: spent for part, spent in found.items() if part not in ALONE}
    assert sum(parts.values()) == pytest.approx(whole, abs=0.2)  # each is printed to 0.01 ms
    assert len(parts) == 16
    differences = ("biases", "the rest")  # of two times: an interrupted process may change the sign
    assert all(spent > 0 for part, spent in found.items() if part not in differences)
