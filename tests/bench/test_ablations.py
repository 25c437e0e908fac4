"""Every ablation computes the same iteration: it is verified, then timed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.bench import tables

ABLATIONS = Path(__file__).parent.parent.parent / "benchmarks" / "ablations"
NO_ITERATION = ("products of", "two halves", "unchanged, one BLAS thread")


def test_every_ablation_is_verified_and_then_timed_in_both_update_orders(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    small = ["--m", "6", "--width", "0.025", "--rounds", "2", "--threads", "1"]
    command = [sys.executable, str(ABLATIONS), *small, "--json", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    (table,) = tables.read(file).tables
    names = table.column("ablation")
    half = len(names) // 2
    assert table.column("schedule") == [name for name in UPDATE_ORDERS for _ in range(half)]
    assert names[:half] == names[half:]
    assert len(set(names)) == half == 17
    for name, ratio, difference in zip(
        names, table.column("/ unchanged"), table.column("max difference"), strict=True
    ):
        assert isinstance(ratio, float)
        assert (difference is None) == str(name).startswith(NO_ITERATION)
        assert difference is None or float(difference) < 1e-3
        assert ratio == 1 or name not in ("unchanged", NO_ITERATION[-1])
