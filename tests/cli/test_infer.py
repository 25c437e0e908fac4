"""`minigan infer`: trains E once, uses it again, and refuses wrong input in one sentence."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import numpy as np
import tiny
from PIL import Image
from refused import refused

from minigan import cli
from minigan.training import recipes
from minigan.training.inference import storage


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
    assert "E: 3,000 updates on the loss images, shipped\n" in capsys.readouterr().out
    assert np.load("mnist-inference/z.npz")["z"].shape == (1, 100)
    assert not Path("mnist-inference.npz").exists()


def test_another_E_for_the_pretrained_G_is_announced_and_named(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(np.eye(28, dtype=np.uint8) * 255).save("one.png")
    arguments = ["infer", "mnist", "--images", "one.png", "--quiet"]
    assert cli.main([*arguments, "--updates", "1", "--loss", "z"]) == 0
    out, err = capsys.readouterr()
    assert err == (
        "note: the shipped E cannot be continued: a new E is trained and saved in "
        "mnist-inference.npz\n"
    )
    assert "E: 1 updates on the loss z, from mnist-inference.npz\n" in out
    Path("mnist-inference.npz").unlink()
    assert cli.main(arguments) == 0
    assert "on the loss images, shipped\n" in capsys.readouterr().out


def test_an_interrupt_says_that_the_updates_are_saved(run, capsys, monkeypatch):
    def interrupting(sampler):
        signal.raise_signal(signal.SIGINT)
        return draw_of(sampler)

    draw_of = storage.draw_of
    with monkeypatch.context() as patch:
        patch.setattr(storage, "draw_of", interrupting)
        assert cli.main(["infer", run, "--updates", "5"]) == 130
    assert capsys.readouterr().err == (
        "minigan: interrupted; E has 1 updates in run/inference.npz, and the same command "
        "continues\n"
    )
    assert cli.main(["infer", run, "--updates", "5", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["updates"] == 5


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
    assert "needs a G without classes" in refused(capsys, ["infer", "c", "--images", "nowhere"])


def test_a_conditional_G_is_refused_before_its_data_set_is_asked_for(no_data, capsys):
    sentence = refused(capsys, ["infer", "mnist-conditional"])
    assert sentence.startswith("minigan: the G of mnist-conditional is conditional: ")


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
    assert refused(capsys, [*one, "--out", "one.png"]) == (
        "minigan: one.png is not a folder: name another one with --out"
    )
    assert "no checkpoint" in refused(capsys, [*one, "--checkpoint", "7"])
    assert "is not a run folder" in refused(capsys, ["infer", "nowhere"])
    Path("run/inference.npz").write_bytes(b"x")
    assert refused(capsys, one) == (
        "minigan: run/inference.npz is not a trained E: train it again with --retrain"
    )
