"""The error of a check is one number; it is infinite if results cannot be compared."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigan.bench.gpu.check import Check, max_difference, product_error, relative_error, run_check
from minigan.bench.gpu.workload import QUICK

X = np.array([1.0, -2.0, 0.0], np.float32)


def test_max_difference_is_the_largest_difference():
    assert max_difference(X, X) == 0
    assert max_difference(X, X + np.array([0, 0.5, -0.25], np.float32)) == 0.5
    assert max_difference(np.array([True, False]), np.array([True, True])) == 1
    assert max_difference(X[:0], X[:0]) == 0


@pytest.mark.parametrize(
    "other", [X[:2], X.astype(np.float64), X * np.nan, np.array([1, -np.inf, 0], np.float32)]
)
def test_another_shape_or_dtype_or_a_number_that_is_not_finite_is_an_infinite_difference(other):
    assert max_difference(other, X) == math.inf


def test_the_relative_error_divides_by_the_expected_number_and_zero_needs_zero():
    assert relative_error(np.array([1.5, 4.0, 0.0]), np.array([1.0, 4.0, 0.0])) == 0.5
    assert relative_error(np.array([1e-30]), np.array([0.0])) == math.inf
    assert relative_error(np.array([np.nan]), np.array([1.0])) == math.inf


def test_the_error_of_a_product_is_relative_to_its_absolute_terms():
    a, b = np.array([[1000.0, -1000.0]]), np.array([[1.0], [1.0]])
    assert product_error(np.array([[1.0]]), a, b) == 1 / 2000
    assert product_error(np.array([[0.0]]), 0 * a, b) == 0
    assert product_error(np.array([[np.nan]]), a, b) == math.inf


@pytest.mark.parametrize(
    ("error", "passed"),
    [(0.0, True), (0.5, True), (0.6, False), (math.inf, False), (math.nan, False)],
)
def test_a_check_passes_up_to_the_allowed_error(error, passed):
    found = run_check(Check("c", lambda backend, workload: error, 0.5, "metric"), None, QUICK)
    assert (found.name, found.allowed, found.metric, found.fault) == ("c", 0.5, "metric", "")
    assert found.passed is passed


def test_an_exception_in_a_check_is_its_fault_in_one_line():
    def stopped(backend, workload):
        raise RuntimeError("CUDA_ERROR_ILLEGAL_ADDRESS:\nan illegal memory access")

    found = run_check(Check("c", stopped, 0.5, "metric"), None, QUICK)
    assert not found.passed
    assert found.error == math.inf
    assert found.fault == "RuntimeError: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access"


def test_an_interrupt_is_raised_and_not_a_fault():
    def interrupted(backend, workload):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_check(Check("c", interrupted, 0.5, "metric"), None, QUICK)
