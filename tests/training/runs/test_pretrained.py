"""A pretrained generator gives the samples of its run, and is found by its name."""

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
    """A folder of models with one model named "small", from the tiny recipe."""
    monkeypatch.chdir(tmp_path)
    run = train(tmp_path / "run").run
    facts = run.read_environment()
    theta = {"theta_g": run.load_checkpoint()["theta_g"]}
    pretrained.write(tmp_path / "models" / "small", run.read_recipe(), facts, theta)
    monkeypatch.setattr(pretrained, "MODELS", tmp_path / "models")
    return tmp_path / "models"


def test_its_samples_equal_those_of_the_run_within_half_a_grey_level(models: Path) -> None:
    pretrained_G, trained_G = (sampling.load_sampler(Path(name)) for name in ("small", "run"))
    z = trained_G.noise(200, 3)
    a, b = pretrained_G.samples(z), trained_G.samples(z)
    assert 0 < np.abs(a - b).max() < 0.5 / 255
    half = checkpoint.load(models / "small" / "checkpoint.npz")["theta_g"]
    assert half.dtype == np.float16
    assert a.dtype == np.float32


def test_the_package_has_a_generator_of_digits_and_one_of_a_chosen_digit() -> None:
    assert pretrained.pretrained_names() == ["mnist", "mnist-conditional"]
    sampler = sampling.load_sampler(Path("mnist-conditional"))
    sevens, ones = (sampler.samples(sampler.noise(20, 0, only=digit)) for digit in (7, 1))
    assert sevens.shape == (20, 784)
    assert sampler.classes == 10
    # A seven has more ink in the upper half, and a one is symmetric.
    upper = [x[:, :392].sum() / x.sum() for x in (sevens, ones)]
    assert upper[0] > 0.53 > upper[1]


def test_the_files_beside_the_first_generator_have_less_than_10_MB() -> None:
    added = ("mnist/inference.npz", "mnist-conditional/checkpoint.npz")
    assert sum((pretrained.MODELS / name).stat().st_size for name in added) < 10e6


def test_a_run_folder_of_that_name_takes_precedence_and_another_folder_does_not(
    models: Path,
) -> None:
    assert RunDirectory.open(Path("small")).path == models / "small"
    Path("small").mkdir()  # for example a data folder
    assert RunDirectory.open(Path("small")).path == models / "small"
    Path("small").rmdir()
    Path("run").rename("small")
    assert RunDirectory.open(Path("small")).path == Path("small")


def test_its_output_files_are_written_to_the_current_folder(models: Path) -> None:
    assert pretrained.pretrained_names() == ["small"]
    assert pretrained.output_path(Path("small"), "sample-0.png") == Path("small-sample-0.png")
    assert pretrained.output_path(Path("run"), "sample-0.png") == Path("run/sample-0.png")
    assert pretrained.output_path(Path("nowhere"), "a") == Path("nowhere/a")


def test_it_has_no_other_checkpoint_and_cannot_be_resumed(models: Path) -> None:
    with pytest.raises(UserError, match=r"there is no checkpoint .*; available checkpoints: last"):
        sampling.load_sampler(Path("small"), "best")
    with pytest.raises(UserError, match="is a pretrained generator without D: give a run folder"):
        trainer.resume(Path("small"))


def test_the_message_for_a_path_that_is_not_a_run_has_the_names(models: Path) -> None:
    with pytest.raises(UserError, match="such as runs/digits-1, or the name small"):
        RunDirectory.open(Path("smal"))


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (np.nan, "theta_g contains numbers that are not finite: use another checkpoint"),
        (-np.inf, "theta_g contains numbers that are not finite: use another checkpoint"),
        (65_520.0, "theta_g contains numbers beyond 65,504, the largest of float16"),
    ],
)
def test_numbers_that_float16_does_not_have_are_refused(tmp_path, value, sentence):
    run = train(tmp_path / "run").run
    theta = run.load_checkpoint()["theta_g"]
    theta[3] = value
    with pytest.raises(UserError, match=sentence):
        pretrained.write(tmp_path / "model", run.read_recipe(), {}, {"theta_g": theta})
    assert not (tmp_path / "model").exists()


def test_a_full_disk_leaves_no_half_model(tmp_path, monkeypatch):
    run = train(tmp_path / "run").run
    theta = {"theta_g": run.load_checkpoint()["theta_g"]}

    def full(path, arrays):
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr(checkpoint, "save", full)
        with pytest.raises(OSError, match="No space left") as caught:
            pretrained.write(tmp_path / "model", run.read_recipe(), {}, theta)
    assert caught.value.filename == str(tmp_path / "model" / "checkpoint.npz")
    assert [path.name for path in tmp_path.iterdir()] == ["run"]
    pretrained.write(tmp_path / "model", run.read_recipe(), {}, theta)


def test_a_default_output_is_not_written_through_a_link_out_of_the_run(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "sample-0.png").symlink_to("../mine.png")
    with pytest.raises(OSError, match="it is a link that leads out of"):
        pretrained.output_path(tmp_path / "run", "sample-0.png")
