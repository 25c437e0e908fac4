"""The slope is 0 for white noise and the exponent of a constructed spectrum."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigan.evaluation.spectrum import spectrum_slope


@pytest.mark.parametrize("slope", [-3.0, -2.0, 0.5])
def test_the_slope_of_a_constructed_spectrum_is_its_exponent(slope):
    """Each radius has the power f^slope at each of its frequencies: the fit is exact."""
    side = 16
    u = np.fft.fftfreq(side, 1 / side)
    radius = np.rint(np.hypot(u[:, None], u))
    amplitude = np.where(radius > 0, np.maximum(radius, 1) ** (slope / 2), 7.0)
    phase = np.angle(np.fft.fft2(np.random.default_rng(0).standard_normal((side, side))))
    image = np.fft.ifft2(amplitude * np.exp(1j * phase)).real
    x = np.stack([image, 2 * image + 5], axis=-1).reshape(1, -1)
    assert spectrum_slope(x, (side, side, 2)) == pytest.approx(slope, abs=1e-6)


def test_white_noise_has_no_slope():
    x = np.random.default_rng(1).standard_normal((400, 16 * 16))
    assert spectrum_slope(x, (16, 16, 1)) == pytest.approx(0, abs=0.05)


def slow_slope(x, height, width, channels):
    """By the definition of the Fourier transform and numpy.polyfit, one frequency at a time."""
    images = [image.reshape(height, width, channels) for image in x]
    powers = {}
    for u in range(-(height // 2), height - height // 2):
        for v in range(-(width // 2), width - width // 2):
            angle = u * np.arange(height)[:, None] / height + v * np.arange(width) / width
            wave = np.exp(-2j * np.pi * angle)[:, :, None]
            power = sum((abs((image * wave).sum(axis=(0, 1))) ** 2).sum() for image in images)
            powers.setdefault(round(math.sqrt(u * u + v * v)), []).append(power)
    radii = range(1, min(height, width) // 2 + 1)
    return np.polyfit(np.log(radii), [math.log(np.mean(powers[r])) for r in radii], 1)[0]


@pytest.mark.parametrize("shape", [(4, 9, 2), (7, 4, 1), (6, 6, 1), (8, 10, 3)])
def test_the_slope_is_that_of_a_loop_over_the_frequencies(shape):
    x = np.random.default_rng(2).random((3, math.prod(shape)))
    assert spectrum_slope(x, shape) == pytest.approx(slow_slope(x, *shape), rel=1e-9)


def test_a_wave_of_radius_1_has_no_power_at_radius_2_and_no_slope():
    x = np.tile([1.0, 0, -1, 0], 4)[None]
    assert math.isnan(spectrum_slope(x, (4, 4, 1)))


def test_images_without_detail_have_no_spectrum():
    assert math.isnan(spectrum_slope(np.ones((2, 16)), (4, 4, 1)))
    assert math.isnan(spectrum_slope(np.random.default_rng(0).random((2, 4)), (2, 2, 1)))
