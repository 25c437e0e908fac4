"""The commands and the lines of Python that continue or repeat a run are run as printed."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest
import tiny
from runs_of import QUIET

import minigan as mg
from minigan.errors import UserError
from minigan.training import trainer
from minigan.training.experiment import Experiment
from minigan.training.runs.repeating import repeating, resuming

PARTS = mg.Parts(D=mg.Network(64, (mg.Linear(1, 0.1),)), prior=mg.draws.noise.gaussian)


@pytest.fixture
def custom(tmp_path, monkeypatch):
    """A run with a D and a prior of its own; best.npz and checkpoint.npz are copied to `kept`."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "it's my run"
    trainer.train(tiny.recipe(), 5, out=path, reporting=QUIET, parts=PARTS)
    shutil.copytree(path, tmp_path / "kept")
    return path


def run_python(sentence):
    """Run what a sentence says, with the parts that it names."""
    assert "in Python, where parts = Parts(...) has its custom D, prior: " in sentence
    exec(sentence.partition("custom D, prior: ")[2], {"parts": PARTS})


def refused(path):
    """The message with which a run with a damaged checkpoint is refused."""
    with pytest.raises(UserError) as error:
        trainer.resume(path, reporting=QUIET, parts=PARTS)
    return str(error.value)


def test_with_custom_parts_the_copied_checkpoint_is_resumed_in_python(custom, tmp_path):
    (custom / "checkpoint.npz").write_bytes(b"x")
    found = re.search("iteration [36]: cp (.*), then (in Python, .*)", refused(custom))
    shutil.copyfile(*shlex.split(found[1]))
    run_python(found[2])
    for name in ("checkpoint.npz", "log.jsonl"):
        assert (custom / name).exists()
    expected = (tmp_path / "kept" / "checkpoint.npz").read_bytes()
    assert (custom / "checkpoint.npz").read_bytes() == expected


def test_with_custom_parts_and_no_checkpoint_the_run_is_repeated_in_python(custom, tmp_path):
    for name in ("checkpoint.npz", "best.npz"):
        (custom / name).unlink()
    run_python(refused(custom))
    expected = (tmp_path / "kept" / "checkpoint.npz").read_bytes()
    assert (tmp_path / "runs" / "tiny-1" / "checkpoint.npz").read_bytes() == expected


def test_with_custom_parts_an_interrupted_run_is_continued_in_python(tmp_path, monkeypatch):
    def interrupt(self, t):
        monkeypatch.undo()
        raise KeyboardInterrupt

    monkeypatch.setattr(Experiment, "iterate", interrupt)
    with pytest.raises(KeyboardInterrupt, match="is intact; continue from it: in Python") as error:
        trainer.train(tiny.recipe(), 5, out=tmp_path / "run", reporting=QUIET, parts=PARTS)
    trainer.train(tiny.recipe(), 5, out=tmp_path / "whole", reporting=QUIET, parts=PARTS)
    run_python(str(error.value))
    expected = (tmp_path / "whole" / "checkpoint.npz").read_bytes()
    assert (tmp_path / "run" / "checkpoint.npz").read_bytes() == expected


def test_in_python_the_folder_of_the_data_is_an_argument(tmp_path):
    facts = {"seed": 7, "data": {"where": str(tmp_path)}, "parts": {"D": "mine"}}
    words = f"seed=7, data_dir=Path({str(tmp_path)!r}), parts=parts)"
    assert repeating(tmp_path / "run", facts).endswith(words)


def test_without_custom_parts_both_are_commands():
    path, facts = Path("my run"), {"seed": 3, "data": {"where": None}}
    assert resuming(path, ()) == "minigan train --resume 'my run'"
    assert repeating(path, facts) == "minigan train 'my run/recipe.toml' --seed 3"


@pytest.mark.parametrize(
    ("facts", "options", "missing"),
    [
        ({"seed": 3, "data": {"where": None, "shape": 5}}, " --seed 3", None),
        ({"seed": 3, "data": {"where": "."}, "device": 5}, " --seed 3 --data-dir .", None),
        ({"seed": -1, "data": {"where": "."}}, " --data-dir .", "--seed, if given: it is"),
        ({"seed": True, "data": {"where": "."}}, " --data-dir .", "--seed, if given: it is"),
        ({"seed": 3, "data": []}, " --seed 3", "--data-dir, if given: it is"),
        ({"seed": 3, "data": {"where": 5}}, " --seed 3", "--data-dir, if given: it is"),
        ({"seed": 2**64, "data": 5}, "", "--seed and --data-dir, if given: they are"),
        ({"seed": 3, "data": {}, "parts": 5}, " --seed 3", "custom parts, if given: it is"),
        ([], "", "--seed and --data-dir and custom parts, if given: they are"),
        (None, "", "--seed and --data-dir and custom parts, if given: they are"),
    ],
)
def test_of_damaged_facts_the_known_ones_are_used_and_the_others_named(facts, options, missing):
    end = "" if missing is None else f" (add its {missing} not known any more)"
    assert repeating(Path("run"), facts) == f"minigan train run/recipe.toml{options}{end}"


def test_in_python_an_unknown_seed_is_left_to_the_reader():
    facts = {"seed": "3", "data": {"where": None}, "parts": {"D": "mine"}}
    assert repeating(Path("run"), facts).endswith(
        "train(load_recipe('run/recipe.toml'), seed=seed, parts=parts) (add its --seed, if given: "
        "it is not known any more)"
    )
