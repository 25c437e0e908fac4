"""Contrast normalisation gives each image mean 0 and one norm; its pictures have grey for 0."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.data.contrast import NormalisedImages, normalised, picture_values


def slow(row: np.ndarray, c: float) -> list[float]:
    """The formula in Python numbers."""
    numbers = [float(number) for number in row]
    mean = sum(numbers) / len(numbers)
    centred = [number - mean for number in numbers]
    norm = sum(number**2 for number in centred) ** 0.5
    return [c * number / (norm if norm >= 1e-8 else 1) for number in centred]


def images(count: int = 5) -> NormalisedImages:
    """Random colour images of 2 x 3; the last one has one colour."""
    pixels = np.random.default_rng(1).integers(0, 256, (count, 18)).astype(np.uint8)
    pixels[-1] = 77
    return NormalisedImages(pixels, np.arange(count), 255, 2, 3, 3, contrast=55.0)


def test_an_image_is_normalised_by_the_formula_and_one_of_one_colour_is_zero():
    x = images()
    expected = [slow(row, 55.0) for row in x.pixels]
    np.testing.assert_allclose(x.all(), expected, rtol=1e-6, atol=1e-6)
    assert (x.all()[-1] == 0).all()


def test_a_small_norm_divides_by_one():
    row = np.array([[1e-9, -1e-9, 0.0]], np.float32)
    np.testing.assert_allclose(normalised(row, 3.0), 3 * row, rtol=1e-6)
    np.testing.assert_allclose(
        normalised(row * 1e3, 3.0), [[3 / 2**0.5, -3 / 2**0.5, 0]], rtol=1e-6
    )


def test_the_root_mean_square_of_cifar_10_is_that_of_the_published_norm():
    x = np.random.default_rng(0).integers(0, 256, (2, 3072)).astype(np.uint8)
    rms = np.sqrt(np.square(normalised(x, 55.0), dtype=np.float64).mean(axis=1))
    assert rms == pytest.approx(0.99232, abs=1e-5)  # 55 / sqrt(3072)


def test_gather_and_slices_and_out_give_the_same_numbers(monkeypatch):
    x = images()
    monkeypatch.setattr("minigan.data.contrast.ROWS", 2)
    out = np.empty((2, 18), np.float32)
    assert x.gather(np.array([3, 1]), out=out) is out
    np.testing.assert_array_equal(out, x.all()[[3, 1]])
    np.testing.assert_array_equal(x[1:3].all(), x.all()[1:3])
    np.testing.assert_allclose(x.mean(), x.all().mean(axis=0), atol=1e-6)


def test_a_picture_divides_by_the_largest_number_and_zero_is_grey():
    y = np.array([[-2.0, 0.0], [1.0, 4.0]], np.float32)
    assert picture_values(y).tolist() == [[0.25, 0.5], [0.625, 1.0]]
    assert picture_values(y, largest=2).tolist() == [[0, 0.5], [0.75, 1.5]]
    assert picture_values(0 * y).tolist() == [[0.5, 0.5], [0.5, 0.5]]


def test_a_normalised_image_is_restored_up_to_brightness_and_contrast():
    x = images(2)
    restored = picture_values(x.all())[0]
    original = x.pixels[0] / 255
    assert np.corrcoef(restored, original)[0, 1] == pytest.approx(1, abs=1e-6)
