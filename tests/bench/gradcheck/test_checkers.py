"""Each checker passes a right gradient and fails a gross bug, through its adapter."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from minigan.gradcheck.report import Report, Row

corpus = importlib.import_module("corpus")
INSTALLED = ["minigan", "autograd", "scipy"]
OPTIONAL = [pytest.param(name, marks=pytest.mark.oracle) for name in ("torch", "jax")]
CASES = ["cross_entropy", "dense_tanh", "embedding", "mse", "scale_shift"]


@pytest.mark.parametrize("name", INSTALLED + OPTIONAL)
def test_a_right_gradient_passes(name):
    checker = importlib.import_module(f"checkers.{name}")
    for operation in CASES:
        result = checker.check(corpus.case_of(f"{operation}/usual/0"))
        assert result.outcome == "passed", (operation, result.text)


@pytest.mark.parametrize("name", INSTALLED + OPTIONAL)
def test_a_gross_bug_fails(name):
    checker = importlib.import_module(f"checkers.{name}")
    for bug in ("cross_entropy/wrong_sign", "linear/input_twice", "mse/target_wrong_sign"):
        assert checker.check(corpus.case_of(bug)).outcome == "failed", bug


@pytest.mark.parametrize("name", ["autograd", "scipy", *OPTIONAL])
def test_an_exception_of_backward_is_an_error(name):
    checker = importlib.import_module(f"checkers.{name}")
    result = checker.check(corpus.case_of("dense_tanh/raises_an_exception"))
    assert result.outcome == "error"
    assert "ValueError" in result.text


def test_a_bug_at_one_of_three_points_is_found():
    case = corpus.case_of("embedding/repeated_ids_assigned")
    assert case.points == 3
    for name in INSTALLED:
        assert importlib.import_module(f"checkers.{name}").check(case).outcome == "failed"


def test_minigan_gets_the_same_points_from_an_example_function(monkeypatch):
    module = importlib.import_module("checkers.minigan")
    case = corpus.case_of("linear/bias_mean")

    def gradcheck(forward, backward, *inputs, example=None, points=3):
        drawn = [example(np.random.default_rng(i)) for i in range(points)]
        for one, other in zip(drawn, case.inputs(), strict=True):
            assert all(map(np.array_equal, one, other))
        rows = [Row("b", (3,), "complex step", 3, 3, 1, 1, 1, 1, "inconclusive")]
        return Report(tuple(rows))

    monkeypatch.setattr(module, "gradcheck", gradcheck)
    assert module.check(case).outcome == "inconclusive"
