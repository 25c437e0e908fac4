"""The Parzen score, compared with its limit and with the usual broadcast form.

    score       the whole protocol: ten sigmas on the validation images, one on the test images
    limit       its matrix products, and as many exponentials in blocks that stay in a cache
    broadcast   sum_k (x_jk - s_ik)^2 as an array (M, N, d) of float64; one sigma, a few images

Check: the log-likelihoods of a few images differ from the broadcast form by at most 0.01 nats.
"""

from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from minigan.arrays import Array
from minigan.bench import checks
from minigan.bench.tables import TIMES, Column, Table, TableRow
from minigan.bench.timing import measure, timer
from minigan.evaluation.parzen import TERMS, log_likelihoods
from minigan.evaluation.protocol import GRID, choose, score

Estimator: TypeAlias = Callable[[Array, Array, float], Array]  # x, samples, sigma -> log p(x)

MB = 1e6
SIGMA = 0.2
NATS = 0.01
COLUMNS = (
    Column("images", key=True, narrow=True),
    Column("samples", key=True, narrow=True),
    Column("sigmas", key=True),
    Column("what", key=True, narrow=True),
    *TIMES,
    Column("/ limit", narrow=True),
    Column("peak", "MB", narrow=True),
    Column("check"),
    Column("max difference", "nats"),
)


@dataclass(frozen=True)
class Sizes:
    """The sizes of the protocol, and of the small case whose broadcast form fits into memory."""

    samples: int
    validation: int
    test: int
    d: int
    few_images: int
    few_samples: int


def parzen_table(
    sizes: Sizes, *, rounds: int, others: Mapping[str, Estimator] | None = None
) -> Table:
    """The times of the whole protocol and of the small case.

    `others` are further estimators for the small case. Raises WrongResult if minigan or one of
    them differs from the broadcast form by more than 0.01 nats.
    """
    rng = np.random.default_rng(0)
    samples, validation, test = (
        rng.random((count, sizes.d), dtype=np.float32)
        for count in (sizes.samples, sizes.validation, sizes.test)
    )
    few_images, few_samples = test[: sizes.few_images], samples[: sizes.few_samples]
    estimators = {"minigan": _minigan, "broadcast": broadcast, **(others or {})}
    expected = broadcast(few_images, few_samples, SIGMA)
    differences = {}
    for name, f in estimators.items():
        difference = float(np.abs(f(few_images, few_samples, SIGMA) - expected).max())
        differences[name] = checks.require(name, difference, NATS)
    protocol = {
        "minigan": lambda: score(samples, test, choose(samples, validation)),
        "limit": _limit([(validation, samples, len(GRID)), (test, samples, 1)]),
    }
    small: dict[str, Callable[[], object]] = {
        name: partial(f, few_images, few_samples, SIGMA) for name, f in estimators.items()
    }
    small["limit"] = _limit([(few_images, few_samples, 1)])
    key = (len(validation) + len(test), len(samples), f"{len(GRID)}, then 1")
    rows = _rows(key, protocol, rounds, {"minigan": differences["minigan"]})
    rows += _rows((len(few_images), len(few_samples), "1"), small, rounds, differences)
    title = f"The Parzen score, d = {sizes.d}"
    return Table("parzen", title, COLUMNS, tuple(rows))


def broadcast(x: Array, samples: Array, sigma: float) -> Array:
    """log p(x_j) (M,) in nats, computed from an array (M, N, d) of differences in float64."""
    differences = x[:, None, :].astype(np.float64) - samples[None]
    exponents = -np.square(differences).sum(axis=2) / (2 * sigma**2)
    largest = exponents.max(axis=1)
    total = np.log(np.exp(exponents - largest[:, None]).mean(axis=1)) + largest
    result: Array = total - x.shape[1] * math.log(sigma * math.sqrt(2 * math.pi))
    return result


def _minigan(x: Array, samples: Array, sigma: float) -> Array:
    result: Array = log_likelihoods(x, samples, np.array([sigma]))[0]
    return result


def _limit(parts: list[tuple[Array, Array, int]]) -> Callable[[], object]:
    """For each (x, samples, sigmas): x samples^T, and one exponential per pair and sigma."""
    rows = 500
    out = np.empty((rows, max(len(samples) for _, samples, _ in parts)), np.float32)
    exponents, terms = np.full(TERMS, -0.5, np.float32), np.empty(TERMS, np.float32)

    def work() -> None:
        for x, samples, sigmas in parts:
            for start in range(0, len(x), rows):
                block = x[start : start + rows]
                np.matmul(block, samples.T, out=out[: len(block), : len(samples)])
                for first in range(0, sigmas * len(block) * len(samples), TERMS):
                    left = min(TERMS, sigmas * len(block) * len(samples) - first)
                    np.exp(exponents[:left], out=terms[:left])

    return work


def _rows(
    key: tuple[int, int, str],
    candidates: Mapping[str, Callable[[], object]],
    rounds: int,
    differences: Mapping[str, float],
) -> list[TableRow]:
    timed = measure({n: timer(f) for n, f in candidates.items()}, rounds=rounds, at_least=0.0)
    limit = timed["limit"].median
    return [
        (
            *key,
            name,
            *one.milliseconds(),
            one.median / limit,
            _peak(candidates[name]),
            "log p, broadcast form" if name in differences else None,
            differences.get(name),
        )
        for name, one in timed.items()
    ]


def _peak(work: Callable[[], object]) -> float:
    """The peak of the memory that NumPy allocated for the work, in MB (1e6 bytes)."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / MB
    finally:
        tracemalloc.stop()
