"""PyTorch and JAX play the iteration that minigan plays, on the same draws."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from minigan.bench.report import from_json

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["jax jit", "torch eager"])
def test_a_peer_agrees_with_the_reference_and_is_then_timed(name: str, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    wanted = ["--quick", "--only", "peers", "--peers", name, "--batches", "4", "--threads", "1"]
    command = [sys.executable, str(BENCHMARKS), *wanted, "--json", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    (table,) = from_json(file.read_text("utf-8")).tables
    assert len(table.rows) == 2 * (2 * 2 + 2)  # schedules; minigan and peer, drawn and given; limit
    for who, apart in zip(table.column("who"), table.column("max difference"), strict=True):
        if who in ("minigan", name):
            assert isinstance(apart, float)
            assert apart < 1e-3


def test_minigan_alone_is_timed_by_its_worker(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    wanted = ["--quick", "--only", "peers", "--peers", "minigan", "--batches", "4"]
    command = [sys.executable, str(BENCHMARKS), *wanted, "--json", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    (table,) = from_json(file.read_text("utf-8")).tables
    assert len(table.rows) == 2 * (2 + 2)
    assert all(table.column("check"))
