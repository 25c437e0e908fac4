"""The prior p_z of the noise z, the input of G.

    uniform     z uniform on (-sqrt 3, sqrt 3)
    gaussian    z ~ N(0, 1)

The coordinates are independent, with mean 0 and variance 1. The authors' published MNIST
configuration used both: Gaussian in its first version, uniform in later ones.
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


PRIORS = {"uniform": uniform, "gaussian": gaussian}
