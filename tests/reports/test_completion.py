"""Completions of a run: the mask words, the table, the files, and an exact density."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tiny
from PIL import Image

from minigan.data import digits
from minigan.errors import UserError
from minigan.evaluation.completion import FillQuality
from minigan.reports.completion import Completion, complete, mask_of_words
from minigan.reports.inference_inputs import Inputs
from minigan.training.completion import masks

SHAPE = (8, 8, 1)


def inputs(count=12, train=True):
    images = digits.load("test")[:count]
    whole = digits.load("train") if train else None
    return Inputs(images, tuple(map(str, range(count))), "test images of digits", whole)


def sampler():
    return tiny.experiment(**tiny.COMPLETING).sampler


def test_the_words_of_a_mask():
    def missing(*words, shape=SHAPE):
        return np.flatnonzero(mask_of_words(words, shape, 0) == 0)

    for name in masks.SIDES:
        assert missing(name).tolist() == np.flatnonzero(~masks.side(name, 8, 8)).tolist()
    assert len(missing("all")) == 64
    assert missing("rectangle", "0", "1", "2", "3").tolist() == [1, 2, 9, 10]
    assert len(missing("random", "0.25")) == 16
    assert missing("rectangle", "0", "0", "1", "1", shape=(2, 2, 3)).tolist() == [0, 1, 2]
    assert mask_of_words(["top"], SHAPE, 0).dtype == np.float32
    one, other = (mask_of_words(["random", ".5"], SHAPE, seed) for seed in (0, 1))
    assert not np.array_equal(one, other)


def test_a_png_misses_its_white_pixels_in_the_size_of_the_run(tmp_path):
    picture = np.zeros((4, 4), np.uint8)
    picture[:2, 2:] = 255
    file = tmp_path / "mask.PNG"
    Image.fromarray(picture).save(file)
    s = mask_of_words([str(file)], SHAPE, 0).reshape(8, 8)
    np.testing.assert_array_equal(s, masks.box((0, 4, 4, 8), 8, 8))


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (
            ["middle"],
            "--mask middle is not a mask: use left, right, top, bottom, all, rec",
        ),
        (["left", "2"], "--mask left 2 is not a mask"),
        (["rectangle", "1", "2", "3"], "--mask rectangle R0 C0 R1 C1: give 4 numbers"),
        (["rectangle", "a", "2", "3", "4"], "--mask rectangle R0 C0 R1 C1: give 4 numbers"),
        (["rectangle", "0", "0", "9", "1"], "is not in a picture of 8 rows and 8 columns"),
        (["random", "1.5"], "--mask random FRACTION: give 1 number, with a fraction above 0"),
        (["random", "nan"], "--mask random FRACTION: give 1 number"),
        (["random", "0.001"], "--mask random 0.001 leaves no pixel missing"),
    ],
)
def test_other_words_are_refused_with_what_is_accepted(words, sentence):
    with pytest.raises(UserError, match=sentence.replace("(", r"\(")):
        mask_of_words(words, SHAPE, 0)


def test_observed_pixels_have_no_spread_and_the_array_has_every_completion(tmp_path):
    found = complete(inputs(), sampler(), ["right"], 3, 5, tmp_path / "all.npy")
    completed = np.load(tmp_path / "all.npy")
    assert (completed.shape, completed.dtype) == ((12, 3, 64), np.float32)
    observed = mask_of_words(["right"], SHAPE, 0) == 1
    x = inputs().images.all()
    for j in range(3):
        np.testing.assert_array_equal(completed[:, j, observed], x[:, observed])
    assert not np.ptp(completed[:, :, observed], axis=1).any()
    assert (np.ptp(completed[:, :, ~observed], axis=1) > 0).all()
    assert [row.name for row in found.rows] == [
        *("G", "mean of training images", "nearest training image", "the picture itself")
    ]
    itself = found.rows[-1]
    assert (itself.rms, itself.spread) == (0, 0)
    assert itself.right is not None
    assert itself.right > 0.8
    assert (found.N, found.mask, found.missing, found.count) == (12, "right", 0.5, 3)
    again = complete(inputs(), sampler(), ["right"], 3, 5, tmp_path / "again.npy")
    assert again == found
    np.testing.assert_array_equal(np.load(tmp_path / "again.npy"), completed)
    complete(inputs(), sampler(), ["right"], 3, 6, tmp_path / "other.npy")
    assert not np.array_equal(np.load(tmp_path / "other.npy"), completed)


def test_pictures_without_classes_have_a_row_for_G_only(tmp_path):
    found = complete(inputs(2, train=False), sampler(), ["all"], 1, 0, tmp_path / "sheet.png")
    assert [(row.name, row.right) for row in found.rows] == [("G", None)]
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (3 * 34 + 2, 2 * 34 + 2)
    with pytest.raises(UserError, match=r"sheet\.jpg must end in \.png \(a sheet\) or \.npy"):
        complete(inputs(), sampler(), ["all"], 1, 0, tmp_path / "sheet.jpg")


def test_the_table_fits_80_columns_and_the_record_has_its_numbers():
    rows = (
        FillQuality("G", 0.625, 0.25, 0.125),
        FillQuality("mean of training images", None, 1, 0),
    )
    found = Completion("test images of digits", 1000, "rectangle 1 1 7 7", 36 / 64, 8, rows)
    assert str(found).splitlines() == [
        "1,000 test images of digits, 8 completions of each",
        "missing: rectangle 1 1 7 7 (56 % of the pixels)",
        "",
        "| filled by | own class | rms | spread |",
        "|---|---|---|---|",
        "| G | 62.5 % | 0.250 | 0.125 |",
        "| mean of training images |  | 1.000 | 0.000 |",
    ]
    assert json.loads(json.dumps(found.to_json()))["rows"][0]["right"] == 0.625


def test_the_page_has_the_numbers_of_the_record():
    docs = Path(__file__).parents[2] / "docs"
    page = (docs / "completion.md").read_text("utf-8")
    record = json.loads((docs / "results" / "completion" / "digits.json").read_text("utf-8"))
    assert len(record["completions"]) == 6
    for one in record["completions"]:
        cells = " | ".join(f"{100 * row['right']:.1f} %" for row in one["rows"])
        assert f"| {one['mask']} | {cells} |" in page
    G, mean, nearest, _ = (f"{row['rms']:.3f}" for row in record["completions"][-1]["rows"])
    assert f"{G} for G, {mean} for the mean and {nearest} for the nearest" in " ".join(page.split())
