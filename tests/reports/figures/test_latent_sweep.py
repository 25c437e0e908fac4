"""A sweep of a linear G: the rows, their order, and the effects by hand."""

from __future__ import annotations

import math

import numpy as np

from minigan.backends import open_backend
from minigan.draws import noise
from minigan.layers import Linear
from minigan.network import Network
from minigan.reports.figures import latent_sweep
from minigan.training.sampler import Sampler

G = Network(3, (Linear(4, 0.1),))
W = np.array([[0, 0.1, 0, 0], [0, 0, 0, 0], [0.3, 0, 0, 0.4]], dtype=np.float32)


def sampler_of(prior=noise.uniform):
    theta = G.initial(0, "theta_g")
    theta["linear1.W"][...], theta["linear1.b"][...] = W, 0.5
    return Sampler(G, theta, prior, open_backend("cpu"))


def test_the_effect_is_the_length_of_the_row_of_W_times_the_range():
    z = sampler_of().noise(5, 0)
    np.testing.assert_allclose(latent_sweep.effect(sampler_of(), z, 0, 2.0), 0.4, rtol=1e-6)
    assert latent_sweep.effect(sampler_of(), z, 1, 2.0) == 0
    np.testing.assert_allclose(latent_sweep.effect(sampler_of(), z, 2, 2.0), 2, rtol=1e-6)


def test_the_rows_are_ordered_by_effect_and_reach_the_ends_of_the_prior():
    _, sweep = latent_sweep.draw(sampler_of(), (2, 2, 1))
    assert (sweep.end, sweep.coordinates, sweep.z_size) == (math.sqrt(3), (2, 0, 1), 3)
    by_hand = 2 * math.sqrt(3) * np.array([0.5, 0.1, 0])
    np.testing.assert_allclose(sweep.effects, by_hand, rtol=1e-6)
    np.testing.assert_allclose(sweep.mean, by_hand.mean(), rtol=1e-6)
    assert latent_sweep.draw(sampler_of(noise.gaussian), (2, 2, 1))[1].end == 2


def test_the_picture_has_one_swept_coordinate_in_each_row_and_keeps_the_others():
    sampler = sampler_of()
    picture, _ = latent_sweep.draw(sampler, (2, 2, 1), seed=7)
    zoom, gap = 16, 2  # of a sheet; the picture is enlarged by 2
    assert picture.shape == (2 * (3 * 34 + gap), 2 * (11 * 34 + gap))
    z = sampler.noise(50, 7)[0]
    for row, j in enumerate((2, 0, 1)):
        for column in (0, 4, 10):
            swept = z.copy()
            swept[j] = math.sqrt(3) * (column / 5 - 1)
            image = np.rint(255 * np.clip(swept @ W + 0.5, 0, 1)).reshape(2, 2)
            top, left = 2 * (34 * row + gap), 2 * (34 * column + gap)
            shown = picture[top : top + 4 * zoom : 2 * zoom, left : left + 4 * zoom : 2 * zoom]
            np.testing.assert_allclose(shown, image, atol=1)


def test_the_distance_of_two_samples_and_the_text():
    sampler = sampler_of()
    _, sweep = latent_sweep.draw(sampler, (2, 2, 1), seed=7)
    x = sampler.noise(50, 7).astype(np.float64) @ W
    apart = np.mean([math.dist(a, b) for a, b in zip(x[1:], x[:-1], strict=True)])
    np.testing.assert_allclose(sweep.apart, apart, rtol=1e-5)
    assert str(sweep) == (
        "Each row sweeps one coordinate of z from -1.73 to 1.73: 2, 0, 1, those of 3 with the "
        "largest effects. The two ends of a row are 1.73 to 0.00 apart, 0.69 for all coordinates "
        f"on average, and two random samples {apart:.2f}."
    )
    assert sweep.to_json()["coordinates"] == (2, 0, 1)
    assert sweep.to_json()["sentences"] == str(sweep)


def test_images_of_normalised_contrast_are_scaled_together():
    plain, _ = latent_sweep.draw(sampler_of(), (2, 2, 1))
    scaled, _ = latent_sweep.draw(sampler_of(), (2, 2, 1), normalised=True)
    assert scaled.shape == plain.shape
    assert (scaled != plain).any()
