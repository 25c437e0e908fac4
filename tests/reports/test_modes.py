"""The modes of a recipe over seeds: measured, recorded, and not trained twice."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tiny

from minigan.data import toys
from minigan.errors import UserError
from minigan.evaluation.modes import mode_coverage
from minigan.reports import modes
from minigan.reports.modes import ModesOfRecipe, ModesOfRun, modes_of_recipe
from minigan.training import load_sampler
from minigan.training.runs import log

POINTS = {"data__set": "ring", "generator__output": "linear", "generator__spread": 2.0}


def test_every_seed_is_trained_once_and_measured_by_its_last_samples(tmp_path, monkeypatch):
    recipe = tiny.recipe(**POINTS)
    result = modes_of_recipe(recipe, [2, 1], tmp_path, None, True)
    assert [run.seed for run in result.runs] == [2, 1]
    assert result.modes == 8
    for run in result.runs:
        folder = tmp_path / f"tiny-seed-{run.seed}"
        sampler = load_sampler(folder)
        coverage = mode_coverage(sampler.samples(sampler.noise(10_000, 0)), toys.ring())
        assert (run.found, run.near) == (coverage.found, coverage.near)
        assert run.KL == coverage.KL
        assert run.seconds == log.read(folder / "log.jsonl")[-1]["seconds"]
    record = json.loads((tmp_path / "tiny.json").read_text())
    assert record["runs"] == [vars(run) for run in result.runs]
    assert record["recipe"]["data"]["set"] == "ring"
    assert record["environment"]["seed"] == 1
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("checkpoint.npz")}
    again = modes_of_recipe(recipe, [1, 2], tmp_path, None, True)
    assert again.runs == tuple(reversed(result.runs))
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("checkpoint.npz")} == before


def test_without_a_sample_near_a_mode_there_is_no_KL(tmp_path, monkeypatch):
    far = np.full((10, 2), 50, np.float32)
    monkeypatch.setattr("minigan.training.sampler.Sampler.samples", lambda *_: far)
    (run,) = modes_of_recipe(tiny.recipe(**POINTS), [1], tmp_path, None, True).runs
    assert (run.found, run.near, run.KL) == (0, 0, None)


def test_the_table_and_the_sentence():
    runs = (ModesOfRun(1, 8, 0.875, 0.0123, 12.3), ModesOfRun(2, 0, 0.0, None, 9.0))
    assert str(ModesOfRecipe(tiny.recipe(), 8, runs, {})) == (
        "| seed | modes | within 3 s | KL | seconds |\n|---|---|---|---|---|\n"
        "| 1 | 8 of 8 | 87.5 % | 0.012 | 12 |\n| 2 | 0 of 8 | 0.0 % |  | 9 |\n"
        "all modes found by 1 of 2 seeds"
    )


def test_data_without_known_modes_and_a_training_that_stops_are_refused(tmp_path, monkeypatch):
    with pytest.raises(UserError, match=r"tiny has data\.set = 'digits', whose modes"):
        modes_of_recipe(tiny.recipe(), [1], tmp_path, None, True)
    monkeypatch.setattr(modes, "train_or_resume", lambda *_: "V is nan")
    with pytest.raises(UserError, match=r"^seed 4: V is nan$"):
        modes_of_recipe(tiny.recipe(**POINTS), [4], tmp_path, None, True)


@pytest.mark.parametrize("name", ["grid", "ring"])
def test_the_page_has_the_numbers_of_the_record(name):
    docs = Path(__file__).parents[2] / "docs"
    page = (docs / "collapse.md").read_text("utf-8")
    record = json.loads((docs / "results" / "modes" / f"{name}.json").read_text("utf-8"))
    assert record["recipe"]["name"] == name
    assert [run["seed"] for run in record["runs"]] == [1, 2, 3, 4, 5]
    for run in record["runs"]:
        modes = f"{run['found']} of {record['modes']}"
        near, KL = f"{100 * run['near']:.1f} %", f"{run['KL']:.3f}"
        assert f"| {name} | {run['seed']} | {modes} | {near} | {KL} |" in page
