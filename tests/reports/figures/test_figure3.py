"""Figure 3's paths through z: both formulas, where they lead, and where the images stand."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import tiny
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from minigan.backends import open_backend
from minigan.draws import noise
from minigan.reports.figures import figure3
from minigan.reports.figures.figure3 import linear, spherical, stacked
from minigan.training import pictures
from minigan.training.experiment import build_G
from minigan.training.sampler import Sampler

T = np.linspace(0, 1, 11)


def sampler(kind="uniform", size=3, seed=3):
    """An untrained G of 8 x 8 pixels."""
    recipe = tiny.recipe(prior__kind=kind, prior__size=size)
    G = build_G(recipe.generator, size, 64)
    return Sampler(G, G.initial(seed, "theta_g"), recipe.prior, open_backend("cpu"))


def slow_linear(z0, z1, t):
    return [(1 - t) * a + t * b for a, b in zip(z0, z1, strict=True)]


def slow_spherical(z0, z1, t):
    """The point of the circle by its own axes: e0 along z0, e1 at a right angle in their plane.

    Where |z0| = |z1| = r, z(t) = r (cos(t w) e0 + sin(t w) e1), w the angle of z1 in that plane.
    """
    r = math.hypot(*z0)
    e0 = [a / r for a in z0]
    along = sum(a * b for a, b in zip(e0, z1, strict=True))
    rest = [b - along * a for a, b in zip(e0, z1, strict=True)]
    across = math.hypot(*rest)
    e1 = [b / across for b in rest]
    w = math.atan2(across, along)
    return [r * (math.cos(t * w) * a + math.sin(t * w) * b) for a, b in zip(e0, e1, strict=True)]


def pairs(seed, n, P=4):
    """P pairs of float64 points with |z1| = |z0|."""
    rng = np.random.default_rng(seed)
    z0, z1 = rng.standard_normal((2, P, n))
    z1 *= np.linalg.norm(z0, axis=1, keepdims=True) / np.linalg.norm(z1, axis=1, keepdims=True)
    return z0, z1


@given(seed=st.integers(0, 10_000), n=st.integers(1, 7))
def test_the_linear_path_is_the_formula_coordinate_by_coordinate(seed, n):
    z0, z1 = np.random.default_rng(seed).random((2, 4, n))
    z = linear(z0, z1, T)
    expected = [[slow_linear(a, b, t) for t in T] for a, b in zip(z0, z1, strict=True)]
    np.testing.assert_allclose(z, expected, rtol=1e-14)


@given(seed=st.integers(0, 10_000), n=st.integers(2, 7))
def test_the_spherical_path_is_an_arc_of_equal_angles_and_keeps_the_norm(seed, n):
    z0, z1 = pairs(seed, n)
    z = spherical(z0, z1, T)
    expected = [[slow_spherical(a, b, t) for t in T] for a, b in zip(z0, z1, strict=True)]
    np.testing.assert_allclose(z, expected, rtol=1e-9, atol=1e-9)
    norms = np.linalg.norm(z0, axis=1)[:, None]
    np.testing.assert_allclose(np.linalg.norm(z, axis=2) / norms, 1, rtol=1e-9)


def test_a_quarter_of_a_circle_by_hand():
    z0, z1 = np.array([[2.0, 0.0]]), np.array([[0.0, 2.0]])
    half = np.array([0.5])
    np.testing.assert_allclose(linear(z0, z1, half), [[[1, 1]]], rtol=1e-15)
    np.testing.assert_allclose(spherical(z0, z1, half), [[[math.sqrt(2)] * 2]], rtol=1e-15)
    third = spherical(z0, z1, np.array([1 / 3]))
    np.testing.assert_allclose(third, [[[math.sqrt(3), 1]]], rtol=1e-15)


def test_of_unequal_norms_the_norm_is_between_at_a_right_angle():
    """|z(t)|^2 = a^2 cos^2 + b^2 sin^2 for a right angle, by hand."""
    z = spherical(np.array([[3.0, 0.0]]), np.array([[0.0, 5.0]]), T)
    angle = T * math.pi / 2
    expected = np.sqrt(9 * np.cos(angle) ** 2 + 25 * np.sin(angle) ** 2)
    np.testing.assert_allclose(np.linalg.norm(z[0], axis=1), expected, rtol=1e-14)


@pytest.mark.parametrize("path", [linear, spherical])
def test_every_path_begins_at_z0_and_ends_at_z1_to_the_last_bit(path):
    z0, z1 = noise.gaussian(np.random.default_rng(4), 20, 50).reshape(2, 10, 50)
    z = path(z0, z1, T).astype(np.float32)
    np.testing.assert_array_equal(z[:, 0], z0)
    np.testing.assert_array_equal(z[:, -1], z1)


@pytest.mark.parametrize(
    ("z0", "z1"),
    [([2.0], [-1.0]), ([1.0], [3.0]), ([1.0, 2], [-2, -4]), ([1.0, 2], [1, 2]), ([0.0, 0], [3, 4])],
)
def test_points_on_one_line_with_0_have_a_linear_path(z0, z1):
    z0, z1 = np.array([z0]), np.array([z1])
    np.testing.assert_allclose(spherical(z0, z1, T), linear(z0, z1, T), rtol=1e-12, atol=1e-12)


def test_the_spread_of_the_squared_norm_is_that_of_the_docstring():
    """Var u^2 of a coordinate: 9/5 - 1 = 0.8 for the uniform prior, 3 - 1 = 2 for the Gaussian."""
    n, rng = 100, np.random.default_rng(0)
    for kind, spread in (("uniform", 0.89), ("gaussian", 1.41)):
        squares = (noise.PRIORS[kind](rng, 20_000, n).astype(np.float64) ** 2).sum(axis=1)
        assert squares.mean() == pytest.approx(n, rel=0.005)
        assert squares.std() == pytest.approx(spread * math.sqrt(n), rel=0.03)


def test_half_way_on_the_linear_path_p_z_hardly_ever_draws_and_on_the_spherical_it_does():
    """A squared norm of n / 2 or less has a probability below 1e-5 for n = 100 (chi^2 law)."""
    n, rng = 100, np.random.default_rng(1)
    assert chi2.cdf(n / 2, n) < 1e-5
    for draw in noise.PRIORS.values():
        z0, z1 = draw(rng, 400, n).reshape(2, 200, n)
        ends = np.linalg.norm(z0, axis=1)
        halfway = [np.linalg.norm(path(z0, z1, T)[:, 5], axis=1) for path in (linear, spherical)]
        assert halfway[0].mean() == pytest.approx(ends.mean() / math.sqrt(2), rel=0.02)
        assert halfway[1].mean() == pytest.approx(ends.mean(), rel=0.02)
        assert halfway[0].mean() < ends.min()


def test_in_the_cube_of_the_uniform_prior_linear_paths_stay_and_spherical_ones_need_not():
    z0, z1 = noise.uniform(np.random.default_rng(2), 40, 100).reshape(2, 20, 100)
    assert np.abs(linear(z0, z1, T)).max() <= math.sqrt(3)
    assert np.abs(spherical(z0, z1, T)).max() > math.sqrt(3)


def slow_paths(kind, seed, size=3):
    """The 1000 draws, and the float64 points (pair, path, t) of the first six pairs."""
    z = sampler(kind, size).noise(1000, seed).astype(np.float64)
    paths = []
    for p in range(6):
        z0, z1 = z[2 * p], z[2 * p + 1]
        scale = np.linalg.norm(z1) / np.linalg.norm(z0)
        arc = [slow_spherical(z0, z1 / scale, t) for t in T]
        w = math.acos((z0 @ z1) / np.linalg.norm(z0) / np.linalg.norm(z1))
        # Of unequal norms: the arc of z1 scaled to |z0|, and what that scaling took from it.
        arc = [
            np.array(point) + math.sin(t * w) / math.sin(w) * (1 - 1 / scale) * z1
            for point, t in zip(arc, T, strict=True)
        ]
        paths.append([[slow_linear(z0, z1, t) for t in T], arc])
    return z, np.array(paths)


@pytest.mark.parametrize("kind", ["uniform", "gaussian"])
def test_the_picture_is_of_the_first_pairs_linear_above_spherical(kind):
    made = sampler(kind)
    picture, _ = figure3.draw(made, (8, 8, 1), 7)
    _, paths = slow_paths(kind, 7)
    sheets = []
    for pair in paths:
        images = made.samples(pair.reshape(22, 3).astype(np.float32))
        sheets.append(pictures.sheet(images, 8, 8, columns=11).astype(int))
    height, width = sheets[0].shape
    assert picture.shape == (2 * (6 * height + 5 * 3), 2 * width)
    for p, sheet in enumerate(sheets):
        top = p * (height + 3)
        rows = picture[2 * top : 2 * (top + height) : 2, ::2].astype(int)
        assert np.abs(rows - sheet).max() <= 1  # a rounding to a grey level
        if p:
            assert (picture[2 * top - 6 : 2 * top] == 255).all()


def test_the_ends_are_samples_of_the_same_seed():
    made = sampler()
    picture, _ = figure3.draw(made, (8, 8, 1), 5)
    sheet = pictures.sheet(made.samples(made.noise(12, 5)), 8, 8, columns=2)[:, :, None]
    for p in range(6):
        for row in range(2):
            for end, left in ((0, 2), (1, 10 * 34 + 2)):
                top = p * (2 * 34 + 2 + 3) + 34 * row + 2
                shown = picture[2 * top : 2 * (top + 32) : 2, 2 * left : 2 * (left + 32) : 2]
                expected = sheet[34 * p + 2 : 34 * p + 34, 34 * end + 2 : 34 * end + 34, 0]
                np.testing.assert_array_equal(shown, expected)


@pytest.mark.parametrize("kind", ["uniform", "gaussian"])
def test_what_is_told_of_the_paths_by_hand(kind):
    z, paths = slow_paths(kind, 2)
    _, told = figure3.draw(sampler(kind), (8, 8, 1), 2)
    norms = [math.hypot(*row) for row in z]
    assert told.prior == pytest.approx(sum(norms) / 1000)
    assert told.least == pytest.approx(min(norms))
    halfway = [[math.hypot(*pair[path][5]) for pair in paths] for path in (0, 1)]
    assert told.linear == pytest.approx(sum(halfway[0]) / 6)
    assert told.spherical == pytest.approx(sum(halfway[1]) / 6)
    if kind == "gaussian":
        assert told.outside is None
    else:
        beyond = [abs(u) > math.sqrt(3) for pair in paths for point in pair[1] for u in point]
        assert told.outside == pytest.approx(sum(beyond) / len(beyond))
        assert told.outside > 0


def test_the_sentences_name_the_numbers():
    told = figure3.Paths(9.986, 8.593, 6.945, 10.022, 0.058)
    text = (
        "Half-way |z| is 6.95 on the linear path and 10.02 on the spherical one; p_z draws 9.99 on "
        "average, 8.59 at the least of 1,000."
    )
    assert str(replace(told, outside=None)) == text
    assert str(told) == (
        f"{text} 5.8 % of the coordinates on the spherical paths lie outside (-sqrt 3, sqrt 3), "
        "where the uniform prior draws none."
    )
    assert told.to_json() == {
        "prior": 9.986, "least": 8.593, "linear": 6.945, "spherical": 10.022, "outside": 0.058,
        "sentences": str(told),
    }  # fmt: skip


def test_one_seed_gives_one_figure_and_another_another():
    one, same, other = (figure3.draw(sampler(), (8, 8, 1), seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_colour_sheets_are_stacked_alike():
    sheets = [np.full((3, 4, 3), value, dtype=np.uint8) for value in (10, 20)]
    picture = stacked(sheets)
    assert picture.shape == (6 + 6 + 6, 8, 3)
    assert (picture[:6] == 10).all()
    assert (picture[6:12] == 255).all()
    assert (picture[12:] == 20).all()


def test_a_G_of_other_images_is_refused():
    with pytest.raises(ValueError, match="G makes 64 numbers, not images of 48"):
        figure3.draw(sampler(), (4, 4, 3))
