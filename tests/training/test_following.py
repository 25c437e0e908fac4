"""Ranks above 0 write nothing; the files are those of one process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny
from runs_of import QUIET, log_of, train
from thread_ranks import on_ranks

from minigan.errors import UserError
from minigan.system.ranks import Ranks
from minigan.training import trainer
from minigan.training.following import logged_after, saved_after
from minigan.training.recipes.tables import Log
from minigan.training.runs import checkpoint

CHANGES: dict[str, Any] = {"training__m": 11, "training__k": 1}
LOGGED = {"iteration", "V", "loss_g", "D_x", "D_Gz", "penalty", "validation_distance"}


def train_on(size: int, path: Path, **changes: Any) -> list[Any]:
    recipe = tiny.recipe(**CHANGES, **changes)
    return on_ranks(
        size, lambda ranks: trainer.train(recipe, 1, out=path, reporting=QUIET, ranks=ranks)
    )


def resume_on(size: int, path: Path, iterations: int) -> list[Any]:
    return on_ranks(
        size, lambda ranks: trainer.resume(path, iterations, reporting=QUIET, ranks=ranks)
    )


def require_same_run(found: Path, expected: Path) -> None:
    """The same files, and the same numbers but for rounding in float32."""
    names = [{str(f.relative_to(path)) for f in path.rglob("*")} for path in (found, expected)]
    assert names[0] == names[1]
    one, other = (checkpoint.load(path / "checkpoint.npz") for path in (found, expected))
    assert one.keys() == other.keys()
    for name in one:
        np.testing.assert_allclose(one[name], other[name], rtol=1e-3, atol=1e-5, err_msg=name)
    assert np.array_equal(one["identity"], other["identity"])
    for line, wanted in zip(log_of(found), log_of(expected), strict=True):
        assert line.keys() == wanted.keys()
        for name in LOGGED & set(line):
            assert line[name] == pytest.approx(wanted[name], rel=1e-4), name


def test_the_files_of_three_ranks_are_those_of_one(tmp_path):
    train(tmp_path / "one", **CHANGES)
    results = train_on(3, tmp_path / "three")
    require_same_run(tmp_path / "three", tmp_path / "one")
    assert [one.run.path for one in results] == [tmp_path / "three"] * 3
    assert [(one.iterations, one.interrupted) for one in results] == [(6, False)] * 3
    assert [one.quality is None for one in results] == [False, True, True]
    assert json.loads((tmp_path / "three/environment.json").read_text())["ranks"] == 3
    assert "ranks" not in json.loads((tmp_path / "one/environment.json").read_text())


def test_the_penalty_of_all_rows_is_that_of_one_rank(tmp_path):
    changes = {
        "discriminator__penalty": "WGANGP",
        "discriminator__penalty_weight": 0.1,
        "training__iterations": 3,
    }
    train(tmp_path / "one", **CHANGES, **changes)
    train_on(2, tmp_path / "two", **changes)
    require_same_run(tmp_path / "two", tmp_path / "one")
    assert log_of(tmp_path / "two")[0]["penalty"] > 0


@pytest.mark.parametrize(("before", "after"), [(1, 2), (2, 1), (2, 3)])
def test_a_resumed_run_may_have_another_number_of_ranks(tmp_path, capsys, before, after):
    train(tmp_path / "straight", **CHANGES)
    train_on(before, tmp_path / "run", training__iterations=3)
    assert [one.iterations for one in resume_on(after, tmp_path / "run", 6)] == [6] * after
    require_same_run(tmp_path / "run", tmp_path / "straight")
    changed = f"the number of ranks was {before} and is {after}; the last digits may differ"
    assert changed in capsys.readouterr().err


def test_a_rank_with_another_seed_is_refused_before_the_first_iteration(tmp_path):
    def other(ranks: Ranks) -> Any:
        recipe = tiny.recipe(**CHANGES)
        return trainer.train(
            recipe, 1 + (ranks.rank == 2), out=tmp_path / "run", reporting=QUIET, ranks=ranks
        )

    with pytest.raises(UserError, match="after iteration 0, rank 2 has another recipe, data set"):
        on_ranks(3, other)
    assert not (tmp_path / "run/checkpoint.npz").exists()


def test_a_rank_whose_theta_differs_is_found_at_the_next_log_line(tmp_path, monkeypatch):
    from minigan.training.experiment import Experiment

    iterate = Experiment.iterate

    def flipped(self: Any, t: int) -> Any:
        logits = iterate(self, t)
        if t == 2 and self.ranks.rank == 1:  # one bit of one number
            self.game.player_d.v[-1:].view(np.int32)[0] ^= 1
        return logits

    monkeypatch.setattr(Experiment, "iterate", flipped)
    with pytest.raises(UserError, match="after iteration 3, rank 1 has another recipe"):
        train_on(2, tmp_path / "run")
    assert checkpoint.load(tmp_path / "run/checkpoint.npz")["iteration"] == 0


def test_a_full_disk_of_rank_0_keeps_the_last_checkpoint(tmp_path, monkeypatch):
    from minigan.training.runs.directory import RunDirectory

    save, calls = RunDirectory.save_checkpoint, []

    def full(self: RunDirectory, arrays: Any, **options: bool) -> None:
        calls.append(int(arrays["iteration"]))
        if calls[-1] == 6:
            raise OSError(28, "No space left on device", "checkpoint.npz")
        save(self, arrays, **options)

    monkeypatch.setattr(RunDirectory, "save_checkpoint", full)
    with pytest.raises(UserError, match="No space left on device; the last checkpoint is intact"):
        train_on(2, tmp_path / "run", training__iterations=9)
    assert calls == [0, 3, 6]  # by one rank only
    assert checkpoint.load(tmp_path / "run/checkpoint.npz")["iteration"] == 3


def test_what_is_logged_and_saved():
    log = Log(every=2, save_every=3, keep_every=0, monitor="none")
    assert [t for t in range(1, 8) if saved_after(t, log, t == 7)] == [3, 6, 7]
    assert [t for t in range(1, 8) if logged_after(t, log, t == 7)] == [2, 3, 4, 6, 7]
