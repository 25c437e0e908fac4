"""Figure 3: both formulas for paths through z, their properties, and the layout of the picture."""

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
from minigan.training.networks import build_G
from minigan.training.sampler import Sampler

T = np.linspace(0, 1, 11)


def sampler(kind="uniform", size=3, seed=3):
    """An untrained G of 8 x 8 pixels."""
    recipe = tiny.recipe(prior__kind=kind, prior__size=size)
    G = build_G(recipe.generator, size, 64)
    return Sampler(
        G, G.initial(seed, "theta_g"), noise.PRIORS[recipe.prior.kind], open_backend("cpu")
    )


def slow_linear(z0, z1, t):
    return [(1 - t) * a + t * b for a, b in zip(z0, z1, strict=True)]


def slow_spherical(z0, z1, t):
    """The point on the circle in the orthonormal basis e0, e1 of the plane of z0 and z1.

    For |z0| = |z1| = r, z(t) = r (cos(t w) e0 + sin(t w) e1), where e0 is parallel to z0 and w is
    the angle between z0 and z1.
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
    """P pairs of points in float64 with |z1| = |z0|."""
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


def test_for_unequal_norms_and_a_right_angle_the_norm_is_in_between():
    """|z(t)|^2 = a^2 cos^2 + b^2 sin^2, by hand."""
    z = spherical(np.array([[3.0, 0.0]]), np.array([[0.0, 5.0]]), T)
    angle = T * math.pi / 2
    expected = np.sqrt(9 * np.cos(angle) ** 2 + 25 * np.sin(angle) ** 2)
    np.testing.assert_allclose(np.linalg.norm(z[0], axis=1), expected, rtol=1e-14)


@pytest.mark.parametrize("path", [linear, spherical])
def test_every_path_starts_exactly_at_z0_and_ends_exactly_at_z1(path):
    z0, z1 = noise.gaussian(np.random.default_rng(4), 20, 50).reshape(2, 10, 50)
    z = path(z0, z1, T).astype(np.float32)
    np.testing.assert_array_equal(z[:, 0], z0)
    np.testing.assert_array_equal(z[:, -1], z1)


@pytest.mark.parametrize(
    ("z0", "z1"),
    [([2.0], [-1.0]), ([1.0], [3.0]), ([1.0, 2], [-2, -4]), ([1.0, 2], [1, 2]), ([0.0, 0], [3, 4])],
)
def test_the_spherical_path_of_parallel_points_is_linear(z0, z1):
    z0, z1 = np.array([z0]), np.array([z1])
    np.testing.assert_allclose(spherical(z0, z1, T), linear(z0, z1, T), rtol=1e-12, atol=1e-12)


def test_the_standard_deviation_of_the_squared_norm_is_that_of_the_docstring():
    """For a coordinate u, Var u^2 is 9/5 - 1 = 0.8 (uniform prior) or 3 - 1 = 2 (Gaussian)."""
    n, rng = 100, np.random.default_rng(0)
    for kind, spread in (("uniform", 0.89), ("gaussian", 1.41)):
        squares = (noise.PRIORS[kind](rng, 20_000, n).astype(np.float64) ** 2).sum(axis=1)
        assert squares.mean() == pytest.approx(n, rel=0.005)
        assert squares.std() == pytest.approx(spread * math.sqrt(n), rel=0.03)


def test_the_middle_of_a_linear_path_is_improbable_under_p_z_and_of_a_spherical_one_is_not():
    """For n = 100, P(|z|^2 <= n / 2) is below 1e-5 (chi^2 distribution)."""
    n, rng = 100, np.random.default_rng(1)
    assert chi2.cdf(n / 2, n) < 1e-5
    for draw in noise.PRIORS.values():
        z0, z1 = draw(rng, 400, n).reshape(2, 200, n)
        ends = np.linalg.norm(z0, axis=1)
        halfway = [np.linalg.norm(path(z0, z1, T)[:, 5], axis=1) for path in (linear, spherical)]
        assert halfway[0].mean() == pytest.approx(ends.mean() / math.sqrt(2), rel=0.02)
        assert halfway[1].mean() == pytest.approx(ends.mean(), rel=0.02)
        assert halfway[0].mean() < ends.min()


def test_linear_paths_stay_in_the_cube_of_the_uniform_prior_and_spherical_ones_can_leave_it():
    z0, z1 = noise.uniform(np.random.default_rng(2), 40, 100).reshape(2, 20, 100)
    assert np.abs(linear(z0, z1, T)).max() <= math.sqrt(3)
    assert np.abs(spherical(z0, z1, T)).max() > math.sqrt(3)


def slow_paths(kind, seed, size=3):
    """The 1000 draws, and the points (pair, path, t) of the first six pairs in float64."""
    z = sampler(kind, size).noise(1000, seed).astype(np.float64)
    paths = []
    for p in range(6):
        z0, z1 = z[2 * p], z[2 * p + 1]
        scale = np.linalg.norm(z1) / np.linalg.norm(z0)
        arc = [slow_spherical(z0, z1 / scale, t) for t in T]
        w = math.acos((z0 @ z1) / np.linalg.norm(z0) / np.linalg.norm(z1))
        # For unequal norms: the arc to z1 scaled to |z0|, plus a correction for the scaling.
        arc = [
            np.array(point) + math.sin(t * w) / math.sin(w) * (1 - 1 / scale) * z1
            for point, t in zip(arc, T, strict=True)
        ]
        paths.append([[slow_linear(z0, z1, t) for t in T], arc])
    return z, np.array(paths)


@pytest.mark.parametrize("kind", ["uniform", "gaussian"])
def test_the_picture_shows_the_first_pairs_with_linear_above_spherical_paths(kind):
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
        assert np.abs(rows - sheet).max() <= 1  # rounding to grey levels
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
def test_the_statistics_of_the_paths_agree_with_a_slow_computation(kind):
    z, paths = slow_paths(kind, 2)
    _, found = figure3.draw(sampler(kind), (8, 8, 1), 2)
    norms = [math.hypot(*row) for row in z]
    assert found.prior == pytest.approx(sum(norms) / 1000)
    assert found.least == pytest.approx(min(norms))
    halfway = [[math.hypot(*pair[path][5]) for pair in paths] for path in (0, 1)]
    assert found.linear == pytest.approx(sum(halfway[0]) / 6)
    assert found.spherical == pytest.approx(sum(halfway[1]) / 6)
    if kind == "gaussian":
        assert found.outside is None
    else:
        beyond = [abs(u) > math.sqrt(3) for pair in paths for point in pair[1] for u in point]
        assert found.outside == pytest.approx(sum(beyond) / len(beyond))
        assert found.outside > 0


def test_the_text_contains_the_numbers():
    paths = figure3.Paths(9.986, 8.593, 6.945, 10.022, 0.058)
    text = (
        "At t = 1/2 the mean |z| is 6.95 on the linear paths and 10.02 on the spherical paths. "
        "1,000 draws of p_z have a mean |z| of 9.99 and a smallest |z| of 8.59."
    )
    assert str(replace(paths, outside=None)) == text
    assert str(paths) == (
        f"{text} 5.8 % of the coordinates on the spherical paths are outside (-sqrt 3, sqrt 3), "
        "the range of the uniform prior."
    )
    assert paths.to_json() == {
        "prior": 9.986, "least": 8.593, "linear": 6.945, "spherical": 10.022, "outside": 0.058,
        "sentences": str(paths),
    }  # fmt: skip


def test_equal_seeds_give_equal_figures_and_other_seeds_others():
    one, same, other = (figure3.draw(sampler(), (8, 8, 1), seed)[0] for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert not np.array_equal(one, other)


def test_colour_sheets_are_stacked_with_white_lines():
    sheets = [np.full((3, 4, 3), value, dtype=np.uint8) for value in (10, 20)]
    picture = stacked(sheets)
    assert picture.shape == (6 + 6 + 6, 8, 3)
    assert (picture[:6] == 10).all()
    assert (picture[6:12] == 255).all()
    assert (picture[12:] == 20).all()


def test_a_G_with_another_number_of_outputs_raises_an_error():
    with pytest.raises(ValueError, match="G has 64 outputs, but the images have 48 numbers"):
        figure3.draw(sampler(), (4, 4, 3))


def test_in_a_conditional_run_each_pair_has_a_class_of_its_own():
    made = tiny.experiment(**tiny.CONDITIONAL).sampler
    picture, _ = figure3.draw(made, (8, 8, 1), seed=2)
    noise_ = made.noise(1000, 2)[:, :3]
    z0, z1 = noise_[0:12:2], noise_[1:12:2]
    z = np.stack([linear(z0, z1, T), spherical(z0, z1, T)], axis=1)
    c = np.repeat(np.eye(10)[:6], 22, axis=0)
    rows = np.hstack([z.reshape(-1, 3), c]).astype(np.float32)
    images = made.samples(rows).reshape(6, 22, -1)
    expected = stacked([pictures.sheet(pair, 8, 8, columns=11) for pair in images])
    np.testing.assert_array_equal(picture, expected)


def test_paths_are_those_of_z_without_the_further_inputs_of_G():
    made = tiny.experiment(**tiny.COMPLETING).sampler
    picture, found = figure3.draw(made, (8, 8, 1), seed=2)
    noise_ = made.noise(1000, 2)[:, :3]
    z0, z1 = noise_[0:12:2], noise_[1:12:2]
    paths = np.stack([linear(z0, z1, T), spherical(z0, z1, T)], axis=1)
    rows = np.pad(paths.reshape(-1, 3), ((0, 0), (0, 128))).astype(np.float32)
    images = made.samples(rows).reshape(6, 22, -1)
    expected = stacked([pictures.sheet(pair, 8, 8, columns=11) for pair in images])
    np.testing.assert_array_equal(picture, expected)
    assert found.outside == float((np.abs(paths[:, 1]) > 3**0.5).mean())
