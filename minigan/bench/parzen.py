"""The Parzen score beside its limit, and beside the form that everybody writes first.

    score       the whole protocol: ten sigmas on the validation images, one on the test images
    limit       its matrix products, and as many exponentials in blocks that stay in a cache
    broadcast   sum_k (x_jk - s_ik)^2 as an array (M, N, d) of float64, one sigma, a few images

Verified: the log-likelihoods of the few images against the broadcast form, to a hundredth nat.
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
from minigan.bench.timing import measure, repeated
from minigan.evaluation.parzen import TERMS, log_likelihoods
from minigan.evaluation.protocol import GRID, choose, score

Estimator: TypeAlias = Callable[[Array, Array, float], Array]  # x, samples, sigma -> log p(x)

MB = 1e6
SIGMA = 0.2
NATS = 0.01
COLUMNS = (
    Column("images", key=True),
    Column("samples", key=True),
    Column("sigmas", key=True),
    Column("what", key=True),
    *TIMES,
    Column("/ limit"),
    Column("peak", "MB"),
    Column("check"),
    Column("max difference", "nats"),
)


@dataclass(frozen=True)
class Sizes:
    """Of the protocol, and of the few images for which the broadcast form has memory."""

    samples: int
    validation: int
    test: int
    d: int
    few_images: int
    few_samples: int


def parzen(sizes: Sizes, *, rounds: int, others: Mapping[str, Estimator] | None = None) -> Table:
    """The table; `others` are further estimators to stand beside the broadcast form.

    Raises WrongResult where minigan or another disagrees with the broadcast form.
    """
    rng = np.random.default_rng(0)
    samples, validation, test = (
        rng.random((count, sizes.d), dtype=np.float32)
        for count in (sizes.samples, sizes.validation, sizes.test)
    )
    few, some = test[: sizes.few_images], samples[: sizes.few_samples]
    estimators = {"minigan": _minigan, "broadcast": broadcast, **(others or {})}
    expected = broadcast(few, some, SIGMA)
    apart = {
        name: checks.require(name, float(np.abs(f(few, some, SIGMA) - expected).max()), NATS)
        for name, f in estimators.items()
    }
    whole = {
        "minigan": lambda: score(samples, test, choose(samples, validation)),
        "limit": _limit([(validation, samples, len(GRID)), (test, samples, 1)]),
    }
    of_few = {name: partial(f, few, some, SIGMA) for name, f in estimators.items()}
    limit = {"limit": _limit([(few, some, 1)])}
    key = (len(validation) + len(test), len(samples), f"{len(GRID)}, then 1")
    rows = _rows(key, whole, rounds, {"minigan": apart["minigan"]})
    rows += _rows((len(few), len(some), "1"), {**of_few, **limit}, rounds, apart)
    title = f"The Parzen score, d = {sizes.d}"
    return Table("parzen", title, COLUMNS, tuple(rows))


def broadcast(x: Array, samples: Array, sigma: float) -> Array:
    """log p(x_j), (M,), by an array of M N d differences in float64."""
    differences = x[:, None, :].astype(np.float64) - samples[None]
    exponents = -np.square(differences).sum(axis=2) / (2 * sigma**2)
    largest = exponents.max(axis=1)
    total = np.log(np.exp(exponents - largest[:, None]).mean(axis=1)) + largest
    found: Array = total - x.shape[1] * math.log(sigma * math.sqrt(2 * math.pi))
    return found


def _minigan(x: Array, samples: Array, sigma: float) -> Array:
    found: Array = log_likelihoods(x, samples, np.array([sigma]))[0]
    return found


def _limit(parts: list[tuple[Array, Array, int]]) -> Callable[[], object]:
    """The product of all pairs of each (x, samples, sigmas), an exponential per pair and sigma."""
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
    apart: Mapping[str, float],
) -> list[TableRow]:
    timed = measure({n: repeated(f) for n, f in candidates.items()}, rounds=rounds, at_least=0.0)
    limit = timed["limit"].median
    return [
        (
            *key,
            name,
            *one.milliseconds(),
            one.median / limit,
            _peak(candidates[name]),
            "log p, broadcast form" if name in apart else None,
            apart.get(name),
        )
        for name, one in timed.items()
    ]


def _peak(work: Callable[[], object]) -> float:
    """The most memory that NumPy held for the work beyond what it was given, MB."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / MB
    finally:
        tracemalloc.stop()
