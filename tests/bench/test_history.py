"""The history by commit: ratios to the limit, in the order of the commits."""

from __future__ import annotations

from pathlib import Path

import pytest

from minigan.bench.history import draw_history, history_table, ratios, read_history
from minigan.bench.tables import Column, Measurements, Table
from minigan.errors import UserError

KEYS = (Column("schedule", key=True), Column("m", key=True), Column("what", key=True))
ITERATION = (*KEYS, Column("median", "ms"), Column("/ limit"))
LAYERS = (Column("layer", key=True), Column("median", "µs"), Column("limit", "µs"))


def report(commit: str, committed: str, ratio: float, date: str = "2026-05-01") -> Measurements:
    rows = (
        ("algorithm1", 1024, "minigan, drawn", 30.0, ratio),
        ("algorithm1", 1024, "minigan, given", 29.0, 9.0),
        ("algorithm1", 1024, "limit", 20.0, 1.0),
    )
    layers = (("G linear1", 4.0, 2.0), ("D linear2", 16.0, 2.0), ("D relu1", 3.0, 1.0))
    tables = (
        Table("iteration", "", ITERATION, rows),
        Table("layers", "", LAYERS, layers),
        Table("start", "", (Column("what", key=True), Column("median")), (("minigan", 1.0),)),
    )
    facts = {"commit": commit, "committed": committed, "processor": "abacus", "threads": "2"}
    facts["load"] = "2 processes"
    return Measurements(date, facts, tables)


def test_the_ratios_are_those_of_minigan_and_the_geometric_means_of_kinds_of_layers() -> None:
    assert ratios(report("c", "", 1.5)) == {
        ("iteration", "algorithm1, m = 1,024"): 1.5,
        ("layers", "linear"): pytest.approx(4.0),  # of 2 and 8
        ("layers", "relu"): pytest.approx(3.0),
    }


def test_the_columns_are_the_medians_of_the_commits_in_their_order(tmp_path: Path) -> None:
    new, old = "a" * 40, "b" * 40
    (tmp_path / "1.json").write_text(report(f"{new} with changes", "2026-04-02", 1.25).to_json())
    (tmp_path / "2.json").write_text(report(old, "2026-04-01", 1.5).to_json())
    (tmp_path / "3.json").write_text(report(old, "2026-04-01", 1.75, "2026-04-30").to_json())
    (tmp_path / "4.json").write_text(report(old, "2026-04-01", 9.0, "2026-05-02").to_json())
    found = read_history(tmp_path)
    table = history_table(found).splitlines()
    source = "bbbbbbb of 2026-04-01, measured 2026-04-30 on abacus, threads: 2; load 2, 2, 2"
    assert f"- {source}" in table
    assert "| iteration: time / limit | bbbbbbb | aaaaaaa+ |" in table
    assert "| algorithm1, m = 1,024 | 1.75 ± 3.75 | 1.25 |" in table  # of 1.5, 1.75 and 9
    svg = draw_history(found, ".svg").decode()
    for text in ("algorithm1, m = 1,024", "linear", "relu", "aaaaaaa+", "commit (layers)"):
        assert f"<!-- {text} -->" in svg


def test_a_row_that_only_one_report_has_is_empty_in_the_other() -> None:
    one, other = report("c" * 40, "2026-04-01", 1.5), report("d" * 40, "2026-04-02", 1.5)
    table = history_table([one, Measurements(other.date, other.environment, other.tables[1:])])
    assert "| algorithm1, m = 1,024 | 1.50 |  |" in table.splitlines()


def test_reports_that_have_no_history_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"has no reports \(.json\)"):
        read_history(tmp_path)
    (tmp_path / "a.json").write_text(Measurements("2026-01-01", {}, ()).to_json())
    with pytest.raises(UserError, match=r"a\.json does not name its commit"):
        read_history(tmp_path)
    nothing = Measurements("2026-01-01", {"commit": "c", "committed": ""}, ())
    with pytest.raises(UserError, match="no ratio to a limit"):
        draw_history([nothing], ".png")
