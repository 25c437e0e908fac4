"""A run leaves what is documented, repeats bit for bit, and never loses what it has saved."""

from __future__ import annotations

import errno
import io
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tiny
from PIL import Image
from threadpoolctl import threadpool_limits

from minigan import algorithm1, checkpoint, cli, pictures, recipe, training
from minigan.environment import environment
from minigan.errors import UserError
from minigan.experiment import Experiment
from minigan.measures import measure
from minigan.run_directory import RunDirectory


def train(path, seed=1, **changes):
    return training.train(tiny.recipe(**changes), seed, out=path, quiet=True)


def log_of(path):
    return [json.loads(line) for line in (path / "log.jsonl").read_text().splitlines()]


def iteration_of(path):
    return int(checkpoint.load(path / "checkpoint.npz")["iteration"])


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A run of six iterations, logged every 2, saved every 3."""
    return train(tmp_path_factory.mktemp("finished") / "run")


def test_a_run_leaves_the_documented_files(finished):
    names = {str(path.relative_to(finished.run.path)) for path in finished.run.path.rglob("*")}
    sheets = {f"samples/0000000{t}.png" for t in (0, 3, 6)}
    assert names == sheets | {
        *("recipe.toml", "environment.json", "log.jsonl"),
        *("samples", "samples.png", "checkpoint.npz"),
    }
    assert recipe.load(str(finished.run.path / "recipe.toml")) == tiny.recipe()
    assert (finished.iterations, finished.interrupted) == (6, False)
    assert finished.seconds > 0


def test_the_environment_says_seed_device_and_surroundings(finished):
    facts = json.loads((finished.run.path / "environment.json").read_text())
    with threadpool_limits(1, user_api="blas"):  # as in the recipe of the run
        assert facts == {"seed": 1, "device": "cpu", **environment()}


@pytest.mark.parametrize(("chosen", "used"), [(0, 2), (1, 1), (3, 3)])
def test_a_run_uses_and_records_the_blas_threads_of_its_recipe(tmp_path, chosen, used):
    with threadpool_limits(2, user_api="blas"):
        train(tmp_path / "run", training__blas_threads=chosen)
        assert {pool["threads"] for pool in environment()["blas"]} == {2}
    facts = json.loads((tmp_path / "run" / "environment.json").read_text())
    assert {pool["threads"] for pool in facts["blas"]} == {used}


def test_the_log_holds_the_measures_of_every_second_iteration_with_rate_and_momentum(finished):
    lines = log_of(finished.run.path)
    game = tiny.experiment()
    expected = {}
    for t in range(6):
        expected[t + 1] = measure(game.iterate(t), game.game.objective)
    assert [line["iteration"] for line in lines] == [2, 4, 6]
    for line in lines:
        t = line["iteration"]
        assert list(line) == ["iteration", "seconds", "V", "loss_g", "D_x", "D_Gz", "eta", "mu"]
        assert {name: line[name] for name in vars(expected[t])} == vars(expected[t])
        assert line["eta"] == pytest.approx(0.1 / 1.01 ** (t - 1), rel=1e-12)
        assert line["mu"] == 0.5
    assert 0 <= lines[0]["seconds"] <= lines[-1]["seconds"] <= finished.seconds


def test_the_last_iteration_is_logged_and_saved_whatever_the_steps(tmp_path):
    train(tmp_path / "run", training__iterations=5, log__every=4, log__sheet_every=100)
    assert [line["iteration"] for line in log_of(tmp_path / "run")] == [4, 5]
    assert iteration_of(tmp_path / "run") == 5


def test_a_sheet_shows_100_samples_on_the_same_noise_every_time(finished):
    game = tiny.experiment()
    for t in (0, 3, 6):
        data = (finished.run.path / "samples" / f"{t:08d}.png").read_bytes()
        expected = pictures.sheet(game.samples(game.noise(100)), 8, 8)
        np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), expected)
        for step in range(t, t + 3):
            game.iterate(step)


def test_the_judgement_is_that_of_1000_samples_of_the_last_G(finished):
    loaded = training.load(finished.run.path)
    samples = loaded.samples(loaded.noise(1000))
    assert len(finished.judgement.shares) == 10
    assert finished.judgement == training.judge(loaded, samples)


def test_the_same_seed_leaves_the_same_bytes_and_another_seed_others(finished, tmp_path):
    names = ["checkpoint.npz", "samples.png", "recipe.toml"]
    train(tmp_path / "same")
    train(tmp_path / "other", seed=2)
    for name in names:
        whole = (finished.run.path / name).read_bytes()
        assert (tmp_path / "same" / name).read_bytes() == whole
        assert ((tmp_path / "other" / name).read_bytes() == whole) == (name == "recipe.toml")


def test_a_loaded_experiment_has_the_state_seed_and_recipe_of_the_run(tmp_path):
    train(tmp_path / "run", seed=2**64 - 1)
    loaded = training.load(tmp_path / "run")
    straight = tiny.experiment(2**64 - 1)
    for t in range(6):
        straight.iterate(t)
    assert (loaded.seed, loaded.recipe) == (2**64 - 1, tiny.recipe())
    for name, array in straight.state().items():
        np.testing.assert_array_equal(loaded.state()[name], array)


def test_nothing_is_made_on_the_disk_where_the_sizes_do_not_fit(tmp_path):
    with pytest.raises(UserError, match=r"training\.m = 1198 is more than"):
        train(tmp_path / "run", training__m=1198)
    assert list(tmp_path.iterdir()) == []


def poison(monkeypatch, at, change):
    """After iteration `at`, `change` the game or its logits."""
    iterate = Experiment.iterate

    def poisoned(self, t):
        logits = iterate(self, t)
        return change(self.game, logits) if t + 1 == at else logits

    monkeypatch.setattr(Experiment, "iterate", poisoned)


def nan_in_theta_d(game, logits):
    game.player_d.theta.vector[3] = np.nan
    return logits


def infinity_in_velocity(game, logits):
    game.player_g.v[0] = np.inf
    return logits


def nan_in_loss(game, logits):
    return algorithm1.Logits(logits.real, logits.fake, logits.sample * np.nan)


@pytest.mark.parametrize(
    ("change", "words"),
    [(nan_in_theta_d, "theta_d"), (infinity_in_velocity, "v_g"), (nan_in_loss, "loss")],
)
@pytest.mark.parametrize(("at", "every"), [(4, 2), (4, 100), (6, 100)])
def test_a_number_that_is_not_finite_stops_before_it_is_saved(
    tmp_path, monkeypatch, change, words, at, every
):
    poison(monkeypatch, at, change)
    with pytest.raises(training.TrainingStopped, match=rf"at iteration {at} .*{words} is not fin"):
        train(tmp_path / "run", log__every=every, log__sheet_every=2)
    saved = checkpoint.load(tmp_path / "run" / "checkpoint.npz")
    assert int(saved["iteration"]) == at - 2
    assert all(np.isfinite(array).all() for array in saved.values())


def test_a_stopped_training_is_one_sentence_with_the_folder_and_status_1(
    tmp_path, monkeypatch, capsys
):
    path = tmp_path / "tiny.toml"
    path.write_text(recipe.to_toml(tiny.recipe()))
    poison(monkeypatch, 2, nan_in_loss)
    status = cli.main(["train", str(path), "--out", str(tmp_path / "run"), "--quiet"])
    out, err = capsys.readouterr()
    assert (status, out) == (1, "")
    assert err == (
        "minigan: training stopped: at iteration 2 a loss is not finite any more; the last "
        f"checkpoint in {tmp_path / 'run'} is kept; a lower optimizer.rate may help\n"
    )


def test_a_run_that_diverges_by_itself_stops_without_a_warning(tmp_path):
    with pytest.raises(training.TrainingStopped, match="is not finite any more"):
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
def test_a_full_disk_is_one_sentence_and_keeps_the_previous_checkpoint(
    tmp_path, monkeypatch, capsys, file
):
    path, run = tmp_path / "tiny.toml", tmp_path / "run"
    path.write_text(recipe.to_toml(tiny.recipe(log__every=4)))
    replace, append = os.replace, RunDirectory.append_log
    full = OSError(errno.ENOSPC, "No space left on device", str(run / file))
    calls = []

    def refuse_the_second(source, target):
        if target == run / file:
            calls.append(target)
            if len(calls) == 2:
                raise full
        replace(source, target)

    def refuse(self, line):
        if file == "log.jsonl":
            raise full
        append(self, line)

    monkeypatch.setattr(os, "replace", refuse_the_second)
    monkeypatch.setattr(RunDirectory, "append_log", refuse)
    status = cli.main(["train", str(path), "--out", str(run), "--quiet"])
    assert status == 2
    sentence = f"minigan: the system refused {run / file}: No space left on device\n"
    assert capsys.readouterr() == ("", sentence)
    assert iteration_of(run) == (0 if file == "checkpoint.npz" else 3)
    assert [path.name for path in run.iterdir() if path.name.startswith(".")] == []


def wait_for(happened, process, seconds=30):
    end = time.monotonic() + seconds
    while not happened():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.02)


def test_ctrl_c_finishes_the_iteration_saves_and_exits_with_130(tmp_path):
    path, run = tmp_path / "tiny.toml", tmp_path / "run"
    text = recipe.to_toml(tiny.recipe(training__iterations=10**9, log__sheet_every=10**9))
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
    loaded, straight = training.load(run), tiny.experiment()
    for step in range(t):
        straight.iterate(step)
    np.testing.assert_array_equal(loaded.state()["updates"], [t, 2 * t])
    np.testing.assert_array_equal(loaded.state()["theta_g"], straight.state()["theta_g"])


def test_ctrl_c_during_an_iteration_lets_it_finish(tmp_path, monkeypatch):
    iterate = Experiment.iterate

    def interrupted(self, t):
        if t == 1:
            signal.raise_signal(signal.SIGINT)
        return iterate(self, t)

    monkeypatch.setattr(Experiment, "iterate", interrupted)
    outcome = train(tmp_path / "run", log__every=100, log__sheet_every=100)
    assert (outcome.interrupted, outcome.iterations) == (True, 2)
    assert iteration_of(tmp_path / "run") == 2
    assert [line["iteration"] for line in log_of(tmp_path / "run")] == [2]


def test_a_sheet_of_samples_is_that_of_G_on_the_noise_of_the_seed(finished, tmp_path):
    out = training.sample(finished.run.path, 5, 7, tmp_path / "a.png")
    assert out == tmp_path / "a.png"
    loaded = training.load(finished.run.path)
    expected = pictures.sheet(loaded.samples(loaded.noise(5, seed=7)), 8, 8)
    np.testing.assert_array_equal(np.asarray(Image.open(out)), expected)


def test_samples_as_an_array_are_float32_pixels_from_0_to_1(finished, tmp_path):
    one, same, other = (
        np.load(training.sample(finished.run.path, 5, seed, tmp_path / f"{name}.npy"))
        for name, seed in (("a", 7), ("b", 7), ("c", 8))
    )
    assert (one.shape, one.dtype) == ((5, 64), np.float32)
    assert 0 < one.min() < one.max() < 1
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_a_sheet_has_room_for_10000_samples(finished, tmp_path):
    with pytest.raises(UserError, match=r"at most 10000 samples, not 10001: use a \.npy file"):
        training.sample(finished.run.path, 10_001, 0, tmp_path / "a.png")


@pytest.mark.parametrize("name", ["a.jpg", "a", "a.PNG", ".png", "a.npz"])
def test_samples_go_into_png_or_npy_only(finished, tmp_path, name):
    with pytest.raises(UserError, match=r"must end in \.png \(a sheet\) or \.npy \(an array\)"):
        training.sample(finished.run.path, 5, 0, tmp_path / name)
    assert list(tmp_path.iterdir()) == []
