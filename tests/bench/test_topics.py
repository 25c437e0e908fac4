"""`minigan bench` as a whole, in small."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from minigan import bench
from minigan.bench import topics
from minigan.bench.tables import from_json
from minigan.errors import UserError


@pytest.fixture(scope="module")
def report() -> bench.Measurements:
    return bench.run(["layers", "iteration", "growth", "parzen"], quick=True, threads=1)


def test_every_topic_gives_its_tables_and_every_row_says_what_was_checked(
    report: bench.Measurements,
) -> None:
    names = [table.name for table in report.tables]
    assert names == ["layers", "iteration", "growth by size", "growth by images", "parzen"]
    for table in report.tables:
        assert table.rows
        if table.name != "parzen":
            assert all(table.column("check"))
        assert len({table.key(row) for row in table.rows}) == len(table.rows)
        assert any(column.ratio for column in table.columns)


def test_a_report_says_what_its_times_hold_for(report: bench.Measurements) -> None:
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


def test_a_report_survives_its_json(report: bench.Measurements) -> None:
    assert from_json(report.to_json()) == report


def test_no_number_of_a_gpu_is_printed_where_none_ran(report: bench.Measurements) -> None:
    words = report.to_markdown().lower()
    assert "gpu" not in words
    assert "cuda" not in words


def test_other_minibatch_sizes_stand_in_for_the_usual_ones() -> None:
    tiny = replace(topics.QUICK, rounds=1)
    (table,) = topics.tables("iteration", tiny, 1, (3,))
    assert set(table.column("m")) == {3}


@pytest.mark.parametrize(
    ("what", "device", "batches", "words"),
    [
        (["speed"], "cpu", (), "'speed' cannot be measured: choose from layers"),
        (["layers"], "cuda", (), "measures the device cpu, not 'cuda'"),
        (["layers"], "cpu", (0,), "at least one example"),
    ],
)
def test_what_cannot_be_measured_is_refused_in_a_sentence(
    what: list[str], device: str, batches: tuple[int, ...], words: str
) -> None:
    with pytest.raises(UserError, match=words):
        bench.run(what, quick=True, device=device, batches=batches)


def test_what_was_measured_is_kept_table_by_table() -> None:
    kept: list[bench.Measurements] = []
    report = bench.run(["layers", "growth"], quick=True, threads=1, keep=kept.append)
    assert [len(so_far.tables) for so_far in kept] == [1, 2, 3]
    assert kept[-1] == report
    assert all("extent" in so_far.environment for so_far in kept)
