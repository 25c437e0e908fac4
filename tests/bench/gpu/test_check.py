"""An error is one number, and whatever cannot be compared is infinitely far away."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigan.bench.gpu.check import Check, apart, of_terms, relative_error, run_check
from minigan.bench.gpu.workload import QUICK

X = np.array([1.0, -2.0, 0.0], np.float32)


def test_apart_is_the_largest_difference():
    assert apart(X, X) == 0
    assert apart(X, X + np.array([0, 0.5, -0.25], np.float32)) == 0.5
    assert apart(np.array([True, False]), np.array([True, True])) == 1
    assert apart(X[:0], X[:0]) == 0


@pytest.mark.parametrize(
    "other", [X[:2], X.astype(np.float64), X * np.nan, np.array([1, -np.inf, 0], np.float32)]
)
def test_another_shape_dtype_or_a_number_that_is_not_finite_is_infinitely_far(other):
    assert apart(other, X) == math.inf


def test_relative_divides_by_what_was_wanted_and_zero_wants_zero():
    assert relative_error(np.array([1.5, 4.0, 0.0]), np.array([1.0, 4.0, 0.0])) == 0.5
    assert relative_error(np.array([1e-30]), np.array([0.0])) == math.inf
    assert relative_error(np.array([np.nan]), np.array([1.0])) == math.inf


def test_a_sum_is_measured_by_its_terms():
    terms, others = np.array([[1000.0, -1000.0]]), np.array([[1.0], [1.0]])
    assert of_terms(np.array([[1.0]]), terms, others) == 1 / 2000
    assert of_terms(np.array([[0.0]]), 0 * terms, others) == 0
    assert of_terms(np.array([[np.nan]]), terms, others) == math.inf


@pytest.mark.parametrize(
    ("error", "passed"),
    [(0.0, True), (0.5, True), (0.6, False), (math.inf, False), (math.nan, False)],
)
def test_a_check_passes_up_to_the_allowed_error(error, passed):
    found = run_check(Check("c", lambda backend, workload: error, 0.5, "told"), None, QUICK)
    assert (found.name, found.allowed, found.told, found.fault) == ("c", 0.5, "told", "")
    assert found.passed is passed


def test_what_stops_a_check_is_its_fault_in_one_line():
    def stopped(backend, workload):
        raise RuntimeError("CUDA_ERROR_ILLEGAL_ADDRESS:\nan illegal memory access")

    found = run_check(Check("c", stopped, 0.5, "told"), None, QUICK)
    assert not found.passed
    assert found.error == math.inf
    assert found.fault == "RuntimeError: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal memory access"


def test_an_interrupt_is_no_fault_of_the_check():
    def interrupted(backend, workload):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_check(Check("c", interrupted, 0.5, "told"), None, QUICK)
