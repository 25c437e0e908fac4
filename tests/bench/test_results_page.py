"""The page of results is generated from the reports."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from minigan.bench.tables import Column, Measurements, Table
from minigan.errors import UserError

SCRIPT = Path(__file__).parent.parent.parent / "benchmarks" / "results_page.py"
GENERATOR = runpy.run_path(str(SCRIPT))


def report(date: str, **facts: str) -> Measurements:
    table = Table("speed", "How fast", (Column("who", key=True),), (("snail",),))
    return Measurements(date, {"processor": "abacus", "threads": 2, **facts}, (table,))


def test_the_page_is_up_to_date() -> None:
    done = subprocess.run([sys.executable, str(SCRIPT), "--check"], check=False)
    assert done.returncode == 0, "run python benchmarks/results_page.py and commit the page"


def test_reports_are_ordered_by_date(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(report("2026-02-01T08:30:12+00:00").to_json(), "utf-8")
    (tmp_path / "b.json").write_text(report("2026-01-01T08:30:12+00:00").to_json(), "utf-8")
    (tmp_path / "README.md").write_text("not a report", "utf-8")
    page = GENERATOR["page"](GENERATOR["reports"](tmp_path))
    headings = [line for line in page.splitlines() if line.startswith("#")]
    assert headings == [
        "# Results of benchmarks",
        "## abacus, 2 threads, 2026-01-01 08:30 UTC",
        "### How fast",
        "## abacus, 2 threads, 2026-02-01 08:30 UTC",
        "### How fast",
    ]
    assert page.count("| snail |") == 2


def test_without_reports_the_page_contains_a_note(tmp_path: Path) -> None:
    assert "no report yet" in GENERATOR["page"](GENERATOR["reports"](tmp_path))


def test_a_quick_report_raises_an_error(tmp_path: Path) -> None:
    (tmp_path / "quick.json").write_text(report("2026-01-01", extent="quick").to_json(), "utf-8")
    with pytest.raises(UserError, match=r"quick\.json is a report of --quick"):
        GENERATOR["reports"](tmp_path)


def test_the_history_has_the_ratios_of_its_folder(tmp_path: Path) -> None:
    columns = tuple(map(Column, ("layer", "median", "limit")))
    layers = Table("layers", "", columns, (("G linear1", 6.0, 2.0),))
    facts = {"commit": "c" * 40, "committed": "2026-01-01"}
    (tmp_path / "a.json").write_text(Measurements("2026-01-02", facts, (layers,)).to_json())
    section = GENERATOR["history"](tmp_path)
    assert section.startswith("\n## History by commit\n")
    assert "| linear | 3.00 |" in section
