"""Figures 2c and 2d: 20 samples and the neighbours of the last of each row, on one scale."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from minigan.data.contrast import NormalisedImages
from minigan.reports.figures import figure2_colour

PIXELS = np.random.default_rng(0).integers(0, 256, (30, 12)).astype(np.uint8)
TRAIN = NormalisedImages(PIXELS, np.zeros(30), 255, 2, 2, 3, contrast=3.0)


def sampler_of(samples):
    """A sampler whose samples are given."""
    return SimpleNamespace(
        n=samples.shape[1],
        noise=lambda count, seed: np.arange(count),
        samples=lambda z: samples[z],
    )


def test_the_neighbours_are_those_of_the_last_samples_in_normalised_space():
    samples = TRAIN.all()[:20] * 0.9
    picture, found = figure2_colour.draw(sampler_of(samples), TRAIN)
    assert found.indices == (4, 9, 14, 19)
    np.testing.assert_allclose(found.distances, 0.3, rtol=1e-5)  # 0.1 of the norm 3
    assert found.largest == pytest.approx(np.abs(samples).max())
    assert "4 (0.3), 9 (0.3)" in str(found)
    assert picture.ndim == 3
    # The sheet has images of 32 pixels, gaps of 2, and is enlarged twice. The pixel of the last
    # sample of row 1 is (1 + y / s) / 2; its neighbour is on the same scale.
    for column, y in ((4, samples[4]), (5, TRAIN.all()[4])):
        left = 2 * (2 + 34 * column + (2 if column == 5 else 0)) + 4
        expected = np.clip(255 * (1 + y[:3] / found.largest) / 2, 0, 255)
        np.testing.assert_allclose(picture[8, left], expected, atol=1)


def test_a_G_of_another_size_is_refused():
    with pytest.raises(ValueError, match="G has 5 outputs, but the images have 12"):
        figure2_colour.draw(sampler_of(np.zeros((20, 5))), TRAIN)
