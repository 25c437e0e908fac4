"""The slope of the power spectrum of images: how fast fine detail decreases.

    P(f) = mean of |Fourier transform|^2 at the frequencies of radius f          log P = a + b log f

The slope b is fitted by least squares to the radii 1, 2, ... up to half the smaller side. Natural
images have a slope of about -2; white noise has 0, and a blurred image is steeper than the data.
"""

from __future__ import annotations

import math

import numpy as np

from minigan.arrays import Array


def spectrum_slope(x: Array, shape: tuple[int, int, int]) -> float:
    """b for images x (N, n) of a shape; NaN if a radius has no power or there are fewer than two.

    A frequency (u, v) belongs to the radius that is nearest to sqrt(u^2 + v^2). Each image and
    channel has its mean subtracted, by leaving out the frequency 0.
    """
    height, width, channels = shape
    images = x.reshape(-1, height, width, channels)
    power = np.zeros((height, width))
    for image in images:
        power += np.square(np.abs(np.fft.fft2(image, axes=(0, 1)))).sum(axis=2)
    u, v = np.fft.fftfreq(height, 1 / height), np.fft.fftfreq(width, 1 / width)
    radius = np.rint(np.hypot(u[:, None], v)).astype(np.int64)
    radii = np.arange(1, min(height, width) // 2 + 1)
    sums = np.bincount(radius.ravel(), power.ravel())[radii]
    if len(radii) < 2 or not (sums > 0).all():
        return math.nan
    means = sums / np.bincount(radius.ravel())[radii]
    f, log_P = np.log(radii), np.log(means)
    f -= f.mean()
    return float((f * log_P).sum() / (f * f).sum())
