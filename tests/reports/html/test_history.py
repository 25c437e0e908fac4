"""How far a run came, how it ended, and which state was the best."""

from __future__ import annotations

import json

import numpy as np
import pytest
from runs_of import log_of, train

from minigan.errors import UserError
from minigan.reports.html import history
from minigan.system import files
from minigan.training.runs import checkpoint, log


@pytest.fixture
def path(tmp_path):
    """A finished run of six iterations: logged at 2, 4, 6 and at the saves 3 and 6."""
    return train(tmp_path / "run").run.path


def test_a_finished_run_is_told_as_one(path):
    run = history.read(path)
    assert run.name == "run"
    assert (run.seed, run.done, run.iteration) == (1, 6, 6)
    assert run.ended == "Finished: all 6 iterations"
    assert run.lines == log_of(path)
    assert run.seconds == run.lines[-1]["seconds"]
    assert run.checkpoints == ["last", "best"]


def test_epochs_are_iterations_over_whole_minibatches_of_the_training_examples(path):
    assert history.read(path).epochs == pytest.approx(6 / 119)  # 1,197 digits, m = 10


def test_the_best_checkpoint_is_that_of_the_smallest_distance_in_the_log(path):
    measured = {
        line["validation_distance"]: line["iteration"]
        for line in log_of(path)
        if "validation_distance" in line
    }
    best = history.read(path).best
    assert (best.value, best.iteration) == (min(measured), measured[min(measured)])
    assert best.metric == "validation_distance"


def test_the_best_checkpoint_by_parzen_is_that_of_the_largest_likelihood(tmp_path):
    path = train(tmp_path / "run", log__monitor="parzen").run.path
    best = history.read(path).best
    assert best.metric == "validation_LL"
    told = [line["validation_LL"] for line in log_of(path) if "validation_LL" in line]
    assert best.value == max(told)


def test_without_a_monitor_there_is_no_best(tmp_path):
    assert history.read(train(tmp_path / "run", log__monitor="none").run.path).best is None


def shortened(path, iteration):
    """The run as if its last checkpoint were of an earlier iteration."""
    arrays = checkpoint.load(path / "checkpoint.npz")
    arrays["iteration"] = np.array(iteration)
    checkpoint.save(path / "checkpoint.npz", arrays)


def test_an_interrupted_run_has_its_last_line_at_its_checkpoint(path):
    log.cut(path / "log.jsonl", 3)
    shortened(path, 3)
    assert history.read(path).ended == ("Interrupted after 3 of 6 iterations; that state is saved")


def test_a_stopped_run_has_lines_beyond_its_checkpoint(path):
    shortened(path, 3)
    run = history.read(path)
    assert run.done == 3
    assert run.ended == (
        "Stopped after iteration 6 of 6 without saving it; the last checkpoint is that of "
        "iteration 3"
    )


def test_a_run_that_is_being_trained_says_so(path):
    with files.locked(path):
        assert history.read(path).ended == "Still training: 6 of 6 iterations are saved"
    assert not history.read(path).training


@pytest.mark.parametrize("damage", ["missing", "damaged", "of something else"])
def test_a_checkpoint_that_cannot_be_read_is_no_error(path, damage):
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


def test_an_empty_log_is_a_run_that_has_logged_nothing(path):
    (path / "log.jsonl").write_text("")
    run = history.read(path)
    assert (run.lines, run.seconds) == ([], 0.0)


def test_seconds_that_are_no_time_count_as_none(path):
    (path / "log.jsonl").write_text(json.dumps({"iteration": 6, "seconds": 10**400}) + "\n")
    assert history.read(path).seconds == 0.0


def test_data_that_are_not_here_are_no_error_unless_they_were_asked_for(path, tmp_path):
    facts = json.loads((path / "environment.json").read_text())
    facts["data"]["digest"] = "0" * 32
    (path / "environment.json").write_text(json.dumps(facts))
    run = history.read(path)
    assert run.data is None
    assert run.epochs is None
    assert "the examples are not those of" in run.data_error
    with pytest.raises(UserError, match="does not use --data-dir"):
        history.read(path, tmp_path)


def test_what_is_no_run_or_has_no_log_is_refused(path, tmp_path):
    with pytest.raises(UserError, match=r"is not a run folder: it holds no recipe\.toml"):
        history.read(tmp_path)
    (path / "log.jsonl").unlink()
    with pytest.raises(UserError, match=r"run holds no log\.jsonl: the run was stopped before"):
        history.read(path)
