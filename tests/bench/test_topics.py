"""`minigan bench` as a whole, with the quick workload."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from minigan import bench
from minigan.bench import tables, topics
from minigan.errors import UserError


@pytest.fixture(scope="module")
def report() -> bench.Measurements:
    return bench.run(["layers", "iteration", "growth", "parzen"], size="quick", threads=1)


def test_every_topic_has_its_tables_and_every_row_names_its_check(
    report: bench.Measurements,
) -> None:
    names = [table.name for table in report.tables]
    assert names == [
        "layers",
        "layers for images",
        "iteration",
        "iteration for images",
        "penalties",
        "growth by size",
        "growth by images",
        "parzen",
    ]
    for table in report.tables:
        assert table.rows
        if table.name != "parzen":
            assert all(table.column("check"))
        assert len({table.key(row) for row in table.rows}) == len(table.rows)
        assert any(column.ratio for column in table.columns)


def test_a_report_contains_the_environment(report: bench.Measurements) -> None:
    facts = report.environment
    for name in (
        "processor",
        "blas",
        "threads",
        "numpy",
        "python",
        "minigan",
        "dtype",
        "precision",
    ):
        assert facts[name], name
    assert facts["device"] == "cpu"
    assert facts["threads"] == 1
    assert "mean nothing" in facts["extent"]
    json.dumps(facts)


def test_a_report_read_back_from_json_is_equal(report: bench.Measurements, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text(report.to_json(), "utf-8")
    assert tables.read(tmp_path / "report.json") == report


def test_a_report_of_the_cpu_does_not_mention_a_gpu(report: bench.Measurements) -> None:
    page = report.to_markdown().lower()
    assert "gpu" not in page
    assert "cuda" not in page


def test_other_minibatch_sizes_replace_those_of_the_workload() -> None:
    tiny = replace(topics.QUICK, rounds=1)
    for table in topics.topic_tables("iteration", tiny, 1, (3,)):
        assert set(table.column("m")) == {3}


@pytest.mark.parametrize(
    ("what", "device", "batches", "message"),
    [
        (["speed"], "cpu", (), "'speed' cannot be measured: choose from layers"),
        (["layers"], "cuda", (), "measures the device cpu, not 'cuda'"),
        (["layers"], "cpu", (0,), "at least one example"),
    ],
)
def test_what_cannot_be_measured_raises_an_error(
    what: list[str], device: str, batches: tuple[int, ...], message: str
) -> None:
    with pytest.raises(UserError, match=message):
        bench.run(what, size="quick", device=device, batches=batches)


def test_the_report_is_passed_to_keep_after_each_table() -> None:
    kept: list[bench.Measurements] = []
    report = bench.run(["layers", "growth"], size="quick", threads=1, keep=kept.append)
    assert [len(so_far.tables) for so_far in kept] == [1, 2, 3, 4]
    assert kept[-1] == report
    assert all("extent" in so_far.environment for so_far in kept)


def test_the_time_that_is_left_is_scaled_by_the_speed_so_far(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])
    workload = replace(topics.QUICK, seconds={"layers": 10.0, "growth": 30.0, "parzen": 60.0})
    progress = bench.TimeLeft(["layers", "growth"], workload, quiet=False)
    progress.begin("layers")
    now[0] = 20.0  # this machine is half as fast
    progress.begin("growth")
    assert capsys.readouterr().err.splitlines() == [
        "measuring layers; about 40 s left for layers, growth",
        "measuring growth; about 60 s left for growth",
    ]
