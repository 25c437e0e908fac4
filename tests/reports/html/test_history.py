"""The history of a run: its length, how it ended, and its best checkpoint."""

from __future__ import annotations

import json

import numpy as np
import pytest
from runs_of import log_of, train

from minigan.errors import UserError
from minigan.reports.html import history
from minigan.system.holding import held
from minigan.training.runs import checkpoint, log


@pytest.fixture
def path(tmp_path):
    """A finished run of six iterations, with log lines at 2, 3, 4, 6 and checkpoints at 3 and 6."""
    return train(tmp_path / "run").run.path


def test_a_finished_run_is_reported_as_finished(path):
    run = history.read(path)
    assert run.name == "run"
    assert (run.seed, run.done, run.iteration) == (1, 6, 6)
    assert run.ended == "Finished: all 6 iterations"
    assert run.lines == log_of(path)
    assert run.seconds == run.lines[-1]["seconds"]
    assert run.checkpoints == ["last", "best"]


def test_epochs_are_iterations_per_number_of_minibatches(path):
    assert history.read(path).epochs == pytest.approx(6 / 119)  # 1,197 digits, m = 10


def test_the_best_checkpoint_has_the_smallest_distance_in_the_log(path):
    distances = {
        line["validation_distance"]: line["iteration"]
        for line in log_of(path)
        if "validation_distance" in line
    }
    best = history.read(path).best
    assert (best.value, best.iteration) == (min(distances), distances[min(distances)])
    assert best.metric == "validation_distance"


def test_the_best_checkpoint_by_parzen_has_the_largest_likelihood(tmp_path):
    path = train(tmp_path / "run", log__monitor="parzen").run.path
    best = history.read(path).best
    assert best.metric == "validation_LL"
    logged = [line["validation_LL"] for line in log_of(path) if "validation_LL" in line]
    assert best.value == max(logged)


def test_without_a_monitor_there_is_no_best_checkpoint(tmp_path):
    assert history.read(train(tmp_path / "run", log__monitor="none").run.path).best is None


def set_last_checkpoint(path, iteration):
    """Changes the iteration that is stored in the last checkpoint."""
    arrays = checkpoint.load(path / "checkpoint.npz")
    arrays["iteration"] = np.array(iteration)
    checkpoint.save(path / "checkpoint.npz", arrays)


def test_if_the_last_log_line_is_at_the_checkpoint_the_run_was_interrupted(path):
    log.cut(path / "log.jsonl", 3)
    set_last_checkpoint(path, 3)
    assert history.read(path).ended == "Interrupted after 3 of 6 iterations, with a checkpoint"


def test_if_the_log_has_lines_after_the_checkpoint_the_run_was_stopped(path):
    set_last_checkpoint(path, 3)
    run = history.read(path)
    assert run.done == 3
    assert run.ended == (
        "Stopped after iteration 6 of 6 without saving a checkpoint; the last checkpoint is of "
        "iteration 3"
    )


def test_a_run_that_is_being_trained_is_reported_as_such(path):
    with held(path):
        assert history.read(path).ended == "Still training: 6 of 6 iterations are saved"
    assert not history.read(path).training


@pytest.mark.parametrize("damage", ["missing", "damaged", "of something else"])
def test_an_unreadable_checkpoint_is_not_an_error(path, damage):
    file = path / "checkpoint.npz"
    if damage == "missing":
        file.unlink()
    elif damage == "damaged":
        file.write_bytes(b"x")
    else:
        checkpoint.save(file, {"iteration": np.array("six"), "best": np.zeros(3)})
    run = history.read(path)
    assert (run.iteration, run.best, run.done) == (None, None, 6)
    assert run.ended == "6 of 6 iterations are logged; the last checkpoint cannot be read"
    assert list(run.damaged) == ([] if damage == "missing" else ["last"])
    assert all(text.startswith(f"the checkpoint {file} is ") for text in run.damaged.values())


def test_the_best_checkpoint_is_read_too(path):
    assert history.read(path).damaged == {}
    (path / "best.npz").write_bytes(b"x")
    run = history.read(path)
    assert list(run.damaged) == ["best"]
    assert run.iteration == 6


def test_an_empty_log_is_not_an_error(path):
    (path / "log.jsonl").write_text("")
    run = history.read(path)
    assert (run.lines, run.seconds) == ([], 0.0)


def test_a_missing_time_counts_as_0_seconds(path):
    (path / "log.jsonl").write_text(json.dumps({"iteration": 6, "seconds": None}) + "\n")
    assert history.read(path).seconds == 0.0


def test_a_missing_data_set_is_an_error_only_with_data_dir(path, tmp_path):
    facts = json.loads((path / "environment.json").read_text())
    facts["data"]["digest"] = "0" * 32
    (path / "environment.json").write_text(json.dumps(facts))
    run = history.read(path)
    assert run.data is None
    assert run.epochs is None
    assert "the data set differs from the one that" in run.data_error
    with pytest.raises(UserError, match="does not use --data-dir"):
        history.read(path, tmp_path)


def test_a_folder_without_recipe_or_log_raises_an_error(path, tmp_path):
    with pytest.raises(UserError, match=r"is not a run folder: it holds no recipe\.toml"):
        history.read(tmp_path)
    (path / "log.jsonl").unlink()
    with pytest.raises(UserError, match=r"run contains no log\.jsonl: the run was stopped before"):
        history.read(path)
