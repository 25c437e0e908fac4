"""The tables in docs/results.md are generated from the records in docs/results."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from minigan.reports.table1 import record, table
from minigan.training import recipes

DOCS = Path(__file__).parents[3] / "docs"
RECORDS = record.read_all(DOCS / "results")


def test_the_tables_are_those_of_the_records() -> None:
    page = (DOCS / "results.md").read_text(encoding="utf-8")
    assert f"<!-- tables -->\n\n{table.table_of_runs(RECORDS)}\n\n<!-- end -->" in page


def test_the_recipe_mnist_marks_every_setting_that_differs_from_the_published_one() -> None:
    text = (Path(recipes.__file__).parent / "mnist.toml").read_text(encoding="utf-8")
    departures = replace(RECORDS[0], recipe=recipes.load("mnist")).departures
    settings = {name.split(".")[1] for name in departures} | {"iterations"}
    lines = (line.partition("=") for line in text.splitlines())
    assert {name.strip() for name, _, rest in lines if "departs" in rest} == settings
