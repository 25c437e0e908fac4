"""All data at the point 0 and all samples at the point theta: JSD and W1 as losses of G.

    JSD = log 2 for every theta except 0      slope 0: G does not learn where to move
    W1  = |theta|                             slope 1 or -1: G moves towards the data

So the best D of Eq. 1 gives G no direction here, and the best critic does. Example 1 of Arjovsky et
al. (2017) has the same numbers for two parallel lines in the plane.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from minigan.theory.divergences import jsd
from minigan.theory.wasserstein import w1

STEP = 1 / 64  # of central differences, which are exact on each side of 0: both losses are linear


class LossesOfG(NamedTuple):
    """JSD in nats and W1 in the unit of theta, or their slopes."""

    jsd: float
    w1: float


def losses(theta: float) -> LossesOfG:
    """Both losses, computed from the densities on the points 0 and theta."""
    x, at = np.unique([0.0, theta], return_inverse=True)
    p_data, p_g = np.eye(len(x))[at]
    return LossesOfG(jsd(p_data, p_g), w1(x, p_data, p_g))


def loss_slopes(theta: float) -> LossesOfG:
    """The slopes of both losses in theta, by central differences; |theta| > STEP."""
    above, below = losses(theta + STEP), losses(theta - STEP)
    return LossesOfG(*((a - b) / (2 * STEP) for a, b in zip(above, below, strict=True)))
