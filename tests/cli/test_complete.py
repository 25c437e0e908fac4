"""`minigan complete`: the sheet, the table, your own pictures, and refusals in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tiny
from PIL import Image
from refused import refused

from minigan import cli
from minigan.errors import UserError
from minigan.training import recipes
from minigan.training.features import load_discriminator


@pytest.fixture
def completing(capsys, tmp_path):
    """A finished completion run in the folder `completing`."""
    (tmp_path / "c.toml").write_text(recipes.to_toml(tiny.recipe(**tiny.COMPLETING)))
    assert cli.main(["train", "c.toml", "--out", "completing", "--quiet"]) == 0
    capsys.readouterr()
    return "completing"


def test_test_images_are_completed_with_a_table_and_the_json_has_its_numbers(completing, capsys):
    arguments = ["complete", completing, "--images", "25", "--count", "3", "--mask", "left"]
    assert cli.main(arguments) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines()[0] == "completing/completions.png"
    assert out.splitlines()[1:3] == [
        "25 test images of digits, 3 completions of each",
        "missing: left (50 % of the pixels)",
    ]
    assert max(map(len, out.splitlines())) <= 80
    with Image.open("completing/completions.png") as sheet:
        assert sheet.size == (5 * 34 + 2, 20 * 34 + 2)
    assert cli.main([*arguments, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["N"] == 25
    for row in found["rows"]:
        numbers = f"| {100 * row['right']:.1f} % | {row['rms']:.3f} | {row['spread']:.3f} |"
        assert f"| {row['name']} {numbers}" in out


def test_your_own_picture_is_completed_into_an_array(completing, capsys):
    Image.fromarray(np.eye(8, dtype=np.uint8) * 255).save("my.png")
    arguments = ["complete", completing, "my.png", "--mask", "random", "0.5", "--count", "2"]
    assert cli.main([*arguments, "--out", "my.npy", "--seed", "3"]) == 0
    assert "| G |  |" in capsys.readouterr().out
    assert np.load("my.npy").shape == (1, 2, 64)


def test_an_input_is_not_overwritten_and_changes_of_a_mask_are_noted(completing, capsys):
    Image.fromarray(np.eye(8, dtype=np.uint8) * 255).save("my.png")
    Image.fromarray(np.tri(16, dtype=np.uint8) * 255).save("mask.png")
    before = Path("my.png").read_bytes()
    arguments = ["complete", completing, "my.png", "--mask", "mask.png", "--quiet"]
    assert cli.main([*arguments, "--out", "x.npy"]) == 0
    assert "note: the mask: mask.png was resized" in capsys.readouterr().err
    for name in ("my.png", "mask.png"):
        sentence = refused(capsys, [*arguments, "--out", name])
        assert sentence == f"minigan: --out {name} is an input of this command: name another file"
    assert Path("my.png").read_bytes() == before
    sentence = refused(capsys, ["complete", completing, "no.png", "--mask", "left"])
    assert sentence == "minigan: no.png does not exist: give a picture, or a folder of pictures"


def test_wrong_input_is_refused_in_one_sentence(completing, run, capsys):
    Image.fromarray(np.eye(8, dtype=np.uint8)).save("one.png")
    assert "run does not complete pictures: use the run of a recipe with data.masks" in refused(
        capsys, ["complete", run, "--mask", "left"]
    )
    whole = ["complete", completing]
    assert "is not a mask: use left, right" in refused(capsys, [*whole, "--mask", "x"])
    assert "the following arguments are required: --mask" in refused(capsys, whole)
    one = ["complete", completing, "one.png", "--mask", "left"]
    assert "--images applies to the data set" in refused(capsys, [*one, "--images", "3"])
    assert "--data-dir applies" in refused(capsys, [*one, "--data-dir", "."])
    assert "must end in .png" in refused(capsys, [*one, "--out", "x.gif"])
    assert not Path("x.gif").exists()


def test_other_commands_refuse_a_G_with_further_inputs(completing, capsys):
    assert "has further inputs beside z" in refused(capsys, ["infer", completing])
    nowhere = ["infer", completing, "--images", "nowhere"]
    assert "has further inputs beside z" in refused(capsys, nowhere)
    assert "has further inputs beside z" in refused(capsys, ["figure", "latent", completing])
    with pytest.raises(UserError, match="its D reads a mask beside each picture"):
        load_discriminator(Path(completing))


def test_its_samples_are_pictures_of_which_nothing_is_observed(completing, capsys):
    assert cli.main(["sample", completing, "--out", "s.npy", "--count", "5"]) == 0
    samples = np.load("s.npy")
    assert samples.shape == (5, 64)
    assert np.ptp(samples, axis=0).min() > 0
