"""A run writes the documented files, is repeatable, and keeps its last checkpoint."""

from __future__ import annotations

import errno
import fcntl
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tiny
from PIL import Image
from runs_of import iteration_of, log_of, train
from threadpoolctl import threadpool_limits

from minigan import cli
from minigan.errors import UserError
from minigan.evaluation.quality import assess_samples
from minigan.system.environment import environment
from minigan.training import pictures, recipes, sampling, trainer
from minigan.training.experiment import Experiment
from minigan.training.metrics import compute_metrics
from minigan.training.recorder import Reporting
from minigan.training.runs import checkpoint, log
from minigan.training.runs.directory import RunDirectory


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of six iterations, logged every 2, saved every 3."""
    return train(tmp_path_factory.mktemp("finished") / "run")


def test_a_run_leaves_the_documented_files(finished):
    names = {str(path.relative_to(finished.run.path)) for path in finished.run.path.rglob("*")}
    sheets = {f"samples/0000000{t}.png" for t in (0, 3, 6)}
    assert names == sheets | {
        *("recipe.toml", "environment.json", "log.jsonl"),
        *("samples", "samples.png", "animation.png", "checkpoint.npz", "best.npz"),
    }
    assert recipes.load(str(finished.run.path / "recipe.toml")) == tiny.recipe()
    assert (finished.iterations, finished.interrupted) == (6, False)
    assert finished.seconds > 0


def test_the_environment_has_seed_device_and_system(finished):
    facts = json.loads((finished.run.path / "environment.json").read_text())
    with threadpool_limits(1, user_api="blas"):  # as in the recipe of the run
        data = facts.pop("data")
        assert facts == {"seed": 1, "device": "cpu", **environment()}
    digits = tiny.experiment().data
    digests = {"digest": digits.digest, "splits": digits.digest_of_splits}
    assert data == {"set": "digits", "where": None, "shape": [8, 8, 1], **digests}


@pytest.mark.parametrize(("chosen", "used"), [(0, 2), (1, 1), (2, 2), (1000, os.cpu_count())])
def test_a_run_uses_and_records_the_blas_threads_of_its_recipe(tmp_path, chosen, used):
    with threadpool_limits(2, user_api="blas"):
        train(tmp_path / "run", training__blas_threads=chosen)
        assert {pool["threads"] for pool in environment()["blas"]} == {2}
    facts = json.loads((tmp_path / "run" / "environment.json").read_text())
    assert {pool["threads"] for pool in facts["blas"]} == {used}


def test_the_log_has_the_metrics_the_rate_and_the_momentum_of_every_second_iteration(finished):
    lines = log_of(finished.run.path)
    game = tiny.experiment()
    expected = {}
    for t in range(6):
        expected[t + 1] = compute_metrics(game.iterate(t), game.game.objective)
    assert [line["iteration"] for line in lines] == [2, 3, 4, 6]
    for line in lines:
        t = line["iteration"]
        monitored = ["validation_distance"] if t in (3, 6) else []
        monitored += ["classes", "rarest", "classifier_error", "diversity"] if t in (3, 6) else []
        monitored += ["collapsed"] if t in (3, 6) else []
        names = ["iteration", "seconds", "V", "loss_g", "D_x", "D_Gz", "eta", "mu", *monitored]
        assert list(line) == names
        logged = {name: v for name, v in vars(expected[t]).items() if v is not None}
        assert {name: line[name] for name in logged} == logged
        assert expected[t].penalty is None
        assert line["eta"] == pytest.approx(0.1 / 1.01 ** (t - 1), rel=1e-12)
        assert line["mu"] == 0.5
    assert 0 <= lines[0]["seconds"] <= lines[-1]["seconds"] <= finished.seconds


def test_the_last_iteration_is_always_logged_and_saved(tmp_path):
    train(tmp_path / "run", training__iterations=5, log__every=4, log__save_every=100)
    assert [line["iteration"] for line in log_of(tmp_path / "run")] == [4, 5]
    assert iteration_of(tmp_path / "run") == 5


def test_a_sheet_shows_100_samples_on_the_same_noise_every_time(finished):
    game = tiny.experiment()
    for t in (0, 3, 6):
        data = (finished.run.path / "samples" / f"{t:08d}.png").read_bytes()
        expected = pictures.sheet(game.samples(100), 8, 8)
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), expected)
        for step in range(t, t + 3):
            game.iterate(step)


def test_the_quality_is_that_of_1000_samples_of_the_last_G(finished):
    loaded = sampling.load_sampler(finished.run.path)
    samples = loaded.samples(loaded.noise(1000, seed=1))
    assert len(finished.quality.shares) == 10
    assert finished.quality == assess_samples(samples, tiny.experiment().data)


def test_the_same_seed_leaves_the_same_bytes_and_another_seed_others(finished, tmp_path):
    names = ["checkpoint.npz", "samples.png", "recipe.toml"]
    train(tmp_path / "same")
    train(tmp_path / "other", seed=2)
    for name in names:
        whole = (finished.run.path / name).read_bytes()
        assert (tmp_path / "same" / name).read_bytes() == whole
        assert ((tmp_path / "other" / name).read_bytes() == whole) == (name == "recipe.toml")


def test_no_folder_is_created_where_the_sizes_do_not_match(tmp_path):
    with pytest.raises(UserError, match=r"training\.m = 1198 is more than"):
        train(tmp_path / "run", training__m=1198)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_diverges_stops_without_a_python_warning(tmp_path):
    with pytest.raises(trainer.TrainingStopped, match="before the update"):
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
        f"checkpoint is intact: minigan train --resume {run} continues from it\n"
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


def test_a_ctrl_c_during_the_assessment_of_samples_ends_it(tmp_path, monkeypatch):
    def assess(samples, data):
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("the assessment continued")

    monkeypatch.setattr(trainer, "assess_samples", assess)
    resume = f"minigan train --resume {tmp_path / 'run'} continues from it"
    with pytest.raises(KeyboardInterrupt, match=f"the last checkpoint is intact: {resume}"):
        train(tmp_path / "run")
    assert iteration_of(tmp_path / "run") == 6


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
    with pytest.raises(trainer.TrainingStopped) as stop:
        train(tmp_path / "run", reporting=reporting, discriminator__weight_of_V=1e6,
              optimizer__rate=1000, training__iterations=500)  # fmt: skip
    event = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert event == {"event": "stopped", "reason": str(stop.value)}


def test_samples_that_are_not_finite_stop_the_run(tmp_path, monkeypatch):
    samples = Experiment.samples
    monkeypatch.setattr(Experiment, "samples", lambda self, n: samples(self, n) * np.inf)
    words = r"stopped after iteration 3: the samples are not finite; the last checkpoint"
    with pytest.raises(trainer.TrainingStopped, match=words):
        train(tmp_path / "run", data__set="ring", generator__output="linear")
    assert iteration_of(tmp_path / "run") == 0


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
        f"training; minigan train --resume '{place}' continues from its last checkpoint"
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


def test_what_a_killed_process_left_before_its_first_checkpoint_is_used_again(tmp_path):
    whole = train(tmp_path / "whole")
    run = tmp_path / "run"
    (run / "samples").mkdir(parents=True)
    shutil.copy(whole.run.path / "recipe.toml", run)
    (run / ".0123456789abcdef.part").write_bytes(b"half")
    train(run)
    left = {str(path.relative_to(run)) for path in run.rglob("*")}
    assert left == {str(path.relative_to(whole.run.path)) for path in whole.run.path.rglob("*")}
    with pytest.raises(UserError, match="already exists: choose another --out"):
        train(run)


def test_a_folder_that_another_process_has_used_in_between_is_not_overwritten(
    tmp_path, monkeypatch
):
    whole = train(tmp_path / "run")
    before = (tmp_path / "run" / "checkpoint.npz").read_bytes()
    monkeypatch.setattr(trainer.RunDirectory, "create", lambda name, path: whole.run)
    with pytest.raises(UserError, match="already exists: choose another --out"):
        train(tmp_path / "run", seed=2)
    assert (tmp_path / "run" / "checkpoint.npz").read_bytes() == before


def test_without_locks_a_run_goes_on_and_says_so(tmp_path, monkeypatch, capsys):
    def refuse(handle, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    train(tmp_path / "run")
    assert capsys.readouterr().err == (
        f"warning: the folder {tmp_path / 'run'} cannot be locked: No locks available; do not "
        "resume this run in a second process at the same time\n"
    )


def test_events_that_cannot_be_written_end_with_status_2_and_a_complete_run(tmp_path):
    command = f'"{sys.executable}" -m minigan train toy --iterations 2 --json --quiet --out run'
    done = subprocess.run(
        f"{command} > /dev/full", shell=True, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr == (
        "minigan: events are missing: standard output cannot be written: No space left on device; "
        "the run in run is not affected\n"
    )
    assert iteration_of(tmp_path / "run") == 2
