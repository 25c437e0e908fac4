"""The lines of the sheets: images above reconstructions, and paths that end at real images."""

from __future__ import annotations

import numpy as np

from minigan.reports.figures.figure3 import stacked
from minigan.reports.figures.reconstructions import draw_interpolation, draw_reconstructions
from minigan.training.pictures.sheets import sheet

SHAPE = (2, 3, 1)


def images(N, seed=0):
    return np.random.default_rng(seed).random((N, 6)).astype(np.float32)


def test_reconstructions_are_below_their_images_and_the_rest_is_black():
    x, y = images(12), images(12, 1)
    black = np.zeros((8, 6), np.float32)
    first = sheet(np.concatenate([x[:10], y[:10]]), *SHAPE, columns=10)
    second = sheet(np.concatenate([x[10:], black, y[10:], black]), *SHAPE, columns=10)
    assert np.array_equal(draw_reconstructions([x, y], SHAPE), stacked([first, second]))


def test_one_image_and_at_most_50():
    x, y = images(1), images(1, 1)
    only = sheet(np.concatenate([x, y]), *SHAPE, columns=1)
    assert np.array_equal(draw_reconstructions([x, y], SHAPE), stacked([only]))
    x = images(55)
    picture = draw_reconstructions([x], SHAPE)
    assert np.array_equal(picture, draw_reconstructions([x[:50]], SHAPE))
    assert not np.array_equal(picture, draw_reconstructions([x[:49]], SHAPE))


def test_a_path_begins_and_ends_at_real_images_and_z_moves_linearly():
    """G(z) = z: the path of images is the path of z."""
    x, z = images(5), images(5, 1)
    t = [i / 10 for i in range(11)]
    lines = [
        sheet(np.stack([x[i], *((1 - s) * z[i] + s * z[i + 1] for s in t), x[i + 1]]), *SHAPE,
              columns=13)
        for i in (0, 2)
    ]  # fmt: skip
    picture = draw_interpolation(x, z, lambda z: z, SHAPE)
    expected = stacked(lines)
    assert picture.shape == expected.shape
    assert abs(picture.astype(int) - expected).max() <= 1  # float32 and float64


def test_at_most_6_pairs_and_the_values_of_all_images_together():
    x = images(20)
    seen = []

    def values(x):
        seen.append(x.shape)
        return x

    draw_interpolation(x, x, lambda z: z, SHAPE, values)
    assert seen == [(6, 13, 6)]
