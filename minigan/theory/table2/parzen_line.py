"""The Parzen estimate against the exact p_g of a piecewise linear G on the line.

    log p_g(x) = log(mass of the bin of x / width of the bin)         masses: `theory.line`
    bias       = mean over test x of [Parzen log-likelihood of x under N samples] - mean log p_g(x)

Samples, validation points and test points are all G(z), so the estimate is compared with the
density that it estimates. sigma is chosen on the validation points.
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array
from minigan.evaluation.protocol import choose, score

LINE_GRID = np.geomspace(0.005, 0.5, 21)


def log_density_of_bins(x: Array, edges: Array, masses: Array) -> Array:
    """log p (N,) at x (N,), for a density that is constant in each bin between `edges`."""
    bins = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, len(masses) - 1)
    log_p: Array = np.log(masses[bins] / np.diff(edges)[bins])
    return log_p


def parzen_bias_on_the_line(
    samples: Array, validation: Array, test: Array, edges: Array, masses: Array
) -> tuple[float, float]:
    """(bias in nats, sigma), for points (N,) of the density with these masses (bins,)."""
    choice = choose(samples[:, None], validation[:, None], LINE_GRID, dtype=np.float64)
    estimate = score(samples[:, None], test[:, None], choice, dtype=np.float64).LL
    return estimate - float(log_density_of_bins(test, edges, masses).mean()), choice.sigma
