"""The whole Table 1: four rows, ours beside the paper's, and what must be known about them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import tiny
import tiny_relative

from minigan.errors import UserError
from minigan.reports.table1 import score, whole
from minigan.reports.table1.record import LogLikelihood
from minigan.reports.table1.score import BaselineScore, RunScore, plain_settings
from minigan.training import recipes

TINY = [tiny_relative.recipe(kind) for kind in ("dbn", "cae", "gsn")] + [tiny.recipe()]
PAPER_MD = [  # Table 1 of the paper
    ("DBN", "138 ± 2", "1909 ± 66"),
    ("Stacked CAE", "121 ± 1.6", "2110 ± 50"),
    ("Deep GSN", "214 ± 1.1", "1890 ± 29"),
    ("Adversarial nets", "225 ± 2", "2057 ± 26"),
]


def of(recipe, LL: float, seed: int = 1, **changes) -> RunScore:
    one = RunScore(
        *(recipe.name, seed, "mnist", 1000, 2.0, 90.0, 1000, ""),
        test=LogLikelihood(LL, 1.5, 0.1668, False),
        finer=LogLikelihood(LL + 2, 1.5, 0.17, False),
        baselines=(BaselineScore("1,000 training images", 120.0, 1.1, 0.2154),),
        warnings=(),
        recipe=plain_settings(recipe),
        environment={},
    )
    return replace(one, **changes)


def table(**changes) -> whole.WholeTable:
    names = ("mnist-dbn", "mnist-cae", "mnist-gsn", "mnist")
    rows = [(of(recipes.load_any(name), 100.0 + i, **changes),) for i, name in enumerate(names)]
    return whole.WholeTable("mnist", tuple(rows))


def test_the_numbers_of_the_paper_stand_beside_ours() -> None:
    lines = str(table()).splitlines()
    for i, (model, mnist, tfd) in enumerate(PAPER_MD):
        words = f"{model} {mnist} {100 + i}.0 ± 1.5 {tfd} no data".split()
        assert lines[2 + i].split() == words
    assert [one[:1] + one[2:] for one in whole.PAPER] == PAPER_MD


def test_the_table_fits_80_columns_and_has_the_runs_baselines_and_tfd() -> None:
    text = str(table(warnings=("a warning of many words, " * 9,), failure="training stopped"))
    assert max(map(len, text.splitlines())) <= 80
    joined = " ".join(text.split())
    for words in (
        "mnist-dbn, seed 1 2.0 1.5 100.0 ± 1.5 0.167 102.0",
        "1,000 training images 120.0 ± 1.1 0.215",
        "mnist-dbn: no configuration is published; 500-500 units and all settings are ours",
        "mnist-gsn: settings that differ from mnist-gsn-2013: hidden=[300, 300], chain_steps=10,",
        "mnist: settings that differ from mnist-2014: average_keep=0.98",
        "warning, mnist, seed 1: training stopped",
        "warning, mnist, seed 1: a warning of many words",
        "chains from noise",
        "TFD: ours needs the file TFD_48x48.mat",
    ):
        assert words in joined


def test_several_seeds_have_a_mean_with_the_deviation_between_them() -> None:
    gan = recipes.load_any("mnist")
    one = table()
    rows = (*one.rows[:3], (of(gan, 200.0), of(gan, 210.0, seed=2)))
    line = str(whole.WholeTable("mnist", rows)).splitlines()[5]
    assert "205.0 ± 7.1" in line  # 10 / sqrt 2


def test_the_rows_are_made_once_and_another_recipe_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(whole, "recipes_of_rows", lambda base: TINY)
    found, failures = whole.whole_table1("digits", [2], tmp_path, quiet=True)
    assert failures == {}
    assert [row[0].name for row in found.rows] == ["tiny-dbn", "tiny-cae", "tiny-gsn", "tiny"]
    assert "ours, digits" in str(found)
    assert list(found.to_json()) == [one[0] for one in PAPER_MD]
    monkeypatch.setattr(whole, "score_of_run", lambda *arguments: pytest.fail("made again"))
    assert whole.whole_table1("digits", [2], tmp_path, quiet=True)[0] == found
    other = [*TINY[:3], tiny.recipe(training__iterations=7)]
    monkeypatch.setattr(whole, "recipes_of_rows", lambda base: other)
    nothing, failures = whole.whole_table1("digits", [2], tmp_path, quiet=True)
    assert nothing is None
    assert failures == {
        "tiny-seed-2": f"{tmp_path / 'tiny-seed-2.json'} has another recipe or seed: choose "
        "another --out"
    }


def test_a_run_that_fails_does_not_stop_the_others(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(whole, "recipes_of_rows", lambda base: TINY[:2])

    def fails(path: Path, *arguments) -> RunScore:
        if "dbn" in path.name:
            raise UserError("no test images")
        return of(TINY[1], 1.0)

    monkeypatch.setattr(whole, "score_of_run", fails)
    nothing, failures = whole.whole_table1("digits", [1], tmp_path, quiet=True)
    assert nothing is None
    assert failures == {"tiny-dbn-seed-1": "no test images"}
    assert score.read_score(tmp_path / "tiny-cae-seed-1.json").test.LL == 1.0


def test_the_recipes_of_the_rows_are_built_in() -> None:
    for base in ("mnist", "digits"):
        found = [recipe.name for recipe in whole.recipes_of_rows(base)]
        assert found == [f"{base}-dbn", f"{base}-cae", f"{base}-gsn", base]
    with pytest.raises(UserError, match="and faces has none: use --recipe mnist, or --recipe digi"):
        whole.recipes_of_rows("faces")
