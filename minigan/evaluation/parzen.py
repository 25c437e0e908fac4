"""The Parzen-window estimate: how likely are real examples under samples with a little noise?

    p(x) = 1/N sum_i Normal(x; s_i, sigma^2 I)        s_i: N samples of G, in d dimensions

    log p(x) = log sum_i exp(-|x - s_i|^2 / (2 sigma^2)) - log N - d log(sigma sqrt(2 pi))

The sum is taken relative to its largest term, exp(-least / (2 sigma^2)) with least = min_i
|x - s_i|^2: no exponential overflows, and the largest is 1. One matrix of squared distances,
|x|^2 - 2 x.s + |s|^2 by a matrix product, serves every sigma.

Both the examples and the samples are taken in blocks, so the memory does not depend on how many
there are: what one block of samples adds joins the sum of those before, relative to the lesser of
the two `least`. Section 5 of the paper; the protocol around it is in `protocol`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import numpy as np

from minigan.arrays import Array


class SampleRows(Protocol):
    """Numbers (N, d) that are asked for by slices of rows: an array, or what makes them."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, d)."""

    def __len__(self) -> int:
        """N."""

    def __getitem__(self, rows: slice, /) -> Array:
        """The rows of a slice."""


DISTANCES = 1 << 23  # of one block: 32 MB in float32
COORDINATES = 1 << 23  # of the samples of one block, at most
TERMS = 1 << 18  # exponentials at a time: a megabyte, which stays in a core's cache


def log_likelihoods(
    x: Array,
    samples: SampleRows,
    sigmas: Array,
    dtype: Any = np.float32,
    advance: Callable[[int], None] = lambda distances: None,
) -> Array:
    """log p(x_j) in nats for each sigma: (len(sigmas), M) float64, of x (M, d), samples (N, d).

    `dtype` is that of the distances; float32 keeps about 1e-3 nats for pixels in [0, 1] and
    sigma >= 0.1. `advance` hears of each block how many distances it had. x and samples may be
    memmaps. Raises ValueError where the shapes do not fit, N = 0, or a sigma is not positive.
    """
    if x.ndim != 2 or samples.shape[1:] != x.shape[1:] or not len(samples):
        raise ValueError(f"x {x.shape} and samples {samples.shape} must be (M, d) and (N, d)")
    sigmas = np.asarray(sigmas, dtype=np.float64)
    if not (sigmas > 0).all():
        raise ValueError("every sigma must be positive")
    N, d = samples.shape
    slopes = 1 / (2 * sigmas**2)
    log_sums = np.empty((len(sigmas), len(x)))
    together = max(1, min(N, COORDINATES // max(1, d)))
    for rows in _blocks(len(x), max(1, min(DISTANCES // together, COORDINATES // max(1, d)))):
        x_b = np.asarray(x[rows], dtype=dtype)
        least, sums = np.full(len(x_b), np.inf), np.zeros((len(sigmas), len(x_b)))
        for others in _blocks(N, together):
            squares = squared_distances(x_b, np.asarray(samples[others], dtype=dtype))
            least_before, least = least, np.minimum(least, squares.min(axis=1))
            with np.errstate(invalid="ignore"):  # inf - inf, where two samples overflow
                sums *= np.exp(-slopes[:, None] * (least_before - least))
            squares -= least.astype(dtype)[:, None]
            _add_terms(sums, squares, slopes)
            advance(squares.size)
        log_sums[:, rows] = np.log(sums) - slopes[:, None] * least
    normaliser = d * np.log(sigmas * math.sqrt(2 * math.pi))
    found: Array = log_sums - math.log(N) - normaliser[:, None]
    return found


def squared_distances(x: Array, samples: Array) -> Array:
    """|x_j - s_i|^2 for x (M, d) and samples (N, d): (M, N) in their dtype, never below 0."""
    squares: Array = np.matmul(x, samples.T)
    squares *= -2
    squares += np.einsum("ij,ij->i", samples, samples)
    squares += np.einsum("ij,ij->i", x, x)[:, None]
    np.maximum(squares, 0, out=squares)  # rounding can leave a little less than 0
    return squares


def _add_terms(sums: Array, squares: Array, slopes: Array) -> None:
    """sums[k, j] += sum_i exp(-slopes[k] squares[j, i])."""
    together = max(1, TERMS // squares.shape[1])
    terms = np.empty_like(squares[:together])
    for rows in _blocks(len(squares), together):
        part = squares[rows]
        exponents = terms[: len(part)]
        for k, slope in enumerate(slopes):
            np.multiply(part, part.dtype.type(-slope), out=exponents)
            np.exp(exponents, out=exponents)
            sums[k, rows] += exponents.sum(axis=1)


def _blocks(count: int, size: int) -> Iterator[slice]:
    return (slice(start, min(start + size, count)) for start in range(0, count, size))
