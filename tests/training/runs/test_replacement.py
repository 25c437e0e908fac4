"""If the last checkpoint of a run is damaged, the message ends with a command that works."""

from __future__ import annotations

import re
import shlex
import shutil

import pytest
from runs_of import QUIET, iteration_of, train

from minigan import cli
from minigan.errors import UserError
from minigan.training import trainer
from minigan.training.runs import checkpoint, replacement
from minigan.training.runs.directory import RunDirectory

FACTS = {"seed": 1, "data": {"where": None}}


@pytest.fixture(scope="module")
def run_of_six(tmp_path_factory):
    """Six iterations; a sheet and a kept checkpoint every 3. best.npz is of iteration 3 or 6."""
    folder = tmp_path_factory.mktemp("runs") / "my run"
    train(folder, log__keep_every=3)
    return folder


@pytest.fixture
def path(run_of_six, tmp_path):
    return shutil.copytree(run_of_six, tmp_path / "my run")


def test_the_command_of_the_message_resumes_with_the_same_result(path, run_of_six, capsys):
    (path / "checkpoint.npz").write_bytes((path / "checkpoint.npz").read_bytes()[:1000])
    (path / "best.npz").unlink()
    (path / "checkpoints" / "00000006.npz").write_bytes(b"x")
    assert cli.main(["train", "--resume", str(path)]) == 2
    found = re.search(
        r"; to resume from iteration 3: (cp .*) && (minigan .*)$", capsys.readouterr().err
    )
    assert found
    copy, resume = map(shlex.split, found.groups())
    shutil.copyfile(*copy[1:])
    assert cli.main([*resume[1:], "--quiet"]) == 0
    assert iteration_of(path) == 6
    states = ((folder / "checkpoint.npz").read_bytes() for folder in (path, run_of_six))
    assert next(states) == next(states)


def test_the_latest_checkpoint_that_can_be_read_is_named(path):
    (path / "checkpoint.npz").unlink()
    kept = path / "checkpoints"
    shutil.copyfile(kept / "00000003.npz", path / "best.npz")
    file = shlex.quote(str(kept / "00000006.npz"))
    assert replacement.replacement_advice(RunDirectory.open(path), FACTS).startswith(
        f"to resume from iteration 6: cp {file} "
    )
    shutil.copyfile(kept / "00000006.npz", path / "best.npz")
    shutil.rmtree(kept)
    assert "iteration 6: cp " in replacement.replacement_advice(RunDirectory.open(path), FACTS)


@pytest.mark.parametrize(
    ("best", "damaged", "expected", "read"),
    [
        ("00000003", "", 6, ["best.npz", "00000006.npz"]),
        ("00000006", "", 6, ["best.npz"]),
        ("00000003", "00000006", 3, ["best.npz", "00000006.npz"]),
        (None, "", 6, ["best.npz", "00000006.npz"]),
    ],
)
def test_no_checkpoint_older_than_the_one_of_the_message_is_read(
    path, monkeypatch, best, damaged, expected, read
):
    kept = path / "checkpoints"
    (path / "best.npz").write_bytes((kept / f"{best}.npz").read_bytes() if best else b"x")
    if damaged:
        (kept / f"{damaged}.npz").write_bytes(b"x")
    load, found = checkpoint.load, []

    def recorded(path, *more):
        found.append(path.name)
        return load(path, *more)

    monkeypatch.setattr(checkpoint, "load", recorded)
    advice = replacement.replacement_advice(RunDirectory.open(path), FACTS)
    assert advice.startswith(f"to resume from iteration {expected}: ")
    assert found == read


def test_without_another_checkpoint_the_run_is_repeated_with_its_seed(path):
    shutil.rmtree(path / "checkpoints")
    for name in ("checkpoint.npz", "best.npz"):
        (path / name).write_bytes(b"x")
    recipe = shlex.quote(str(path / "recipe.toml"))
    words = re.escape(f"can be read; to train it again: minigan train {recipe} --seed 1") + "$"
    with pytest.raises(UserError, match=words):
        trainer.resume(path, reporting=QUIET)


def test_the_command_that_repeats_the_run_names_the_folder_of_its_data(path, tmp_path):
    shutil.rmtree(path / "checkpoints")
    (path / "best.npz").unlink()
    where = tmp_path / "my images"
    where.mkdir()
    advice = replacement.replacement_advice(
        RunDirectory.open(path), {"seed": 7, "data": {"where": str(where)}}
    )
    end = f" --seed 7 --data-dir {shlex.quote(str(where))}"
    assert advice.endswith(end)


def test_a_newer_format_is_no_reason_to_replace_the_checkpoint(path, monkeypatch):
    monkeypatch.setattr("minigan.training.runs.checkpoint.VERSION", 0)
    with pytest.raises(UserError, match=r"install a newer version of minigan; available [^;]*$"):
        trainer.resume(path, reporting=QUIET)
