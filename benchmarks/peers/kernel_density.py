"""scikit-learn's KernelDensity as an estimator of the Parzen log-likelihood."""

from __future__ import annotations

import sklearn
from sklearn.neighbors import KernelDensity

from minigan.arrays import Array

VERSION = f"scikit-learn {sklearn.__version__}"


def log_likelihoods(x: Array, samples: Array, sigma: float) -> Array:
    """log p(x_j) (M,) in nats. The time includes building the tree, as samples are scored once."""
    result: Array = KernelDensity(bandwidth=sigma).fit(samples).score_samples(x)
    return result
