"""The process that reports its memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from minigan.bench import memory_probe
from minigan.bench.growth import write_images
from minigan.bench.memory_probe import measure_run, process_memory


def test_each_count_of_iterations_has_a_row(tmp_path: Path) -> None:
    file = tmp_path / "pixels"
    write_images(file, 12)
    rows = measure_run(file, "simultaneous", 1 / 40, [1, 4])
    assert [row[0] for row in rows] == [1, 4]
    for row in rows:
        assert isinstance(row[1], float)
        assert row[1] > 0
        assert isinstance(row[-1], float)
        assert row[-1] < 1e-6


def test_the_mean_is_over_the_iterations_since_the_previous_row(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    def iterate() -> None:
        nonlocal now
        now += 0.002

    monkeypatch.setattr(memory_probe, "iteration_runner", lambda *_: iterate)
    monkeypatch.setattr(memory_probe.time, "perf_counter", lambda: now)
    write_images(tmp_path / "pixels", 12)
    rows = measure_run(tmp_path / "pixels", "algorithm1", 1 / 40, [2, 7])
    assert [row[1] for row in rows] == pytest.approx([2, 2])
    assert now == pytest.approx(7 * 0.002)


def test_allocated_memory_is_reported_in_megabytes() -> None:
    own, _, _ = process_memory()
    allocated = np.ones(25_000_000 // 8)
    now, pages, peak = process_memory()
    if own is not None and now is not None and pages is not None:  # if the system reports them
        assert 20 < now - own < 35
        assert peak >= now
    assert peak > allocated.nbytes / 1e6
