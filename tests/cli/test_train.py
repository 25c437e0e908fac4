"""`minigan train`: the printed summary, and one message for every wrong input."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny
from refused import refused
from runs_of import iteration_of

from minigan import cli
from minigan.training import recipes
from minigan.training.experiment import Experiment


@pytest.mark.parametrize("name", ["nonsense", "", "recipes/other"])
def test_an_unknown_recipe_is_refused_with_the_choices(capsys, name):
    sentence = refused(capsys, ["train", name])
    assert sentence == (
        f"minigan: there is no recipe {name!r}; use one of {', '.join(recipes.names())}, "
        "or the path of a .toml file"
    )
    assert not os.path.exists("runs")


@pytest.mark.parametrize(("name", "near"), [("minst", "mnist"), ("recipes/digits", "digits")])
def test_a_name_like_that_of_a_recipe_is_refused_with_it(capsys, name, near):
    sentence = refused(capsys, ["train", name])
    assert sentence == (
        f"minigan: there is no recipe {name!r}; did you mean {near}? (minigan info lists all)"
    )
    assert not os.path.exists("runs")


def test_a_damaged_recipe_is_refused_with_its_path(capsys, tmp_path):
    (tmp_path / "bad.toml").write_text("name = 'x'\n")
    sentence = refused(capsys, ["train", "bad.toml"])
    assert sentence == "minigan: bad.toml: data is missing"


def test_an_existing_folder_is_never_written_to(capsys, tmp_path):
    (tmp_path / "mine").mkdir()
    sentence = refused(capsys, ["train", "tiny.toml", "--out", "mine"])
    assert sentence == "minigan: mine already exists: choose another --out"
    assert list((tmp_path / "mine").iterdir()) == []


def test_a_folder_below_a_file_cannot_be_created(capsys):
    sentence = refused(capsys, ["train", "tiny.toml", "--out", "tiny.toml/run"])
    assert (
        sentence == "minigan: the run folder tiny.toml/run cannot be created: Not a directory; "
        "choose another --out"
    )


def test_train_prints_the_paths_of_samples_and_checkpoint(capsys):
    assert cli.main(["train", "tiny.toml", "--iterations", "3", "--seed", "5"]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert re.fullmatch(r"3 iterations in \d+\.\d s", lines[0])
    assert lines[1].startswith("nearest training images: ")
    assert lines[2:] == ["samples     runs/tiny-1/samples.png",
                         "checkpoint  runs/tiny-1/checkpoint.npz"]  # fmt: skip
    assert err == "run folder: runs/tiny-1\n"
    with open("runs/tiny-1/environment.json", encoding="utf-8") as file:
        assert json.load(file)["seed"] == 5
    assert recipes.load("runs/tiny-1/recipe.toml").training.iterations == 3


def test_the_recipe_of_a_run_gives_the_same_checkpoint_again(run, capsys, tmp_path):
    assert cli.main(["train", "run/recipe.toml", "--quiet", "--out", "again"]) == 0
    one, again = ((tmp_path / name / "checkpoint.npz").read_bytes() for name in (run, "again"))
    assert one == again


def test_quiet_shows_no_progress(capsys):
    assert cli.main(["train", "tiny.toml", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_a_memory_error_is_one_message(capsys, tmp_path, monkeypatch):
    def refuse(*arguments):
        return np.empty(2**55)

    monkeypatch.setattr(Experiment, "begin", refuse)
    assert refused(capsys, ["train", "tiny.toml"]).startswith("minigan: not enough memory")


def test_an_interrupted_run_has_status_130_and_prints_a_summary(capsys, monkeypatch):
    def interrupted(self):
        self.requested = True
        return self

    monkeypatch.setattr("minigan.system.signals.Interrupt.__enter__", interrupted)
    monkeypatch.setattr("minigan.system.signals.Interrupt.__exit__", lambda *a: None)
    assert cli.main(["train", "tiny.toml", "--quiet"]) == 130
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("interrupted after 1 iteration in")
    assert lines[-1] == "resume      minigan train --resume runs/tiny-1"


@pytest.mark.parametrize("words", [[], ["--resume", "run"]])
def test_a_ctrl_c_while_the_data_are_loaded_says_that_nothing_is_saved(
    run, capsys, monkeypatch, words
):
    def load(*arguments):
        signal.raise_signal(signal.SIGINT)
        raise AssertionError("the data were loaded")

    monkeypatch.setattr("minigan.data.sets.load", load)
    before = sorted(Path().rglob("*"))
    assert cli.main(["train", *words]) == 130
    message = "minigan: interrupted; training had not begun, and nothing was saved\n"
    assert capsys.readouterr() == ("", message)
    assert sorted(Path().rglob("*")) == before


def test_a_ctrl_c_after_the_training_does_not_say_that_nothing_is_saved(capsys, monkeypatch):
    monkeypatch.setattr(
        "minigan.system.mpi.wait_for_all", lambda ranks: signal.raise_signal(signal.SIGINT)
    )
    assert cli.main(["train", "tiny.toml", "--out", "run", "--quiet"]) == 130
    assert capsys.readouterr() == ("", "minigan: interrupted\n")
    assert iteration_of(Path("run")) > 0


def test_set_changes_a_setting_of_the_recipe(capsys):
    changes = ["--set", "optimizer.rate=0.05", "--set", "prior.kind=gaussian"]
    assert cli.main(["train", "tiny.toml", "--out", "run", "--quiet", *changes]) == 0
    assert recipes.load("run/recipe.toml") == tiny.recipe(
        optimizer__rate=0.05, prior__kind="gaussian"
    )


def test_a_change_of_an_unknown_setting_is_refused(capsys):
    sentence = refused(capsys, ["train", "tiny.toml", "--set", "optimizer.rat=1"])
    assert sentence == "minigan: there is no setting 'optimizer.rat'; did you mean optimizer.rate?"
    assert not os.path.exists("runs")


def test_with_json_nothing_else_is_printed(capsys):
    assert cli.main(["train", "tiny.toml", "--out", "run", "--json", "--quiet"]) == 0
    out, err = capsys.readouterr()
    events = [json.loads(line)["event"] for line in out.splitlines()]
    assert (events[0], events[-1], err) == ("begin", "end", "")


def test_csv_and_tensorboard_are_written_on_request(capsys):
    command = ["train", "tiny.toml", "--out", "run", "--quiet", "--csv", "--tensorboard"]
    assert cli.main(command) == 0
    assert os.path.exists("run/log.csv")
    assert os.listdir("run/tensorboard")


def test_missing_mnist_is_reported_with_the_download_command(capsys, no_data):
    sentence = refused(capsys, ["train", "mnist-2014"])
    assert "mnist was not found" in sentence
    assert "`minigan data fetch mnist` downloads it (11.6 MB), or give a folder" in sentence
    assert not os.path.exists("runs")


def test_networks_larger_than_the_memory_are_refused(capsys):
    sentence = refused(capsys, ["train", "tiny.toml", "--set", "generator.hidden=[100000,100000]"])
    assert sentence.startswith("minigan: these networks need ")


def test_training_continues_if_its_reader_closes_the_pipe(tmp_path):
    command = [sys.executable, "-m", "minigan", "train", "tiny.toml", "--json", "--out", "run"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path
    )
    process.stdout.readline()
    process.stdout.close()
    process.stderr.close()
    assert process.wait() == 0
    assert iteration_of(tmp_path / "run") == 6


def test_a_data_dir_that_is_not_needed_is_refused(capsys, tmp_path):
    sentence = refused(capsys, ["train", "tiny.toml", "--data-dir", str(tmp_path)])
    assert "'digits' is built in and does not use --data-dir" in sentence
    assert "--set data.set=folder" in sentence


def test_a_finished_run_has_no_iterations_left(run, capsys):
    assert cli.main(["train", "--resume", run, "--quiet"]) == 0
    out = capsys.readouterr().out
    message = "all 6 iterations are already done: set a larger number with --iterations\n"
    assert out.startswith(message)
