"""The Parzen-window estimate of the log-likelihood of real examples under samples of G.

    p(x) = 1/N sum_i Normal(x; s_i, sigma^2 I)        s_i: N samples of G, in d dimensions

    log p(x) = log sum_i exp(-|x - s_i|^2 / (2 sigma^2)) - log N - d log(sigma sqrt(2 pi))

The log-sum-exp is computed relative to its largest term exp(-least / (2 sigma^2)), with
least = min_i |x - s_i|^2, so no exponential overflows. The squared distances
|x|^2 - 2 x.s + |s|^2 need one matrix product and are used for all values of sigma.

Examples and samples are processed in blocks, so the memory does not depend on their numbers. When
a new block of samples has a smaller `least`, the running sum is rescaled to it.

Section 5 of the paper. The choice of sigma and the error are in `protocol`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np

from minigan.arrays import Array


class SampleRows(Protocol):
    """Samples (N, d) that can be read by slices of rows: an array, or a lazy equivalent."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, d)."""

    def __len__(self) -> int:
        """N."""

    def __getitem__(self, rows: slice, /) -> Array:
        """The rows of a slice."""


DISTANCES = 8_388_608  # maximum per block: 32 MB in float32
COORDINATES = 8_388_608  # maximum of the samples in one block
TERMS = 262_144  # exponentials computed at a time: 1 MB in float32 fits into a core's cache


def log_likelihoods(
    x: Array,
    samples: SampleRows,
    sigmas: Array,
    dtype: Any = np.float32,
    advance: Callable[[int], None] = lambda distances: None,
) -> Array:
    """log p(x_j) in nats for each sigma: (len(sigmas), M) float64, for x (M, d), samples (N, d).

    `dtype` is the dtype of the distances. For d = 784 pixels in [0, 1] and sigma >= 0.1 the error
    of float32 is below 0.02 nats; it grows with d / sigma^2. `advance` is called after each block
    with its number of distances. x and samples may be memory-mapped.

    Raises ValueError if the shapes do not match, if N = 0, or if a sigma is not positive.
    """
    if x.ndim != 2 or samples.shape[1:] != x.shape[1:] or not len(samples):
        raise ValueError(
            f"x and samples must have the shapes (M, d) and (N, d), not {x.shape} and "
            f"{samples.shape}"
        )
    sigmas = np.asarray(sigmas, dtype=np.float64)
    if not (sigmas > 0).all():
        raise ValueError("every sigma must be positive")
    N, d = samples.shape
    slopes = 1 / (2 * sigmas**2)
    log_sums = np.empty((len(sigmas), len(x)))
    most = max(1, COORDINATES // max(1, d))
    block = min(N, most)
    for rows in _blocks(len(x), max(1, min(DISTANCES // block, most))):
        x_b = np.asarray(x[rows], dtype=dtype)
        least, sums = np.full(len(x_b), np.inf), np.zeros((len(sigmas), len(x_b)))
        for columns in _blocks(N, block):
            squares = squared_distances(x_b, np.asarray(samples[columns], dtype=dtype))
            least_before, least = least, np.minimum(least, squares.min(axis=1))
            with np.errstate(invalid="ignore"):  # inf - inf, if the distances overflow
                sums *= np.exp(-slopes[:, None] * (least_before - least))
            squares -= least.astype(dtype)[:, None]
            _add_terms(sums, squares, slopes)
            advance(squares.size)
        log_sums[:, rows] = np.log(sums) - slopes[:, None] * least
    normaliser = d * np.log(sigmas * math.sqrt(2 * math.pi))
    result: Array = log_sums - math.log(N) - normaliser[:, None]
    return result


def squared_distances(x: Array, samples: Array) -> Array:
    """|x_j - s_i|^2 >= 0 for x (M, d) and samples (N, d): an array (M, N) in their dtype."""
    squares: Array = np.matmul(x, samples.T)
    squares *= -2
    squares += np.einsum("ij,ij->i", samples, samples)
    squares += np.einsum("ij,ij->i", x, x)[:, None]
    np.maximum(squares, 0, out=squares)  # rounding can give small negative values
    return squares


def _add_terms(sums: Array, squares: Array, slopes: Array) -> None:
    """sums[k, j] += sum_i exp(-slopes[k] squares[j, i])."""
    block = max(1, TERMS // squares.shape[1])
    terms = np.empty_like(squares[:block])
    for rows in _blocks(len(squares), block):
        part = squares[rows]
        exponents = terms[: len(part)]
        for k, slope in enumerate(slopes):
            np.multiply(part, part.dtype.type(-slope), out=exponents)
            np.exp(exponents, out=exponents)
            sums[k, rows] += exponents.sum(axis=1)


def _blocks(count: int, size: int) -> Iterator[slice]:
    return (slice(start, min(start + size, count)) for start in range(0, count, size))
