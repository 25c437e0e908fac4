"""The exported model is the best G of a run, or its average, without paths of the machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from runs_of import train

from minigan.errors import UserError
from minigan.reports.table1 import export
from minigan.training import sampling
from minigan.training.runs import checkpoint
from minigan.training.runs.directory import RunDirectory

AVERAGED: dict[str, Any] = {
    "generator": {**tiny.table()["generator"], "average_keep": 0.5, "average_every": 1}
}


@pytest.mark.parametrize(("changes", "name"), [({}, "theta_g"), (AVERAGED, "average_g")])
def test_the_model_is_the_best_G_of_the_run(
    tmp_path: Path, changes: dict[str, Any], name: str
) -> None:
    run = train(tmp_path / "run", **changes).run
    best = run.load_checkpoint("best")
    export.export(run.path, tmp_path / "a" / "model")
    state = checkpoint.load(tmp_path / "a" / "model" / "checkpoint.npz")
    assert list(state) == [name]
    np.testing.assert_array_equal(state[name], best[name].astype(np.float16))
    loaded = sampling.load_sampler(tmp_path / "a" / "model")
    np.testing.assert_allclose(loaded.theta_g.vector, best[name], rtol=1e-3, atol=1e-6)


def test_the_model_has_the_facts_of_the_run_without_the_path_of_the_data(tmp_path: Path) -> None:
    run = train(tmp_path / "run").run
    best = run.load_checkpoint("best")["iteration"]
    facts = run.read_environment()
    local = {"where": "/home/me", "notes": ["not used in /home/me: 1 file (1 .heic)"]}
    run.write_environment({**facts, "data": {**facts["data"], **local}})
    export.export(run.path, tmp_path / "model")
    exported = RunDirectory.open(tmp_path / "model").read_environment()
    assert exported["iteration"] == best
    assert exported["data"]["digest"] == facts["data"]["digest"]
    assert "/home/me" not in (tmp_path / "model" / "environment.json").read_text()


def test_a_missing_best_checkpoint_or_an_existing_folder_raises_an_error(tmp_path: Path) -> None:
    run = train(tmp_path / "run").run
    with pytest.raises(UserError, match="exists already: choose another --out"):
        export.export(run.path, tmp_path)
    (run.path / "best.npz").unlink()
    with pytest.raises(UserError, match="there is no checkpoint"):
        export.export(run.path, tmp_path / "model")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (np.zeros(3, np.float32), "does not match the networks"),
        (np.array("x"), 'its "theta_g" does not hold real numbers'),
        (np.zeros(3, [("a", "i4")]), 'its "theta_g" does not hold real numbers'),
    ],
)
def test_another_array_in_place_of_G_is_refused(tmp_path: Path, wrong: Any, sentence: str) -> None:
    path = train(tmp_path / "run").run.path
    arrays = dict(np.load(path / "best.npz")) | {"theta_g": wrong}
    np.savez(path / "best.npz", **arrays)
    with pytest.raises(UserError, match=sentence):
        export.export(path, tmp_path / "model")
    assert not (tmp_path / "model").exists()
