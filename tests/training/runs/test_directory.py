"""A run folder never overwrites another, and every error is one message."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
import tiny
from PIL import Image

from minigan.errors import UserError
from minigan.training.runs.directory import RunDirectory


def test_a_trained_run_is_no_pretrained_generator_and_the_message_names_none(tmp_path):
    with pytest.raises(UserError, match=r"holds no recipe\.toml; .*, such as runs/digits-1$"):
        RunDirectory.open_trained(tmp_path)
    with pytest.raises(UserError, match="mnist is a pretrained generator without D"):
        RunDirectory.open_trained(Path("mnist"))
    (tmp_path / "recipe.toml").write_text("")
    assert RunDirectory.open_trained(tmp_path).path == tmp_path


@pytest.fixture
def run(tmp_path):
    return RunDirectory.create("tiny", tmp_path / "run")


def test_runs_without_a_folder_get_the_first_free_number(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    paths = [str(RunDirectory.create("tiny", None).path) for _ in range(3)]
    assert paths == ["runs/tiny-1", "runs/tiny-2", "runs/tiny-3"]
    os.rename("runs/tiny-2", "runs/kept")
    assert str(RunDirectory.create("tiny", None).path) == "runs/tiny-2"
    assert str(RunDirectory.create("other", None).path) == "runs/other-1"


def test_a_number_used_by_a_file_or_a_broken_link_is_skipped(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "tiny-1").write_text("mine")
    (tmp_path / "runs" / "tiny-2").symlink_to("nowhere")
    assert str(RunDirectory.create("tiny", None).path) == "runs/tiny-3"
    assert (tmp_path / "runs" / "tiny-1").read_text() == "mine"


def test_a_given_folder_is_made_with_its_parents(tmp_path):
    run = RunDirectory.create("tiny", tmp_path / "a" / "b")
    assert run.path == tmp_path / "a" / "b"
    assert [path.name for path in run.path.iterdir()] == ["samples"]


def test_a_folder_or_file_that_exists_is_never_used(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine")
    for name in ("folder", "file"):
        with pytest.raises(UserError, match=f"{name} already exists: choose another --out$"):
            RunDirectory.create("tiny", tmp_path / name)
    assert list((tmp_path / "folder").iterdir()) == []
    assert (tmp_path / "file").read_text() == "mine"


def test_a_folder_that_cannot_be_created_is_named(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(
        UserError, match=r"file/run cannot be created: Not a directory; choose another"
    ):
        RunDirectory.create("tiny", tmp_path / "file" / "run")


def test_if_runs_is_a_file_the_message_names_it(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").write_text("mine")
    with pytest.raises(
        UserError, match=r"^the run folder runs cannot be created: File exists; choose"
    ):
        RunDirectory.create("tiny", None)


def test_a_folder_without_a_recipe_is_not_a_run(tmp_path):
    for name in (".", "nowhere", "nowhere/below"):
        with pytest.raises(UserError, match="is not a run folder: it holds no recipe"):
            RunDirectory.open(tmp_path / name)


DATA = {"set": "digits", "shape": [8, 8, 1]}


def state(t):
    return {"theta_g": np.arange(3, dtype=np.float32) + t, "iteration": np.array(t)}


def test_every_file_has_its_documented_name_and_reads_back(run):
    picture = np.arange(12, dtype=np.uint8).reshape(3, 4)
    run.write_recipe(tiny.recipe())
    run.write_environment({"seed": 2**64 - 1, "processor": "Ærø", "data": DATA})
    run.write_sheet(0, 255 - picture)
    run.write_sheet(123, picture)
    run.write_animation()
    run.save_checkpoint(state(3), keep=True, best=True)
    run.save_checkpoint(state(4), keep=False, best=False)
    names = sorted(str(path.relative_to(run.path)) for path in run.path.rglob("*"))
    assert names == [
        "animation.png",
        "best.npz",
        "checkpoint.npz",
        "checkpoints",
        "checkpoints/00000003.npz",
        "environment.json",
        "recipe.toml",
        "samples",
        "samples.png",
        "samples/00000000.png",
        "samples/00000123.png",
    ]
    again = RunDirectory.open(run.path)
    assert again.read_recipe() == tiny.recipe()
    assert again.read_environment()["processor"] == "Ærø"
    assert again.read_environment()["seed"] == 2**64 - 1
    for which, t in (("last", 4), ("best", 3), ("3", 3), ("0003", 3)):
        loaded = again.load_checkpoint(which)
        np.testing.assert_array_equal(loaded["theta_g"], state(t)["theta_g"])
    assert again.checkpoints() == ["last", "best", "3"]
    latest = (run.path / "samples.png").read_bytes()
    assert latest == (run.path / "samples" / "00000123.png").read_bytes()
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(latest))), picture)
    with Image.open(run.path / "animation.png") as animation:
        assert animation.n_frames == 2
        np.testing.assert_array_equal(np.asarray(animation), 255 - picture)


def test_one_sheet_makes_no_animation(run):
    run.write_sheet(0, np.zeros((3, 4), dtype=np.uint8))
    run.write_animation()
    assert not (run.path / "animation.png").exists()


def test_the_kept_and_the_best_checkpoint_are_written_before_the_last(run, monkeypatch):
    run.save_checkpoint(state(3), keep=False, best=False)
    replace = os.replace

    def refuse_the_last(source, target):
        if target == run.path / "checkpoint.npz":
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", refuse_the_last)
    with pytest.raises(KeyboardInterrupt):
        run.save_checkpoint(state(6), keep=True, best=True)
    assert [int(run.load_checkpoint(w)["iteration"]) for w in ("last", "best", "6")] == [3, 6, 6]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "it is not JSON"),
        (b'{"seed": ', "it is not JSON"),
        (b"[1]", "it must be a table of named values"),
        (b"null", "it must be a table of named values"),
        (b"[" * 100_000, "it is nested more than 32 levels deep"),
        (b"\xff\xfe\x00", "it is not UTF-8 text"),
    ],
)
def test_a_damaged_environment_is_refused_with_the_reason(run, data, reason):
    (run.path / "environment.json").write_bytes(data)
    with pytest.raises(UserError, match=rf"environment\.json is damaged: {reason}"):
        run.read_environment()


def test_a_missing_environment_is_refused_with_the_reason(run):
    repeat = f"minigan train {run.path / 'recipe.toml'}"
    words = rf"environment\.json cannot be read: No such file .*, or train again: {repeat} "
    with pytest.raises(
        UserError, match=rf"{words}\(add its --seed and --data-dir and custom parts"
    ):
        run.read_environment()


def test_a_damaged_environment_is_refused_with_the_command_that_it_still_gives(run):
    facts = {"seed": 7, "data": {"set": "digits", "where": str(run.path), "shape": "8"}}
    (run.path / "environment.json").write_text(json.dumps(facts))
    repeat = rf"minigan train {run.path / 'recipe.toml'} --seed 7 --data-dir {run.path}$"
    with pytest.raises(UserError, match=rf"restore this file, or train again: {repeat}"):
        run.read_environment()


def test_the_message_for_an_existing_run_shows_how_to_resume_it(tmp_path):
    run = RunDirectory.create("tiny", tmp_path / "run")
    run.save_checkpoint(state(1), keep=False, best=False)
    with pytest.raises(UserError, match=r"or resume it with minigan train --resume .*run$"):
        RunDirectory.create("tiny", tmp_path / "run")


def test_a_missing_folder_of_sheets_is_created_again(run):
    (run.path / "samples").rmdir()
    run.write_sheet(3, np.zeros((3, 4), dtype=np.uint8))
    assert (run.path / "samples" / "00000003.png").exists()


def test_only_the_sheets_of_later_iterations_are_removed(run):
    for t in (0, 3, 6):
        run.write_sheet(t, np.zeros((3, 4), dtype=np.uint8))
    (run.path / "samples" / "mine.png").write_bytes(b"x")
    run.forget_sheets_after(3)
    names = sorted(path.name for path in (run.path / "samples").iterdir())
    assert names == ["00000000.png", "00000003.png", "mine.png"]


def test_files_that_are_not_named_by_an_iteration_are_no_sheets_and_no_checkpoints(run):
    run.save_checkpoint(state(3), keep=True, best=False)
    for name in ("\u00b2", "\u0663", "1" * 13, "x1", "1x", "-1"):
        (run.path / "samples" / f"{name}.png").write_bytes(b"x")
        (run.path / "checkpoints" / f"{name}.npz").write_bytes(b"x")
    run.forget_sheets_after(0)
    assert len(list((run.path / "samples").iterdir())) == 6
    assert run.checkpoints() == ["last", "3"]


def test_a_pipe_in_place_of_an_environment_is_refused_without_waiting(run):
    os.mkfifo(run.path / "environment.json")
    with pytest.raises(
        UserError, match=r"environment\.json cannot be read: it is a named pipe, not a regular"
    ):
        run.read_environment()
