"""Which modes of a known density the samples reach, and how near to a mode they lie.

    share_j = |{i : nearest mean of s_i is mu_j and |s_i - mu_j| <= 3 s}| / N
    near    = sum_j share_j
    found   = |{j : share_j >= share_j of the data / 10}|

A round Gaussian in d dimensions has the probability P(|x - mu| <= 3 s) = P(chi^2_d <= 9): 0.9973
on the line, 1 - e^(-9/2) = 0.9889 in the plane. So data itself has share_j = P w_j and near = P,
exactly where no two means are nearer than 6 s. Mode collapse ("the Helvetica scenario", section 6
of the paper) shows as a low `found`, samples between the modes as a low `near`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array
from minigan.data.toys import Mixture

REACH = 3  # standard deviations
LEAST = 0.1  # of the data's own share: a mode that gets less counts as missed


@dataclass(frozen=True)
class Covered:
    """`found` of `modes` modes; `near`, the sum of `shares` (one per mode); `near_of_data`."""

    found: int
    modes: int
    near: float
    near_of_data: float
    shares: tuple[float, ...]

    def __str__(self) -> str:
        """One sentence for people."""
        return (
            f"{self.found} of {self.modes} modes found; {100 * self.near:.1f} % of the samples lie "
            f"within {REACH} standard deviations of a mode "
            f"({100 * self.near_of_data:.1f} % of the data do)"
        )


def covered(samples: Array, mixture: Mixture) -> Covered:
    """Judge samples (N, d), d = 1 or 2, against the mixture that they should follow.

    A sample counts for its nearest mean (the first at a tie), or for none beyond 3 s; one that is
    not finite counts for none. Takes 8 N j d bytes for j modes.
    Raises ValueError where there are no samples, or d is another than the mixture's, or above 2.
    """
    j, d = mixture.means.shape
    if samples.ndim != 2 or samples.shape[1] != d or len(samples) == 0:
        raise ValueError(f"the samples must be one or more rows of {d}, not {samples.shape}")
    if d > 2:
        raise ValueError(f"modes are counted on the line or in the plane, not in {d} dimensions")
    distance = np.linalg.norm(samples.astype(np.float64)[:, None] - mixture.means, axis=-1)
    within = distance.min(axis=1) <= REACH * mixture.s
    counts = np.bincount(distance.argmin(axis=1)[within], minlength=j)
    shares = counts / len(samples)
    of_data = _probability_within_reach(d)
    found = int((shares >= LEAST * of_data * mixture.weights).sum())
    near = float(within.mean())
    return Covered(found, j, near, of_data, tuple(float(share) for share in shares))


def _probability_within_reach(d: int) -> float:
    """P(|x - mu| <= 3 s) of a round Gaussian on the line or in the plane."""
    return math.erf(REACH / math.sqrt(2)) if d == 1 else -math.expm1(-(REACH**2) / 2)
