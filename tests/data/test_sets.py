"""Every data set has three splits, a shape and a digest."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from minigan.data import digits, sets
from minigan.data.catalogue import CATALOGUE
from minigan.errors import UserError


@pytest.fixture(autouse=True)
def nowhere(monkeypatch, tmp_path):
    """No data set of the catalogue is on this machine."""
    monkeypatch.setenv("MINIGAN_DATA", str(tmp_path / "nowhere"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def test_the_digits_have_three_splits():
    data = sets.load("digits")
    assert data.shape == (8, 8, 1)
    for split in ("train", "validation", "test"):
        images = getattr(data, split)
        np.testing.assert_array_equal(images.pixels, digits.load(split).pixels)


@pytest.mark.parametrize("name", ["ring", "grid"])
def test_points_have_two_coordinates(name):
    data = sets.load(name)
    assert data.shape == (2,)
    assert len({data.digest, sets.load("digits").digest}) == 2


def test_a_digest_depends_on_the_examples_only():
    assert sets.load("ring").digest == sets.load("ring").digest
    assert re.fullmatch("[0-9a-f]{32}", sets.load("grid").digest)
    assert sets.load("grid").digest != sets.load("ring").digest


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_missing_data_set_raises_with_the_download_command(name):
    with pytest.raises(UserError, match=rf"{name} was not found .*minigan data fetch {name}"):
        sets.load(name)


def test_a_folder_of_pictures_needs_data_dir():
    with pytest.raises(UserError, match="needs --data-dir DIR, the folder of your pictures"):
        sets.load("folder")


def test_a_folder_of_pictures_is_resized_to_the_given_sizes(tmp_path):
    for i in range(20):
        Image.new("RGB", (6, 4), (i, 2 * i, 3 * i)).save(tmp_path / f"{i:02}.png")
    data = sets.load("folder", tmp_path)
    assert (data.shape, len(data.train)) == ((4, 6, 3), 16)
    assert sets.load("folder", tmp_path, 2, 3, 1).shape == (2, 3, 1)


def test_the_digest_of_the_splits_covers_every_example_and_label(tmp_path):
    for i in range(20):
        Image.new("L", (6, 4), i).save(tmp_path / f"{i:02}.png")
    data = sets.load("folder", tmp_path)
    assert data.digest_of_splits == sets.load("folder", tmp_path).digest_of_splits
    changed = {data.digest_of_splits}
    for i in (8, 9, 0):  # validation, test, training
        Image.new("L", (6, 4), 255).save(tmp_path / f"{i:02}.png")
        changed.add(sets.load("folder", tmp_path).digest_of_splits)
    assert len(changed) == 4
    labels = np.arange(len(data.test))
    other = replace(data, test=replace(data.test, labels=labels))
    assert other.digest_of_splits != data.digest_of_splits
    assert other.digest == data.digest


def test_what_is_left_out_of_a_folder_is_noted(tmp_path):
    for i in range(10):
        Image.new("RGB", (6, 4), (i, 2 * i, 3 * i)).save(tmp_path / f"{i:02}.png")
    (tmp_path / "a.heic").touch()
    first, second = sets.load("folder", tmp_path, 2, 3, 1).notes
    assert "1 file (1 .heic)" in first
    assert "10 were converted from colour to grey, 10 were resized to 2 x 3" in second
    assert sets.load("digits").notes == ()


def test_a_contrast_normalises_every_split_of_a_folder_of_pictures(tmp_path):
    rng = np.random.default_rng(3)
    for number in range(10):
        pixels = rng.integers(0, 256, (4, 5, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(tmp_path / f"{number}.png")
    plain = sets.load("folder", tmp_path)
    data = sets.load("folder", tmp_path, contrast=2.0)
    assert (plain.digest, plain.digest_of_splits) == (data.digest, data.digest_of_splits)
    for split in (data.train, data.validation, data.test):
        x = split.all()
        np.testing.assert_allclose(x.mean(axis=1), 0, atol=1e-6)
        np.testing.assert_allclose(np.linalg.norm(x, axis=1), 2, rtol=1e-6)


def test_without_test_images_the_validation_images_are_held_out():
    data = sets.load("digits")
    assert data.held_out is data.test
    assert data.require_test() is data.test
    without = replace(data, test=digits.load("test")[:0])
    assert without.held_out is data.validation
    with pytest.raises(UserError, match=r"test images of digits are needed here.*test_batch\.bin"):
        without.require_test()
