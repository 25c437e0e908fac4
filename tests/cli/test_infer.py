"""`minigan infer`: trains E once, uses it again, and refuses wrong input in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import tiny
from PIL import Image
from refused import refused

from minigan import cli
from minigan.training import recipes


def test_E_is_trained_once_and_the_json_has_the_printed_numbers(run, capsys):
    arguments = ["infer", run, "--updates", "5", "--count", "20"]
    assert cli.main(arguments) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[:2] == ["run/inference", "20 test images of digits"]
    assert err == ""
    written = Path("run/inference.npz").stat().st_mtime_ns
    assert cli.main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found.pop("out") == "run/inference"
    assert found == json.loads(Path("run/inference/measures.json").read_text())
    assert f"{found['r_squared']:.4f}" in out
    assert Path("run/inference.npz").stat().st_mtime_ns == written
    assert "trained with the loss images" in refused(capsys, [*arguments, "--loss", "z"])


def test_the_pretrained_G_needs_no_training_and_no_data(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.eye(28, dtype=np.uint8) * 255).save("one.png")
    assert cli.main(["infer", "mnist", "--images", "one.png", "--quiet"]) == 0
    assert "E: 3,000 updates on the loss images" in capsys.readouterr().out
    assert np.load("mnist-inference/z.npz")["z"].shape == (1, 100)
    assert not Path("mnist-inference.npz").exists()


def test_a_folder_of_pictures_is_refined_and_interpolated(run, capsys):
    Path("my").mkdir()
    for name in ("b.png", "a.png"):
        Image.fromarray(np.eye(8, dtype=np.uint8) * 255).save(f"my/{name}")
    options = ["--images", "my", "--out", "out", "--refine", "2", "--interpolate"]
    assert cli.main(["infer", run, "--updates", "1", *options]) == 0
    assert capsys.readouterr().out.splitlines()[1] == "2 pictures of my"
    names = [line.split(",")[0] for line in Path("out/z.csv").read_text().splitlines()]
    assert names == ["image", "a.png", "b.png"]
    assert Path("out/interpolation.png").exists()


def test_a_conditional_run_is_refused(capsys, tmp_path):
    (tmp_path / "c.toml").write_text(recipes.to_toml(tiny.recipe(**tiny.CONDITIONAL)))
    assert cli.main(["train", "c.toml", "--out", "c", "--quiet"]) == 0
    capsys.readouterr()
    assert "needs a G without classes" in refused(capsys, ["infer", "c"])


def test_wrong_input_is_refused_in_one_sentence(run, capsys):
    Image.fromarray(np.eye(8, dtype=np.uint8)).save("one.png")
    Path("text.png").write_text("no picture")
    Path("empty").mkdir()
    one = ["infer", run, "--updates", "1"]
    assert "does not exist" in refused(capsys, [*one, "--images", "nowhere"])
    assert "none of PNG" in refused(capsys, [*one, "--images", "text.png"])
    assert "at least 1 is needed" in refused(capsys, [*one, "--images", "empty"])
    assert "two images" in refused(capsys, [*one, "--images", "one.png", "--interpolate"])
    assert "--count applies to the data set" in refused(
        capsys, [*one, "--images", "one.png", "--count", "3"]
    )
    assert "--data-dir applies" in refused(capsys, [*one, "--images", "one.png", "--data-dir", "."])
    assert "not allowed with" in refused(capsys, [*one, "--images", "one.png", "--set", "test"])
    assert "whole number" in refused(capsys, [*one, "--refine", "0"])
    assert "one.png: File exists" in refused(capsys, [*one, "--out", "one.png"])
    assert "no checkpoint" in refused(capsys, [*one, "--checkpoint", "7"])
    assert "is not a run folder" in refused(capsys, ["infer", "nowhere"])
    Path("run/inference.npz").write_bytes(b"x")
    assert "--retrain" in refused(capsys, one)
