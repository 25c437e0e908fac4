"""PyTorch and JAX are measured if possible; otherwise the record contains the reason."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from minigan.bench.gpu import peers
from minigan.bench.gpu.workload import QUICK

BENCHMARKS = Path(__file__).parents[3] / "benchmarks"
REPORT = """
import argparse, json, os, sys
parser = argparse.ArgumentParser()
for name in ("device", "libraries", "batches", "width", "rounds", "at-least", "json"):
    parser.add_argument(f"--{name}")
options = parser.parse_args()
columns = [{"name": "who", "unit": "", "key": True, "ratio": False}]
table = {"name": "peers", "title": "t", "columns": columns, "rows": [[options.libraries]]}
facts = {"peers": os.environ["CUDA_VISIBLE_DEVICES"], "not timed": ""}
report = {"format": 1, "date": "", "environment": facts, "tables": [table]}
open(options.json, "w").write(json.dumps(report))
"""


@pytest.fixture
def both(monkeypatch):
    monkeypatch.setattr(peers, "installed_libraries", lambda: ["torch", "jax"])


def script(tmp_path, text):
    path = tmp_path / "on_gpu.py"
    path.write_text(text)
    return path


def test_without_the_libraries_or_a_checkout_nothing_is_measured(monkeypatch, tmp_path):
    monkeypatch.setattr(peers, "installed_libraries", list)
    assert peers.measure_peers(QUICK, 0) == ("not installed", None)
    monkeypatch.setattr(peers, "installed_libraries", lambda: ["jax"])
    description, table = peers.measure_peers(QUICK, 0, script=tmp_path / "none.py")
    assert description.startswith("not measured, because only a checkout")
    assert table is None


def test_the_libraries_use_only_the_gpu_that_is_verified(both, tmp_path, monkeypatch):
    path = script(tmp_path, REPORT)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    description, table = peers.measure_peers(QUICK, 1, script=path)
    assert (description, table.rows) == ("1", (("torch,jax",),))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "5,7")
    assert peers.measure_peers(QUICK, 1, script=path)[0] == "7"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("import sys; sys.exit('no GPU here')", "not measured: no GPU here"),
        ("import sys; sys.exit(1)", "not measured: no reason was given"),
        ("", "not measured: "),
    ],
)
def test_a_failure_is_described_and_raises_no_error(both, tmp_path, text, expected):
    found, table = peers.measure_peers(QUICK, 0, script=script(tmp_path, text))
    assert found.startswith(expected)
    assert table is None


def test_the_script_of_the_checkout_exists():
    assert peers.SCRIPT == BENCHMARKS / "on_gpu.py"
    assert peers.SCRIPT.is_file()


@pytest.mark.oracle
def test_the_script_verifies_and_times_a_peer_on_the_cpu(tmp_path):
    import subprocess
    import sys

    file = tmp_path / "peers.json"
    sizes = ["--device", "cpu", "--libraries", "jax", "--batches", "4", "--width", "0.025"]
    times = ["--rounds", "1", "--at-least", "0", "--json", str(file)]
    command = [sys.executable, str(peers.SCRIPT), *sizes, *times]
    subprocess.run(command, check=True, capture_output=True)
    found = json.loads(file.read_text())
    assert found["environment"]["not timed"] == ""
    assert found["environment"]["peers"].startswith("jax ")
    assert len(found["tables"][0]["rows"]) == 2 * 2  # schedules, drawn and given
    assert all(row[-1] < 1e-3 for row in found["tables"][0]["rows"])


@pytest.mark.oracle
def test_a_library_without_a_gpu_is_named_and_not_timed(tmp_path):
    description, table = peers.measure_peers(QUICK, 0)
    assert "JAX runs on cpu here, not on cuda" in description
    assert "PyTorch finds no GPU here" in description
    assert table is None
