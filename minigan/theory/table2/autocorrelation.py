"""How many independent draws a Markov chain is worth: the effective sample size (ESS).

    rho(k) = sum_t f_t f_(t+k) / sum_t f_t^2         f: a statistic of x, minus its mean
    tau    = 1 + 2 sum_(k=1)^K rho(k)                integrated autocorrelation time, in steps
    ESS    = N / tau                                 of N steps

The mean of N steps of a chain has the variance of the mean of N / tau independent draws. The
estimate of rho(k) is noise for large k, so K is the smallest window with K >= WINDOW and K >=
WINDOW tau (Sokal 1997). For an AR(1) chain, f_(t+1) = r f_t + noise, rho(k) = r^k and
tau = (1 + r) / (1 - r).
"""

from __future__ import annotations

import numpy as np

from minigan.arrays import Array

WINDOW = 5


class TooFewStepsError(ValueError):
    """The chain changes too slowly for its number of steps."""


def autocorrelation(f: Array) -> Array:
    """rho(k) (N,), k = 0, 1, ..., of chains f (C, N). Mean and variance are those of all chains."""
    N = f.shape[1]
    centred = f.astype(np.float64) - f.mean(dtype=np.float64)
    spectrum = abs(np.fft.rfft(centred, 2 * N)) ** 2  # 2 N: no step wraps around
    products = np.fft.irfft(spectrum)[:, :N].sum(axis=0)
    rho: Array = products / products[0]
    return rho


def autocorrelation_time(f: Array) -> float:
    """tau in steps, of chains f (C, N). Raises TooFewStepsError if N is too small for it."""
    taus = 2 * np.cumsum(autocorrelation(f)) - 1  # tau for K = 0, 1, ...
    enough = np.arange(len(taus)) >= WINDOW * np.maximum(1, taus)
    if not enough.any():
        raise TooFewStepsError(f"{f.shape[1]} steps are too few for a chain that is so slow")
    return float(taus[enough.argmax()])


def effective_sample_size(f: Array) -> float:
    """The ESS of one chain of N steps, with tau from all chains f (C, N)."""
    steps: int = f.shape[1]
    return steps / autocorrelation_time(f)
