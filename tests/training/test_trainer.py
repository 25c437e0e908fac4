"""A run writes the documented files, is repeatable, and keeps its last checkpoint."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
import tiny
from runs_of import iteration_of, log_of, train

from minigan.errors import UserError
from minigan.evaluation.quality import assess_samples
from minigan.training import recipes, sampling, trainer
from minigan.training.experiment import Experiment
from minigan.training.metrics import compute_metrics
from minigan.training.stopping import TrainingStopped


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


def test_a_ctrl_c_during_the_assessment_of_samples_ends_it(tmp_path, monkeypatch):
    def assess(samples, data):
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("the assessment continued")

    monkeypatch.setattr(trainer, "assess_samples", assess)
    resume = f"continue from it: minigan train --resume {tmp_path / 'run'}$"
    with pytest.raises(KeyboardInterrupt, match=f"the last checkpoint is intact; {resume}"):
        train(tmp_path / "run")
    assert iteration_of(tmp_path / "run") == 6


def test_samples_that_are_not_finite_stop_the_run(tmp_path, monkeypatch):
    samples = Experiment.samples
    monkeypatch.setattr(Experiment, "samples", lambda self, n: samples(self, n) * np.inf)
    words = r"stopped after iteration 3: the samples are not finite; the last checkpoint"
    with pytest.raises(TrainingStopped, match=words):
        train(tmp_path / "run", data__set="ring", generator__output="linear")
    assert iteration_of(tmp_path / "run") == 0


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
