"""Reproduction of Table 1: one run and one record per seed, without repeated computation."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tiny

from minigan.errors import UserError
from minigan.reports.table1 import record
from minigan.reports.table1.reproduce import table1
from minigan.training import trainer
from minigan.training.runs import checkpoint
from minigan.training.stopping import TrainingStopped

LOG = {"every": 2, "save_every": 2, "keep_every": 0, "monitor": "parzen"}


@pytest.fixture(autouse=True)
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Records have scores of 100 samples: their numbers are not examined here."""
    monkeypatch.setattr(record, "SAMPLES", 100)


def recipe(**changes: Any) -> Any:
    return tiny.recipe(**{"log": LOG, **changes})


def test_each_seed_has_a_run_and_a_record(tmp_path: Path) -> None:
    found = table1(recipe(), [3, 1], tmp_path, quiet=True)
    assert [one.seed for one in found] == [3, 1]
    for seed in (1, 3):
        assert record.read(tmp_path / f"tiny-seed-{seed}.json").seed == seed
        state = checkpoint.load(tmp_path / f"tiny-seed-{seed}" / "checkpoint.npz")
        assert state["iteration"] == 6


def test_a_seed_with_a_record_is_not_trained_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = table1(recipe(), [1], tmp_path, quiet=True)
    trained, train = [], trainer.train
    monkeypatch.setattr(trainer, "train", lambda *args: (trained.append(args[1]), train(*args))[1])
    both = table1(recipe(), [1, 2], tmp_path, quiet=True)
    assert trained == [2]
    assert both[0] == first[0]


def test_a_stopped_run_is_resumed_and_ends_with_the_same_checkpoint(tmp_path: Path) -> None:
    table1(recipe(), [1], tmp_path / "straight", quiet=True)
    trainer.train(recipe(training__iterations=4), 1, out=tmp_path / "stopped" / "tiny-seed-1")
    table1(recipe(), [1], tmp_path / "stopped", quiet=True)
    straight, stopped = (
        checkpoint.load(tmp_path / name / "tiny-seed-1" / "checkpoint.npz")
        for name in ("straight", "stopped")
    )
    assert all(np.array_equal(straight[key], stopped[key]) for key in straight)


def test_with_more_iterations_a_finished_run_is_continued(tmp_path: Path) -> None:
    table1(recipe(), [1], tmp_path, quiet=True)
    (found,) = table1(recipe(training__iterations=8), [1], tmp_path, quiet=True)
    assert found.iterations == 8
    assert record.read(tmp_path / "tiny-seed-1.json").iterations == 8


@pytest.mark.parametrize("keep_record", [True, False])
def test_a_run_of_another_recipe_is_not_replaced(tmp_path: Path, keep_record: bool) -> None:
    table1(recipe(), [1], tmp_path, quiet=True)
    if not keep_record:
        (tmp_path / "tiny-seed-1.json").unlink()
    with pytest.raises(UserError, match="another recipe or seed: choose another --out"):
        table1(recipe(optimizer__rate=0.2), [1], tmp_path, quiet=True)


def test_a_recipe_with_another_monitor_raises_an_error_before_training(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"tiny does not select .* --set log\.monitor=parzen"):
        table1(tiny.recipe(), [1], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_run_has_a_record_and_the_next_seed_is_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = trainer.train

    def fails_for_seed_1(*args: Any) -> Any:
        outcome = train(*args)
        if args[1] == 1:
            raise TrainingStopped("training stopped in iteration 7")
        return outcome

    monkeypatch.setattr(trainer, "train", fails_for_seed_1)
    failed, finished = table1(recipe(), [1, 2], tmp_path, quiet=True)
    assert failed.ended == "training stopped in iteration 7"
    assert record.read(tmp_path / "tiny-seed-1.json") == failed
    assert finished.ended == "finished"


def test_a_failure_before_the_first_log_line_has_a_record(tmp_path: Path) -> None:
    (failed,) = table1(recipe(optimizer__rate=1000.0), [1], tmp_path, quiet=True)
    assert (failed.iterations, failed.curve, failed.test) == (0, (), None)
    assert failed.ended.startswith("training stopped in iteration ")
    assert str(tmp_path) not in failed.ended


def test_a_stopped_run_with_a_record_is_resumed(tmp_path: Path) -> None:
    run = tmp_path / "tiny-seed-1"
    trainer.train(recipe(training__iterations=4), 1, out=run)
    text = (run / "recipe.toml").read_text().replace("iterations = 4", "iterations = 6")
    (run / "recipe.toml").write_text(text)
    stopped = record.record_of_run(run)
    record.write(stopped, tmp_path / "tiny-seed-1.json")
    (found,) = table1(recipe(), [1], tmp_path, quiet=True)
    assert (stopped.ended, found.ended) == ("stopped before 6", "finished")


def test_an_interrupt_keeps_the_run_and_writes_no_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train = trainer.train

    class Interrupted:
        interrupted = True

    monkeypatch.setattr(trainer, "train", lambda *args: (train(*args), Interrupted())[1])
    with pytest.raises(KeyboardInterrupt):
        table1(recipe(), [1, 2], tmp_path, quiet=True)
    assert (tmp_path / "tiny-seed-1" / "checkpoint.npz").exists()
    assert not (tmp_path / "tiny-seed-1.json").exists()
