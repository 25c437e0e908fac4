"""`minigan sample`: the files, and one message for every wrong input."""

from __future__ import annotations

import json

import numpy as np
import pytest
import tiny
from PIL import Image
from refused import refused

from minigan import cli
from minigan.training import load_sampler, pictures, recipes


def test_a_billion_samples_are_refused_before_memory_is_allocated(capsys):
    assert "--count" in refused(capsys, ["sample", "run", "--count", "1000000000"])


def test_sample_writes_to_the_run_folder_by_default_and_prints_the_path(run, capsys):
    assert cli.main(["sample", run, "--seed", "7", "--count", "5"]) == 0
    assert capsys.readouterr().out == "run/sample-7.png\n"
    with Image.open("run/sample-7.png") as sheet:
        assert sheet.size == (3 * 34 + 2, 2 * 34 + 2)


def test_sample_writes_to_out(run, capsys):
    assert cli.main(["sample", run, "--out", "a.npy", "--count", "5"]) == 0
    assert capsys.readouterr().out == "a.npy\n"
    assert np.load("a.npy").shape == (5, 64)


@pytest.fixture
def conditional(capsys, tmp_path):
    """A finished conditional run in the folder `conditional`."""
    (tmp_path / "c.toml").write_text(recipes.to_toml(tiny.recipe(**tiny.CONDITIONAL)))
    assert cli.main(["train", "c.toml", "--out", "conditional", "--quiet"]) == 0
    capsys.readouterr()
    return "conditional"


def test_a_sheet_of_a_conditional_run_has_one_row_per_class(conditional, tmp_path, capsys):
    sampler = load_sampler(tmp_path / conditional)
    assert cli.main(["sample", conditional, "--out", "all.png", "--count", "30"]) == 0
    rows = [sampler.samples(sampler.noise(30, 0))[3 * c : 3 * c + 3] for c in range(10)]
    expected = pictures.sheet(np.concatenate(rows), 8, 8, columns=3)
    np.testing.assert_array_equal(np.asarray(Image.open("all.png")), expected)
    with Image.open(tmp_path / conditional / "samples.png") as sheet:
        assert sheet.size == (10 * 34 + 2, 10 * 34 + 2)
    assert cli.main(["sample", conditional, "--class", "7", "--out", "7.npy", "--count", "4"]) == 0
    seventh = sampler.samples(sampler.noise(4, 0, only=7))
    np.testing.assert_array_equal(np.load("7.npy"), seventh)
    assert not np.array_equal(seventh, sampler.samples(sampler.noise(4, 0, only=6)))


def test_one_class_has_a_default_file_of_its_own(conditional, capsys):
    assert cli.main(["sample", conditional, "--class", "7", "--count", "4"]) == 0
    assert capsys.readouterr().out == "conditional/sample-0-class-7.png\n"
    assert cli.main(["sample", conditional, "--count", "10"]) == 0
    assert capsys.readouterr().out == "conditional/sample-0.png\n"


def test_an_unknown_class_is_refused_with_the_known_ones(conditional, capsys):
    assert "has no class '../../7'" in refused(
        capsys, ["sample", conditional, "--class", "../../7"]
    )
    assert refused(capsys, ["sample", conditional, "--class", "11"]) == (
        "minigan: conditional has no class '11': use one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9"
    )


def test_a_class_of_a_run_without_classes_is_refused(run, capsys):
    sentence = refused(capsys, ["sample", run, "--class", "7"])
    assert sentence.startswith("minigan: run was trained without classes, so there is no class '7'")


def test_a_conditional_recipe_beside_the_facts_of_another_run_is_refused(
    conditional, capsys, tmp_path
):
    path = tmp_path / conditional / "environment.json"
    facts = json.loads(path.read_text())
    assert facts["data"].pop("classes") == [*"0123456789"]
    path.write_text(json.dumps(facts))
    assert "contradict each other" in refused(capsys, ["sample", conditional])


@pytest.mark.parametrize("path", [".", "nowhere", "tiny.toml", "tiny.toml/below"])
def test_a_path_that_is_not_a_run_is_refused(capsys, path):
    sentence = refused(capsys, ["sample", path])
    assert sentence.startswith(f"minigan: {path} is not a run folder: it holds no recipe.toml; ")


@pytest.mark.parametrize(
    ("file", "data", "words"),
    [
        ("checkpoint.npz", None, "there is no checkpoint run/checkpoint.npz"),
        ("checkpoint.npz", b"x", "the checkpoint run/checkpoint.npz is damaged"),
        ("environment.json", None, "run/environment.json cannot be read: No such file"),
        ("environment.json", b"{", "run/environment.json is damaged"),
        ("environment.json", b"{}", "run/environment.json is damaged: seed is missing"),
        ("recipe.toml", b"\xff", "the recipe run/recipe.toml cannot be read: it is not UTF-8"),
        ("recipe.toml", b"name = 1", "run/recipe.toml: data is missing"),
    ],
)
def test_a_damaged_run_is_refused_with_the_name_of_the_file(
    run, capsys, tmp_path, file, data, words
):
    path = tmp_path / run / file
    path.unlink()
    if data is not None:
        path.write_bytes(data)
    assert refused(capsys, ["sample", run]).startswith(f"minigan: {words}")


def test_the_checkpoint_of_another_recipe_is_refused(run, capsys, tmp_path):
    text = recipes.to_toml(tiny.recipe(generator__hidden=[8, 5]))
    (tmp_path / run / "recipe.toml").write_text(text)
    sentence = refused(capsys, ["sample", run])
    assert sentence == (
        "minigan: the checkpoint does not match the networks of this recipe: use the recipe that "
        "it was trained with"
    )


@pytest.mark.parametrize("out", ["a.jpg", "a", "run", "a.png.gz"])
def test_a_bad_suffix_is_refused(run, capsys, out):
    assert "must end in .png (a sheet) or .npy (an array)" in refused(
        capsys, ["sample", run, "--out", out]
    )


@pytest.mark.parametrize(
    ("out", "reason"),
    [("nowhere/a.png", "No such file or directory"), ("tiny.toml/a.npy", "Not a directory"),
     ("folder.png", "Is a directory")],
)  # fmt: skip
def test_a_file_that_cannot_be_written_is_named_with_the_reason(run, capsys, tmp_path, out, reason):
    (tmp_path / "folder.png").mkdir()
    sentence = refused(capsys, ["sample", run, "--out", out])
    assert sentence == f"minigan: cannot read or write {out}: {reason}"


def test_a_checkpoint_that_was_not_kept_is_refused_with_the_available_ones(run, capsys):
    sentence = refused(capsys, ["sample", run, "--checkpoint", "5"])
    assert sentence == (
        "minigan: there is no checkpoint run/checkpoints/00000005.npz; available checkpoints: "
        "last, best"
    )
