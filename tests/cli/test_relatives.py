"""The commands on the run of a DBN, CAE or GSN: what works, and what needs a GAN."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tiny_relative

from minigan import cli
from minigan.training import recipes
from minigan.training.runs import log


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run of a tiny DBN, trained with the command."""
    folder = tmp_path_factory.mktemp("relative")
    (folder / "tiny.toml").write_text(recipes.to_toml(tiny_relative.recipe("dbn")))
    command = ("train", str(folder / "tiny.toml"), "--out", str(folder / "run"), "--quiet")
    assert cli.main([*command, "--iterations", "5"]) == 0
    return folder / "run"


def test_a_run_is_resumed(run, capsys) -> None:
    assert cli.main(["train", "--resume", str(run), "--iterations", "6", "--quiet"]) == 0
    assert capsys.readouterr().out.startswith("6 iterations in ")
    assert log.read(run / "log.jsonl")[-1]["iteration"] == 6


def test_a_warning_says_that_the_top_layer_is_not_trained(run, tmp_path, capsys) -> None:
    out = str(tmp_path / "short")
    command = ["train", str(run / "recipe.toml"), "--iterations", "3", "--out", out, "--quiet"]
    assert cli.main(command) == 0
    assert capsys.readouterr().err.startswith("warning: 3 iterations train no top layer, because")
    assert cli.main(["train", "--resume", out, "--iterations", "4", "--quiet"]) == 0
    assert capsys.readouterr().err == ""


def test_samples_are_drawn_and_scored_and_compared_with_images(run, tmp_path, capsys) -> None:
    out = tmp_path / "x.npy"
    assert cli.main(["sample", str(run), "--count", "9", "--out", str(out)]) == 0
    assert np.load(out).shape == (9, 64)
    assert cli.main(["sample", str(run), "--count", "9"]) == 0
    assert (run / "sample-0.png").is_file()
    capsys.readouterr()
    count = ("--count", "50", "--alone", "--json", "--quiet")
    assert cli.main(["parzen", str(run), *count]) == 0
    assert json.loads(capsys.readouterr().out)["score"]["N"] == 50
    assert cli.main(["quality", str(run), "--json", "--quiet"]) == 0
    first, *_ = json.loads(capsys.readouterr().out)["rows"]
    assert first["name"] == "samples"


def test_a_report_has_the_curves_the_recipe_and_why_there_are_no_figures(run) -> None:
    assert cli.main(["report", str(run), "--no-score", "--quiet"]) == 0
    page = (run / "report.html").read_text()
    for text in (
        "layer",
        "The layer that is being trained, from the bottom.",
        "cross-entropy of its reconstruction",
        "but this run is that of a deep belief network.",
        "model.hidden",
    ):
        assert text in page
    assert "maximised by D" not in page
    assert "learning rate eta of G" not in page


@pytest.mark.parametrize(
    "command",
    [
        ("infer",),
        ("labels",),
        ("complete", "--mask", "left"),
        ("figure", "2"),
        ("figure", "3"),
        ("figure", "latent"),
        ("reproduce", "record"),
        ("reproduce", "model", "--out", "model"),
    ],
)
def test_a_command_that_needs_a_gan_says_so(run, command, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    words = [*command[:2], str(run), *command[2:]]
    if command[0] in ("infer", "labels", "complete"):
        words = [command[0], str(run), *command[1:]]
    assert cli.main(words) == 2
    assert capsys.readouterr().err == (
        f"minigan: {run / 'recipe.toml'} is for a deep belief network, which has no G and no D, "
        "but a GAN is needed here: give the recipe or the run of a GAN, for example digits\n"
    )


def test_a_device_and_a_class_are_refused(run, capsys) -> None:
    assert cli.main(["train", "digits-gsn", "--device", "cuda"]) == 2
    assert "the GSN of digits-gsn is trained on the CPU only" in capsys.readouterr().err
    assert cli.main(["sample", str(run), "--device", "cuda"]) == 2
    assert "has a model for the CPU only" in capsys.readouterr().err
    assert cli.main(["sample", str(run), "--class", "3"]) == 2
    assert "was trained without classes" in capsys.readouterr().err
    assert cli.main(["reproduce", "table1", "--recipe", "digits-dbn"]) == 2
    assert "digits-dbn is for a deep belief network" in capsys.readouterr().err
