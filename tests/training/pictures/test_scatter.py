"""A scatter plot equals its formula, with the axes of the references."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigan.data import points
from minigan.training.pictures.scatter import bounds_of, scatter

BLUE, ORANGE = (84, 122, 196), (255, 150, 30)
UNIT = (0.0, 1.0, 0.0, 1.0)
NOWHERE = np.full((1, 2), -5.0)  # outside the unit square


def slow_ink(places, extent, side, w):
    """One pixel and one point at a time."""
    left, right, bottom, top = extent
    ink = np.zeros((side, side))
    for x, y in places.tolist():
        column = math.floor((x - left) / (right - left) * side)
        row = math.floor((top - y) / (top - bottom) * side)
        if 0 <= column < side and 0 <= row < side:
            for r in range(side):
                for c in range(side):
                    ink[r, c] += math.exp(-((r - row) ** 2 + (c - column) ** 2) / (2 * w * w))
    return ink


def slow_scatter(samples, references, side, extent):
    b = slow_ink(references, extent, side, side / 128)
    b = np.sqrt(b / b.max()) if b.max() > 0 else b
    c = 1.5 * min(1, 1000 / len(samples))
    a = 1 - np.exp(-c * slow_ink(samples, extent, side, side / 340))
    return np.stack([(1 - a) * b * u + a * v for u, v in zip(BLUE, ORANGE, strict=True)], axis=-1)


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000), side=st.sampled_from([1, 8, 20]), count=st.integers(1, 12))
def test_a_picture_equals_the_slow_loop(seed, side, count):
    rng = np.random.default_rng(seed)
    samples, references = rng.normal(size=(count, 2)), rng.normal(size=(9, 2))
    extent = (-1.0, 2.0, -1.5, 1.0)
    picture = scatter(samples, references, side, extent)
    assert (picture.shape, picture.dtype) == ((side, side, 3), np.uint8)
    expected = slow_scatter(samples, references, side, extent)
    # 0.5 for the rounding to integers, and a small tolerance for sums in float32.
    assert np.abs(picture - expected).max() <= 0.5 + 1e-3


def test_above_1000_samples_the_total_ink_stays_the_same():
    one = scatter(np.full((1000, 2), 0.5), NOWHERE, 32, UNIT)
    many = scatter(np.full((5000, 2), 0.5), NOWHERE, 32, UNIT)
    np.testing.assert_array_equal(one, many)
    alone = np.concatenate([[[0.5, 0.5]], np.tile(NOWHERE, (1999, 1))])
    a = 1 - math.exp(-0.75)
    np.testing.assert_allclose(
        scatter(alone, NOWHERE, 32, UNIT)[16, 16], a * np.array(ORANGE), atol=0.51
    )


def brightest(picture):
    flat = picture.astype(int).sum(axis=-1).argmax()
    return divmod(int(flat), picture.shape[1])


@pytest.mark.parametrize(
    ("place", "pixel"),
    [((0.1, 0.9), (3, 3)), ((0.9, 0.9), (3, 28)), ((0.1, 0.1), (28, 3)), ((0.9, 0.1), (28, 28))],
)
def test_the_first_coordinate_runs_to_the_right_and_the_second_upwards(place, pixel):
    for samples, references in (([place], NOWHERE), (NOWHERE, [place])):
        picture = scatter(np.array(samples), np.array(references), 32, UNIT)
        assert brightest(picture) == pixel


def test_a_single_sample_is_orange_and_the_densest_data_is_blue_on_black():
    sample = scatter(np.array([[0.5, 0.5]]), NOWHERE, 64, UNIT)
    a = 1 - math.exp(-1.5)
    np.testing.assert_allclose(sample[32, 32], a * np.array(ORANGE), atol=0.51)
    data = scatter(NOWHERE, np.array([[0.5, 0.5]]), 64, UNIT)
    assert tuple(data[32, 32]) == BLUE
    assert not sample[0].any()
    assert not data[0].any()


def test_samples_are_drawn_over_the_data():
    place = np.array([[0.5, 0.5]])
    picture = scatter(np.repeat(place, 50, axis=0), np.repeat(place, 5000, axis=0), 64, UNIT)
    assert tuple(picture[32, 32]) == ORANGE


def test_the_axes_depend_on_the_references_only():
    references = np.array([[0.0, 0.0], [4.0, 2.0]])
    expected = (-0.6, 4.6, -1.6, 3.6)  # a square of side 4 around (2, 1), plus 0.15 * 4 per side
    assert bounds_of(references) == pytest.approx(expected)
    near, far = np.array([[1.0, 1.0]]), np.array([[1.0, 1.0], [900.0, -900.0]])
    pictures = [scatter(samples, references) for samples in (near, far)]
    np.testing.assert_array_equal(*pictures)
    np.testing.assert_array_equal(
        pictures[0], scatter(near, references, extent=bounds_of(references))
    )


def test_references_that_are_all_equal_have_axes_too():
    assert bounds_of(np.array([[3.0, 1.0]] * 2)) == (2, 4, 0, 2)


def test_points_outside_and_points_that_are_not_finite_are_not_drawn():
    outside = [[1.0, 0.5], [-1e-9, 0.5], [0.5, 0.0], [0.5, 1.1], [0.5, 1e300], [-1e300, 0.5]]
    strange = [[np.nan, 0.5], [0.5, np.inf], [-np.inf, np.nan]]
    nothing = scatter(np.array(outside + strange), NOWHERE, 16, UNIT)
    assert not nothing.any()


def test_points_on_the_left_and_the_upper_border_are_drawn():
    assert brightest(scatter(np.array([[0.0, 1.0]]), NOWHERE, 16, UNIT)) == (0, 0)


def test_float32_samples_and_no_samples_are_drawn():
    _, validation, _ = points.load("ring")
    data_alone = scatter(np.empty((0, 2), dtype=np.float32), validation.all())
    assert data_alone.shape == (256, 256, 3)
    assert (data_alone <= BLUE).all()
    assert (scatter(validation.all(), validation.all())[:, :, 0] > 150).any()


@pytest.mark.parametrize("shape", [(3, 1), (3, 3), (2,)])
def test_points_that_are_not_in_the_plane_are_refused(shape):
    for arguments in ((np.zeros(shape), NOWHERE), (NOWHERE, np.zeros(shape))):
        with pytest.raises(ValueError, match=r"points must have the shape \(N, 2\)"):
            scatter(*arguments)
