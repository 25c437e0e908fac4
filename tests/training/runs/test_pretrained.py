"""A G that comes with minigan samples as its run did, by its name, and lies where it belongs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from runs_of import train

from minigan.errors import UserError
from minigan.training import sampling, trainer
from minigan.training.runs import checkpoint, pretrained
from minigan.training.runs.directory import RunDirectory


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models with one, named small, of the tiny recipe."""
    monkeypatch.chdir(tmp_path)
    run = train(tmp_path / "run").run
    facts = run.read_environment()
    theta = {"theta_g": run.load_checkpoint()["theta_g"]}
    pretrained.write(tmp_path / "models" / "small", run.read_recipe(), facts, theta)
    monkeypatch.setattr(pretrained, "MODELS", tmp_path / "models")
    return tmp_path / "models"


def test_its_samples_are_those_of_the_run_within_half_a_grey_level(models: Path) -> None:
    shipped_G, of_run = sampling.load_sampler(Path("small")), sampling.load_sampler(Path("run"))
    z = of_run.noise(200, 3)
    a, b = shipped_G.samples(z), of_run.samples(z)
    assert 0 < np.abs(a - b).max() < 0.5 / 255
    half = checkpoint.load(models / "small" / "checkpoint.npz")["theta_g"]
    assert half.dtype == np.float16
    assert a.dtype == np.float32


def test_a_run_of_that_name_comes_first_and_another_folder_does_not(models: Path) -> None:
    assert RunDirectory.open(Path("small")).path == models / "small"
    Path("small").mkdir()  # of data, say
    assert RunDirectory.open(Path("small")).path == models / "small"
    Path("small").rmdir()
    Path("run").rename("small")
    assert RunDirectory.open(Path("small")).path == Path("small")


def test_what_is_made_of_it_goes_into_the_working_folder(models: Path) -> None:
    assert pretrained.pretrained_names() == ["small"]
    assert pretrained.output_path(Path("small"), "sample-0.png") == Path("small-sample-0.png")
    assert pretrained.output_path(Path("run"), "sample-0.png") == Path("run/sample-0.png")
    assert pretrained.output_path(Path("nowhere"), "a") == Path("nowhere/a")


def test_it_has_no_other_checkpoint_and_cannot_be_gone_on_with(models: Path) -> None:
    with pytest.raises(UserError, match=r"there is no checkpoint .*; there are: last"):
        sampling.load_sampler(Path("small"), "best")
    with pytest.raises(UserError, match="comes with minigan, and has G alone"):
        trainer.resume(Path("small"))


def test_a_path_that_is_no_run_is_told_the_names(models: Path) -> None:
    with pytest.raises(UserError, match="such as runs/digits-1, or the name small"):
        RunDirectory.open(Path("smal"))
