"""A check computes the difference between two results and compares it with an allowed error.

    error     one number; `metric` describes how it is measured
    allowed   0 where arithmetic is exact, so that every machine must compute the same numbers

A check that raises an exception has failed; `fault` is the message.
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
    """A check: its name, the function that returns the error, and the largest allowed error.

    `metric` describes the error in a few words.
    """

    name: str
    measure: Callable[[CuPyBackend, GPUWorkload], float]
    allowed: float
    metric: str


@dataclass(frozen=True)
class CheckResult:
    """The result of a check; `fault` is the message of the exception that stopped it, or ""."""

    name: str
    error: float
    allowed: float
    metric: str
    fault: str = ""

    @property
    def passed(self) -> bool:
        """Whether the check raised no exception and its error is at most the allowed one."""
        return not self.fault and self.error <= self.allowed


def run_check(check: Check, backend: CuPyBackend, workload: GPUWorkload) -> CheckResult:
    """Run one check. An exception becomes the fault of its result, and is not raised."""
    error, fault = math.inf, ""
    try:
        error = check.measure(backend, workload)
    except Exception as stopped:  # CUDA, cuBLAS and the compiler have their own exception classes
        fault = " ".join(f"{type(stopped).__name__}: {stopped}".split())[:LONGEST]
    return CheckResult(check.name, error, check.allowed, check.metric, fault)


def max_difference(x: Array, expected: Array) -> float:
    """max |x - expected|; inf for another shape or dtype, or if a number is not finite."""
    if x.shape != expected.shape or x.dtype != expected.dtype:
        return math.inf
    return _largest(np.abs(x.astype(np.float64) - expected.astype(np.float64)))


def relative_error(x: Array, expected: Array) -> float:
    """max |x - expected| / |expected|; inf if x is not 0 where 0 is expected."""
    difference = np.abs(x.astype(np.float64) - expected)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(difference == 0, 0.0, difference / np.abs(expected))
    return _largest(ratio)


def product_error(x: Array, a: Array, b: Array) -> float:
    """The error of x as the matrix product a b, for a (m, n) and b (n, u), in float64.

    max |x - a b| / (|a| |b|): the rounding error of a sum is relative to the sum of the absolute
    values of its terms, because the terms may cancel.
    """
    a, b = a.astype(np.float64), b.astype(np.float64)
    scale = np.abs(a) @ np.abs(b)
    return _largest(np.abs(x - a @ b) / np.where(scale == 0, 1.0, scale))


def _largest(differences: Array) -> float:
    largest = float(np.max(differences, initial=0.0))
    return largest if math.isfinite(largest) else math.inf
