"""A session ends with its files in order: after Ctrl-C, a full disk, NaN, or without locks."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tiny
from runs_of import iteration_of, log_of, train
from threadpoolctl import threadpool_limits

from minigan import cli
from minigan.system.environment import environment
from minigan.training import recipes, trainer
from minigan.training.experiment import Experiment
from minigan.training.recorder import Reporting
from minigan.training.runs import checkpoint, log
from minigan.training.runs.directory import RunDirectory
from minigan.training.stopping import TrainingStopped


@pytest.mark.parametrize(("chosen", "used"), [(0, 2), (1, 1), (2, 2), (1000, os.cpu_count())])
def test_a_run_uses_and_records_the_blas_threads_of_its_recipe(tmp_path, chosen, used):
    with threadpool_limits(2, user_api="blas"):
        train(tmp_path / "run", training__blas_threads=chosen)
        assert {pool["threads"] for pool in environment()["blas"]} == {2}
    facts = json.loads((tmp_path / "run" / "environment.json").read_text())
    assert {pool["threads"] for pool in facts["blas"]} == {used}


def test_a_run_that_diverges_stops_without_a_python_warning(tmp_path):
    with pytest.raises(TrainingStopped, match="before the update"):
        train(
            tmp_path / "run",
            optimizer__rate=1000,
            optimizer__rate_divisor=1.0,
            optimizer__momentum=0.9,
            optimizer__momentum_final=0.9,
            discriminator__weight_of_V=1e6,
            training__iterations=500,
        )


@pytest.mark.parametrize("file", ["checkpoint.npz", "samples.png", "log.jsonl"])
def test_a_full_disk_is_one_message_and_keeps_the_previous_checkpoint(
    tmp_path, monkeypatch, capsys, file
):
    path, run = tmp_path / "tiny.toml", tmp_path / "run"
    path.write_text(recipes.to_toml(tiny.recipe(log__every=4)))
    replace, append = os.replace, log.append
    full = OSError(errno.ENOSPC, "No space left on device", str(run / file))
    calls = []

    def refuse_the_second(source, target):
        if target == run / file:
            calls.append(target)
            if len(calls) == 2:
                raise full
        replace(source, target)

    def refuse(path, line):
        if file == "log.jsonl":
            raise full
        append(path, line)

    monkeypatch.setattr(os, "replace", refuse_the_second)
    monkeypatch.setattr(log, "append", refuse)
    status = cli.main(["train", str(path), "--out", str(run), "--quiet"])
    assert status == 2
    sentence = (
        f"minigan: cannot read or write {run / file}: No space left on device; the last "
        f"checkpoint is intact; continue from it: minigan train --resume {run}\n"
    )
    assert capsys.readouterr() == ("", sentence)
    # The sheet is written after the checkpoint, so then only the sheet is missing.
    assert iteration_of(run) == (3 if file == "samples.png" else 0)
    assert [path.name for path in run.iterdir() if path.name.startswith(".")] == []


def wait_for(happened, process, seconds=30):
    end = time.monotonic() + seconds
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def test_ctrl_c_finishes_the_iteration_saves_and_exits_with_130(tmp_path):
    path, run = tmp_path / "tiny.toml", tmp_path / "run"
    text = recipes.to_toml(tiny.recipe(training__iterations=10**9, log__save_every=10**9))
    path.write_text(text)
    process = subprocess.Popen(
        [sys.executable, "-m", "minigan", "train", str(path), "--out", str(run)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_for((run / "log.jsonl").exists, process)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 130
    assert "Traceback" not in err
    t = iteration_of(run)
    assert t >= 2
    assert log_of(run)[-1]["iteration"] == t
    assert out.startswith(f"interrupted after {t} iterations in ")
    assert (run / "samples" / f"{t:08d}.png").exists()
    saved, straight = checkpoint.load(run / "checkpoint.npz"), tiny.experiment()
    for step in range(t):
        straight.iterate(step)
    np.testing.assert_array_equal(saved["updates"], [t, 2 * t])
    np.testing.assert_array_equal(saved["theta_g"], straight.state()["theta_g"])


def test_ctrl_c_during_an_iteration_lets_it_finish(tmp_path, monkeypatch):
    iterate = Experiment.iterate

    def interrupted(self, t):
        if t == 1:
            signal.raise_signal(signal.SIGINT)
        return iterate(self, t)

    monkeypatch.setattr(Experiment, "iterate", interrupted)
    result = train(tmp_path / "run", log__every=100, log__save_every=100)
    assert (result.interrupted, result.iterations) == (True, 2)
    assert iteration_of(tmp_path / "run") == 2
    assert [line["iteration"] for line in log_of(tmp_path / "run")] == [2]


def test_an_interrupted_run_is_saved_and_not_assessed(tmp_path, monkeypatch):
    iterate = Experiment.iterate

    def interrupted(self, t):
        if t == 4:
            signal.raise_signal(signal.SIGINT)
        return iterate(self, t)

    monkeypatch.setattr(Experiment, "iterate", interrupted)
    monkeypatch.setattr(trainer, "assess_samples", None)  # it would be a TypeError to call it
    assert train(tmp_path / "run").quality is None
    assert iteration_of(tmp_path / "run") == 5


def test_a_ctrl_c_before_the_first_checkpoint_names_the_folder(tmp_path, monkeypatch, capsys):
    def write_recipe(self, recipe):
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("the run continued")

    monkeypatch.setattr(RunDirectory, "write_recipe", write_recipe)
    message = f"there is no checkpoint yet: delete {tmp_path / 'run'} and start again"
    with pytest.raises(KeyboardInterrupt, match=re.escape(message)):
        train(tmp_path / "run", reporting=Reporting(quiet=True, json=True))
    event = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (event["event"], event["reason"]) == ("stopped", message)


def test_a_stop_by_nan_is_an_event(tmp_path, monkeypatch, capsys):
    reporting = Reporting(quiet=True, json=True)
    with pytest.raises(TrainingStopped) as stop:
        train(tmp_path / "run", reporting=reporting, discriminator__weight_of_V=1e6,
              optimizer__rate=1000, training__iterations=500)  # fmt: skip
    event = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert event == {"event": "stopped", "reason": str(stop.value)}


def test_without_locks_a_run_goes_on_and_says_so(tmp_path, monkeypatch, capsys):
    def refuse(handle, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    train(tmp_path / "run")
    assert capsys.readouterr().err == (
        f"warning: the folder {tmp_path / 'run'} cannot be locked: No locks available; do not "
        "resume this run in a second process at the same time\n"
    )
