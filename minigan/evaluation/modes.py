"""Mode coverage: which modes of a known mixture of Gaussians occur among the samples.

    share_j = |{i : nearest mean of s_i is mu_j and |s_i - mu_j| <= 3 s}| / N
    near    = sum_j share_j
    found   = |{j : share_j >= share_j of the data / 10}|
    KL      = sum_j q_j log(q_j / w_j),  q_j = share_j / near

mu_j and w_j are the means and weights of the mixture, and s is the standard deviation of each mode.
For an isotropic Gaussian in d dimensions, P(|x - mu| <= 3 s) = P(chi^2_d <= 9) is 0.9973 for d = 1
and 1 - e^(-9/2) = 0.9889 for d = 2. Real data have share_j = P w_j and near = P. This is exact if
all means are at least 6 s apart. KL is the divergence of the masses of the modes from those of the
data, in nats: 0 if they are the same, and log(j) if all samples are near one of j equal modes.

Mode collapse ("the Helvetica scenario", section 6 of the paper) gives a low `found`. Samples
between the modes give a low `near`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array
from minigan.data.toys import Mixture

REACH = 3  # standard deviations
LEAST = 0.1  # a mode is found if its share is at least this fraction of its share of the data

NO_MODE = -1


@dataclass(frozen=True)
class ModeCoverage:
    """The mode coverage of a set of samples.

    `found` of `modes` modes are found. `shares` holds share_j of each mode and `near` is their sum.
    `near_of_data` is the expected `near` of data. `KL` is infinite if no sample is near a mode.
    """

    found: int
    modes: int
    near: float
    near_of_data: float
    shares: tuple[float, ...]
    KL: float

    def __str__(self) -> str:
        """A sentence with `found`, `modes`, `near` and `near_of_data`."""
        return (
            f"{self.found} of {self.modes} modes found; {100 * self.near:.1f} % of the samples lie "
            f"within {REACH} standard deviations of a mode "
            f"({100 * self.near_of_data:.1f} % of the data do)"
        )


def mode_coverage(samples: Array, mixture: Mixture) -> ModeCoverage:
    """Computes the mode coverage of samples (N, d), d = 1 or 2, for the mixture of the data.

    A sample is assigned to its nearest mean, the first one at a tie. It is not counted if that mean
    is further away than 3 s or if the sample is not finite. Uses 8 N j d bytes of memory for j
    modes. Raises ValueError if N = 0, if d is not the mixture's dimension, or if d > 2.
    """
    j, d = mixture.means.shape
    if samples.ndim != 2 or samples.shape[1] != d or len(samples) == 0:
        raise ValueError(f"samples must have shape (N, {d}) with N >= 1, not {samples.shape}")
    if d > 2:
        raise ValueError(f"modes can be counted in 1 or 2 dimensions, not in {d}")
    modes = modes_of(samples, mixture)
    within = modes != NO_MODE
    counts = np.bincount(modes[within], minlength=j)
    shares = counts / len(samples)
    P = _probability_within_reach(d)
    found = int((shares >= LEAST * P * mixture.weights).sum())
    near = float(within.mean())
    KL = math.inf
    if near > 0:
        q = counts[counts > 0] / counts.sum()
        KL = float((q * np.log(q / mixture.weights[counts > 0])).sum())
    return ModeCoverage(found, j, near, P, tuple(float(share) for share in shares), KL)


def modes_of(samples: Array, mixture: Mixture) -> Array:
    """The number (N,) of the mode of each sample (N, d); NO_MODE if no mean is within 3 s."""
    distance = np.linalg.norm(samples.astype(np.float64)[:, None] - mixture.means, axis=-1)
    within = distance.min(axis=1) <= REACH * mixture.s
    modes: Array = np.where(within, distance.argmin(axis=1), NO_MODE)
    return modes


def _probability_within_reach(d: int) -> float:
    """P(|x - mu| <= 3 s) of an isotropic Gaussian in d = 1 or 2 dimensions."""
    return math.erf(REACH / math.sqrt(2)) if d == 1 else -math.expm1(-(REACH**2) / 2)
