"""A check says how far two results are apart, and how far they may be.

    error     one number: the largest difference, in the words of the check
    allowed   0 where arithmetic is exact, so that every machine must give the same numbers

A check that cannot be played to its end has failed: `fault` says what stopped it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array
from minigan.backends.cupy import CuPyBackend
from minigan.bench.gpu.workload import GPUWorkload

LONGEST = 300  # characters of a fault


@dataclass(frozen=True)
class Check:
    """What is measured on a backend, the largest error allowed, and what the error is."""

    name: str
    measure: Callable[[CuPyBackend, GPUWorkload], float]
    allowed: float
    told: str


@dataclass(frozen=True)
class CheckResult:
    """The result of a check."""

    name: str
    error: float
    allowed: float
    told: str
    fault: str = ""

    @property
    def passed(self) -> bool:
        """Whether it ran to its end with no more than the allowed error."""
        return not self.fault and self.error <= self.allowed


def run_check(check: Check, backend: CuPyBackend, workload: GPUWorkload) -> CheckResult:
    """Play one check. Whatever stops it is its fault, and the other checks go on."""
    error, fault = math.inf, ""
    try:
        error = check.measure(backend, workload)
    except Exception as stopped:  # CUDA, cuBLAS and the compiler have errors of their own kinds
        fault = " ".join(f"{type(stopped).__name__}: {stopped}".split())[:LONGEST]
    return CheckResult(check.name, error, check.allowed, check.told, fault)


def apart(x: Array, wanted: Array) -> float:
    """max |x - wanted|; inf for another shape or kind of numbers, and for what is not finite."""
    if x.shape != wanted.shape or x.dtype != wanted.dtype:
        return math.inf
    return _largest(np.abs(x.astype(np.float64) - wanted.astype(np.float64)))


def relative_error(x: Array, wanted: Array) -> float:
    """max |x - wanted| / |wanted|; where 0 is wanted, only 0 will do."""
    difference = np.abs(x.astype(np.float64) - wanted)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(difference == 0, 0.0, difference / np.abs(wanted))
    return _largest(ratio)


def of_terms(x: Array, terms: Array, others: Array) -> float:
    """How far x is from the product of `terms` (m, n) and `others` (n, u), in sums of |terms|.

    max |x - terms others| / (|terms| |others|), in float64: the rounding of a sum is measured by
    what was added up, as the sum itself may cancel.
    """
    terms, others = terms.astype(np.float64), others.astype(np.float64)
    scale = np.abs(terms) @ np.abs(others)
    return _largest(np.abs(x - terms @ others) / np.where(scale == 0, 1.0, scale))


def _largest(differences: Array) -> float:
    largest = float(np.max(differences, initial=0.0))
    return largest if math.isfinite(largest) else math.inf
