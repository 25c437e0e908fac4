"""The Parzen estimate against a known density: how far it is from log p(x), in d dimensions.

    p     = N(0, I) in d dimensions,  log p(x) = -|x|^2 / 2 - d/2 log(2 pi)
    bias  = mean over test x of [Parzen log-likelihood of x under N draws of p] - mean log p(x)

The draws are perfect samples of p, so a perfect model has this score. sigma is chosen on other
draws, on GRID. With infinitely many draws and a fixed sigma, the estimate is log N(x; 0, (1 +
sigma^2) I), so

    bias -> -d/2 log(1 + sigma^2) + |x|^2/2 sigma^2 / (1 + sigma^2)
"""

from __future__ import annotations

import math

import numpy as np

from minigan import draws
from minigan.evaluation.parzen import log_likelihoods
from minigan.evaluation.protocol import choose

GRID = np.geomspace(0.05, 2, 24)


def parzen_bias(
    d: int, N: int, tests: int, seed: int, sigma: float | None = None
) -> tuple[float, float]:
    """(bias in nats, sigma), for N samples and `tests` test points. Without sigma, it is chosen."""
    samples, validation, x = (
        draws.generator(seed, f"table 2/parzen/{name}/{d}", 0).standard_normal((count, d))
        for name, count in (("samples", N), ("validation", tests), ("test", tests))
    )
    if sigma is None:
        sigma = choose(samples, validation, GRID).sigma
    estimate = log_likelihoods(x, samples, np.array([sigma]), dtype=np.float64)[0]
    exact = -np.square(x).sum(axis=1) / 2 - d / 2 * math.log(2 * math.pi)
    return float((estimate - exact).mean()), sigma
