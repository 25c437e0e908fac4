"""The built-in digits are the original file, and the split is fixed."""

from __future__ import annotations

import csv
import gzip
import hashlib
from importlib import resources

import numpy as np
import pytest

from minigan.data import digits

FILE = resources.files("minigan.data") / "digits.csv.gz"
SIZES = {"train": 1197, "validation": 300, "test": 300}


@pytest.fixture(scope="module")
def rows():
    text = gzip.decompress(FILE.read_bytes()).decode().splitlines()
    return [[int(float(word)) for word in line] for line in csv.reader(text)]


def test_the_file_is_identical_to_the_original():
    expected = "09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22"
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == expected
    notice = (resources.files("minigan.data") / "DIGITS.md").read_text("utf-8")
    for text in (expected, "57,523", "Alpaydin", "CC BY 4.0", "1,797"):
        assert text in notice


def test_the_file_contains_1797_digits_of_64_pixels_from_0_to_16_and_a_label(rows):
    assert len(rows) == 1797
    assert {len(row) for row in rows} == {65}
    assert {value for row in rows for value in row[:64]} == set(range(17))
    assert {row[64] for row in rows} == set(range(10))


def test_the_splits_follow_the_order_of_the_file(rows):
    loaded = [digits.load(split) for split in ("train", "validation", "test")]
    assert [len(images) for images in loaded] == list(SIZES.values())
    pixels = np.concatenate([images.pixels for images in loaded])
    labels = np.concatenate([images.labels for images in loaded])
    np.testing.assert_array_equal(pixels, [row[:64] for row in rows])
    np.testing.assert_array_equal(labels, [row[64] for row in rows])
    assert list(digits.SPLITS) == list(SIZES)


@pytest.mark.parametrize("split", SIZES)
def test_every_class_is_at_least_7_percent_of_every_split(split):
    counts = np.bincount(digits.load(split).labels)
    assert len(counts) == 10
    assert counts.min() >= 0.07 * SIZES[split]


def test_no_image_of_one_split_occurs_in_another():
    rows = [{row.tobytes() for row in digits.load(split).pixels} for split in SIZES]
    assert sum(map(len, rows)) == len(set.union(*rows))


def test_a_digit_is_8_by_8_and_its_brightest_pixel_is_1():
    images = digits.load("test")
    assert (images.height, images.width, images.white, images.pixels.dtype) == (8, 8, 16, np.uint8)
    x = images.all()
    assert (x.min(), x.max(), x.dtype) == (0, 1, np.float32)


def test_the_first_digit_of_the_file_is_the_known_zero():
    first = digits.load("train")
    assert first.labels[0] == 0
    np.testing.assert_array_equal(first.pixels[0, :16], [0, 0, 5, 13, 9, 1, 0, 0,
                                                         0, 0, 13, 15, 10, 15, 5, 0])  # fmt: skip
