"""The verdicts and diagnoses: examples worked out by hand."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

judge = importlib.import_module("judge")
says = importlib.import_module("corpus.claims")
operation_of = importlib.import_module("corpus.operation").Operation
OPERATIONS = importlib.import_module("corpus.operation").OPERATIONS


@pytest.fixture
def bug():
    """y = a + 2 b, where the gradient of b has the wrong sign."""
    double = operation_of(lambda a, b: a + 2 * b, "double")
    OPERATIONS.remove(double)
    double.inputs(lambda rng: (rng.normal(size=3), rng.normal(size=3)))
    double.gradient(lambda dy, a, b: (dy, 2 * dy))
    double.spoil("sign", says.SIGN, b=np.negative)
    return double.bugs[0]


def result(outcome, control="passed", diagnosis="", blamed=()):
    return {"outcome": outcome, "control": control, "diagnosis": diagnosis, "blamed": blamed}


@pytest.mark.parametrize(
    ("outcome", "control", "verdict"),
    [
        ("failed", "passed", "caught"),
        ("error", "passed", "caught"),
        ("passed", "passed", "missed"),
        ("inconclusive", "passed", "inconclusive"),
        ("failed", "failed", "no basis"),
        ("failed", "error", "no basis"),
        ("no answer", "passed", "no answer"),
    ],
)
def test_the_verdict_on_a_bug(bug, outcome, control, verdict):
    assert judge.verdict(bug, result(outcome, control)) == verdict


@pytest.mark.parametrize("outcome", ["passed", "inconclusive", "error", "no answer"])
def test_the_verdict_on_a_right_gradient(bug, outcome):
    assert judge.verdict(bug.right, result(outcome)) == outcome
    assert judge.verdict(bug.right, result("failed")) == "blamed"


@pytest.mark.parametrize(
    ("text", "blamed", "kind"),
    [
        ("wrong sign: analytic = -1 x numeric", ["b"], "helpful"),
        ("no simple relation; cosine -1.00", ["b"], "right"),
        ("transposed", ["b"], "false: transposed"),
        ("wrong sign; transposed", ["b"], "false: transposed"),
        ("wrong sign", ["a", "b"], "false: blames a"),
    ],
)
def test_the_diagnosis_of_a_bug(bug, text, blamed, kind):
    assert judge.diagnosis(bug, result("failed", diagnosis=text, blamed=blamed)) == kind


def test_the_wrong_inputs_are_those_whose_gradients_differ(bug):
    assert judge.wrong_inputs(bug) == ["b"]
