"""The advice after a stop is right: for a moved, a deleted and an intact checkpoint."""

from __future__ import annotations

import json
import shutil

import pytest
from runs_of import iteration_of, log_of, train

from minigan.errors import UserError
from minigan.training import trainer
from minigan.training.experiment import Experiment
from minigan.training.recorder import Reporting


def moving(monkeypatch, at, act):
    """Call `act` after iteration `at`."""
    iterate = Experiment.iterate

    def and_act(self, t):
        logits = iterate(self, t)
        if t + 1 == at:
            act()
        return logits

    monkeypatch.setattr(Experiment, "iterate", and_act)


def test_a_run_folder_that_is_moved_gets_the_work_and_the_sentence_says_where(
    tmp_path, monkeypatch, capsys
):
    run, place = tmp_path / "run", tmp_path / "else where"
    moving(monkeypatch, 4, lambda: run.rename(place))
    reporting = Reporting(quiet=True, json=True, csv=True, tensorboard=True)
    with pytest.raises(UserError) as caught:
        train(run, reporting=reporting, training__iterations=100, log__save_every=50)
    assert str(caught.value) == (
        f"the run has stopped after iteration 4: the run folder {run} was moved to {place} during "
        f"training; continue from its last checkpoint: minigan train --resume '{place}'"
    )
    assert not run.exists()
    assert iteration_of(place) == log_of(place)[-1]["iteration"] == 4
    assert (place / "log.csv").read_text().splitlines()[-1].startswith("4,")
    assert len(list((place / "tensorboard").iterdir())) == 1
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert events[-1] == {"event": "stopped", "reason": str(caught.value)}
    assert events[-2]["path"] == str(place / "checkpoint.npz")
    monkeypatch.undo()
    trainer.resume(place, 6, reporting=Reporting(quiet=True))


def test_a_run_folder_that_is_deleted_is_reported_as_such(tmp_path, monkeypatch):
    moving(monkeypatch, 4, lambda: shutil.rmtree(tmp_path / "run"))
    with pytest.raises(UserError, match=r"run was deleted or unmounted during training; if it"):
        train(tmp_path / "run", training__iterations=100)


def test_a_checkpoint_that_is_deleted_is_not_called_intact(tmp_path, monkeypatch):
    def act():
        for name in ("log.jsonl", "checkpoint.npz"):
            (tmp_path / "run" / name).unlink(missing_ok=True)
        (tmp_path / "run" / "log.jsonl").mkdir()

    moving(monkeypatch, 4, act)
    with pytest.raises(UserError, match=r"Is a directory; the last checkpoint in .* was deleted"):
        train(tmp_path / "run", training__iterations=100, log__every=4)
