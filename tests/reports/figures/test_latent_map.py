"""The map of z has the colours of the modes nearest to G(z), and the shares are those of modes."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.backends import open_backend
from minigan.data.toys import Mixture
from minigan.draws import noise
from minigan.errors import UserError
from minigan.evaluation.modes import mode_coverage
from minigan.layers import Linear
from minigan.network import Network
from minigan.reports.figures import latent_map
from minigan.training.sampler import Sampler

SQUARE = Mixture(np.array([[1.0, 1], [-1, 1], [-1, -1], [1, -1]]), 0.3, np.full(4, 0.25))
SIDE, GAP = latent_map.SIDE, latent_map.GAP


def sampler_of(z_size=3, prior=noise.gaussian):
    """G(z) = the first two coordinates of z."""
    G = Network(z_size, (Linear(2, 0.1),))
    theta = G.initial(0, "theta_g")
    theta["linear1.W"][...], theta["linear1.b"][...] = np.eye(z_size, 2), 0
    return Sampler(G, theta, prior, open_backend("cpu"))


def test_each_quadrant_of_z_has_the_colour_of_its_mode():
    picture, _ = latent_map.draw(sampler_of(), SQUARE)
    map_of_z = picture[GAP:-GAP, GAP : GAP + SIDE]
    pixel = 6 / SIDE  # the map shows -3 to 3
    seen = set()
    for x, y in SQUARE.means:
        row, column = int((3 - y) / pixel), int((x + 3) / pixel)
        expected = latent_map.colours(np.array([[x, y]]), SQUARE)[0]
        assert map_of_z[row, column].tolist() == expected.tolist()
        seen.add(tuple(expected))
        for corner_x, corner_y in ((2.5 * x, 2.5 * y), (0.1 * x, 0.1 * y)):  # farther than 3 s
            row, column = int((3 - corner_y) / pixel), int((corner_x + 3) / pixel)
            dim = np.rint(latent_map.DIM * expected)
            np.testing.assert_allclose(map_of_z[row, column], dim, atol=1)
    assert len(seen) == 4


def test_the_uniform_prior_has_the_map_of_its_range():
    picture, _ = latent_map.draw(sampler_of(2, noise.uniform), SQUARE)
    map_of_z = picture[GAP:-GAP, GAP : GAP + SIDE]
    at = int((np.sqrt(3) - 1) / (2 * np.sqrt(3)) * SIDE)  # the pixel of y = 1
    bright = (map_of_z.max(axis=2) == 255)[at]  # within 3 s = 0.9 of (1, 1) or (-1, 1)
    assert bright.mean() == pytest.approx(1 - 0.1 / np.sqrt(3), abs=0.02)


def test_the_samples_are_drawn_over_the_plane_of_the_data():
    picture, _ = latent_map.draw(sampler_of(), SQUARE)
    right = picture[GAP:-GAP, -GAP - SIDE : -GAP]
    for colour in latent_map.colours(SQUARE.means, SQUARE):
        assert (right == colour).all(axis=2).sum() > 100
    assert (right == 0).all(axis=2).mean() > 0.3
    black = np.zeros((SIDE, SIDE, 3), dtype=np.uint8)
    latent_map.dots(black, np.array([[1.0, -0.5]]), SQUARE)
    side = 2 * 1.3  # bounds_of: the square around the means, and 15 % of its side on each side
    row, column = int((1.3 + 0.5) / side * SIDE), int((1.3 + 1) / side * SIDE)
    colour = latent_map.colours(SQUARE.means[3:], SQUARE)[0]
    assert (black[row - 1 : row + 2, column - 1 : column + 2] == colour).all()
    assert (black > 0).any(axis=2).sum() == 9
    white = np.full((SIDE, SIDE, 3), 255, dtype=np.uint8)
    latent_map.dots(white, np.array([[9.0, 0], [0, np.nan]]), SQUARE)  # outside
    assert (white == 255).all()


def test_the_numbers_are_the_coverage_of_ten_thousand_draws():
    sampler = sampler_of()
    _, numbers = latent_map.draw(sampler, SQUARE, seed=5)
    coverage = mode_coverage(sampler.noise(10_000, 5)[:, :2], SQUARE)
    assert (numbers.coverage, numbers.z_size) == (coverage, 3)
    low, high = 100 * min(coverage.shares), 100 * max(coverage.shares)
    assert str(numbers) == (
        "The map shows the first two coordinates of z; the other 1 are 0. G maps "
        f"{low:.1f} to {high:.1f} % of 10,000 draws of z to each mode (4 of 4 found), and "
        f"{100 * (1 - coverage.near):.1f} % farther than 3 standard deviations from all modes "
        "(1.1 % of the data)."
    )
    found = numbers.to_json()
    assert (found["found"], found["of"], found["shares"]) == (4, 4, list(coverage.shares))
    assert found["outside"] == 1 - coverage.near
    assert "coordinates of z. G" in str(latent_map.draw(sampler_of(2), SQUARE)[1])


def test_a_z_of_one_coordinate_is_refused():
    with pytest.raises(UserError, match="one coordinate"):
        latent_map.draw(sampler_of(1), SQUARE)
