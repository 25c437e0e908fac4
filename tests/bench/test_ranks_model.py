"""The model of many ranks: its formula at a few points, and the table of the page."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "benchmarks" / "ranks_model.py"
spec = importlib.util.spec_from_file_location("ranks_model", SCRIPT)
assert spec is not None
assert spec.loader is not None
model = importlib.util.module_from_spec(spec)
sys.modules["ranks_model"] = model  # for its dataclasses
spec.loader.exec_module(model)

CONSTANTS = model.Constants(F=10.0, L=0.5, R=4.0, S=3.0, M=6.0)
ONE = model.Iteration(W=1000.0, U=2, B=8.0, m=6)


def test_one_rank_has_its_work_and_its_own_readings_of_theta():
    assert model.seconds(ONE, 1, CONSTANTS) == 1000 / 10 + 2 * 3 * 8 / 6


def test_more_ranks_share_the_work_and_send_messages_and_bytes():
    # 4 ranks: 6 messages and 1.5 x 8 bytes for each of 2 sums
    expected = 1000 / 40 + 2 * 6 * 0.5 + 2 * 1.5 * 8 / 4 + 2 * 3 * 8 / 6
    assert model.seconds(ONE, 4, CONSTANTS) == pytest.approx(expected)
    with pytest.raises(ValueError, match="P must be 1 to 6, not 7"):
        model.seconds(ONE, 7, CONSTANTS)


def test_the_best_number_of_ranks_has_the_shortest_time():
    slow_network = model.Constants(F=10.0, L=5.0, R=4.0, S=3.0, M=6.0)
    times = [model.seconds(ONE, P, slow_network) for P in range(1, 7)]
    assert model.best(ONE, slow_network) == 1 + times.index(min(times)) == 2
    useful = [P for P in range(1, 7) if times[0] / times[P - 1] >= P / 2]
    assert model.pays_up_to(ONE, slow_network) == max(useful) == 2


def test_a_recipe_has_its_flop_updates_and_bytes():
    one = model.iteration_of("cifar10-fc-2014", 100)
    assert (one.U, one.m) == (2, 100)
    assert pytest.approx(96e9, rel=0.01) == one.W  # as the page on performance says


def test_the_page_has_the_table_of_the_model():
    out = subprocess.run(
        [sys.executable, str(SCRIPT)], check=True, capture_output=True, text=True
    ).stdout
    page = (ROOT / "docs" / "many-machines.md").read_text(encoding="utf-8")
    assert out.strip() in page
    for name, value in vars(model.Constants()).items():
        assert f"| {name} | {value:g} |" in page
