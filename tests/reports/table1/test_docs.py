"""The tables in docs/results.md are generated from the records in docs/results."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from minigan.reports.table1 import record, score, table, whole
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


def test_the_whole_table_of_the_digits_is_that_of_the_records() -> None:
    names = (recipe.name for recipe in whole.recipes_of_rows("digits"))
    files = (DOCS / "results" / "relatives" / f"{name}-seed-1.json" for name in names)
    found = whole.WholeTable("digits", tuple((score.read_score(file),) for file in files))
    printed = "\n".join(f"    {line}" for line in str(found).splitlines()[:6])
    page = (DOCS / "results.md").read_text(encoding="utf-8")
    assert f"<!-- digits -->\n\n{printed}\n\n<!-- end -->" in page


def test_the_scores_of_other_models_on_mnist_are_those_of_the_records() -> None:
    page = (DOCS / "results.md").read_text(encoding="utf-8")
    for kind, detail in (("dbn", "rbm"), ("cae", "cae"), ("gsn", "gsn")):
        text = (DOCS / "results" / "relatives" / f"mnist-{kind}.json").read_text(encoding="utf-8")
        found = json.loads(text)
        numbers = f"{found['parzen']['score']['LL']:.1f} ± {found['parzen']['score']['error']:.1f}"
        assert f"| {numbers} |" in page
        assert f"**{numbers} nats**" in (DOCS / "relatives" / f"{detail}.md").read_text("utf-8")
        shipped = recipes.load_any(f"mnist-{kind}")
        assert found["recipe"] == recipes.to_toml(shipped)
        assert found["iterations"] == shipped.training.iterations
