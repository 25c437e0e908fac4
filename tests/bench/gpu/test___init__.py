"""`verify` runs the checks, two trainings and the sanitizer; it measures times if all pass."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from minigan.bench import gpu
from minigan.bench.gpu import parity, sanitizer
from minigan.bench.gpu.sanitizer import Finding
from minigan.errors import UserError

SOME = [c for c in parity.CHECKS if c.name in ("descent", "noise")]


@pytest.fixture
def small(monkeypatch):
    """Two checks, tiny trainings and timings, no sanitizer."""
    monkeypatch.setattr(gpu, "CHECKS", SOME)
    monkeypatch.setattr(gpu, "QUICK", replace(gpu.QUICK, repeated=1, rounds=1, launches=1))
    monkeypatch.setattr(sanitizer, "find_sanitizer", lambda: None)
    monkeypatch.setattr(gpu.peers, "installed_libraries", list)


@pytest.mark.cupy
def test_a_gpu_that_passes_has_a_complete_record(cupy, small, capsys):
    record = gpu.verify("cuda", quick=True, threads=1, quiet=False)
    assert record.passed
    assert [check.name for check in record.checks] == ["descent", "noise"]
    assert [one.schedule for one in record.repeated] == ["algorithm1", "simultaneous"]
    assert [table.name for table in record.timings] == ["iteration", "launches"]
    assert (record.sanitizer, record.peers) == ("not present", "not installed")
    assert record.device["name"] == "Pretended GPU"
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("descent: ")
    assert all("s left" in line for line in lines)


@pytest.mark.cupy
def test_after_a_wrong_kernel_nothing_is_timed(broken, small):
    broken("- g[t] * eta", "+ g[t] * eta")
    record = gpu.verify("cuda:0", quick=True)
    assert not record.passed
    assert record.failures[0].startswith("descent: ")
    assert (record.timings, record.peers) == ([], "")


@pytest.mark.cupy
def test_every_tool_of_the_sanitizer_is_run_if_it_is_installed(cupy, small, monkeypatch, tmp_path):
    calls = []

    def run_tool(path, tool, device):
        calls.append((path, tool, device))
        return Finding(tool, 1, 1, True, "")

    monkeypatch.setattr(sanitizer, "find_sanitizer", lambda: tmp_path)
    monkeypatch.setattr(sanitizer, "run_tool", run_tool)
    record = gpu.verify(quick=True)
    assert calls == [(tmp_path, tool, "cuda:0") for tool in sanitizer.TOOLS]
    assert record.sanitizer == str(tmp_path)
    assert len(record.failures) == 4
    assert record.timings == []


def test_the_cpu_and_a_missing_gpu_raise_errors(monkeypatch):
    with pytest.raises(UserError, match=r"^only a GPU is verified, not the device cpu"):
        gpu.verify("cpu")
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(UserError, match=r"^device cuda needs CuPy"):
        gpu.verify("cuda")
