"""The prior p_z of the noise z, the input of G.

    uniform      z uniform on (-sqrt 3, sqrt 3)
    gaussian     z ~ N(0, 1)
    spherical    z uniform on the sphere |z|^2 = size: a Gaussian z, times sqrt(size) / |z|

The coordinates have mean 0 and variance 1 and are uncorrelated; those of the first two priors are
independent. The authors' published MNIST configuration used both: Gaussian in its first version,
uniform in later ones. Their code has z / |z| too; here the factor sqrt(size) gives it the scale of
the other priors, so that they fit the same initial weights.
"""

from __future__ import annotations

import math

import numpy as np

from minigan.arrays import Array


def uniform(rng: np.random.Generator, m: int, size: int) -> Array:
    """z (m, size) float32, uniform on [-sqrt 3, sqrt 3): sqrt 3 (2u - 1), u = k / 2^24."""
    return (2 * rng.random((m, size), dtype=np.float32) - 1) * np.float32(math.sqrt(3))


def gaussian(rng: np.random.Generator, m: int, size: int) -> Array:
    """z (m, size) float32, standard normal."""
    return rng.standard_normal((m, size), dtype=np.float32)


def on_sphere(rng: np.random.Generator, m: int, size: int) -> Array:
    """z (m, size) float32 with |z|^2 = size, in a uniform direction."""
    z = gaussian(rng, m, size)
    length = np.sqrt(np.square(z).sum(axis=1, keepdims=True))
    # The authors' code has the same lower limit. A row of zeros stays 0.
    z *= np.float32(math.sqrt(size)) / np.maximum(length, np.float32(1e-7))
    return z


PRIORS = {"uniform": uniform, "gaussian": gaussian, "spherical": on_sphere}
