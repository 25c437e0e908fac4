"""The right gradients of the corpus are right, and each of its bugs is wrong.

Expected values: the complex step, written here; or SciPy's derivative for a forward that loses the
imaginary part.
"""

from __future__ import annotations

import importlib
import warnings
from copy import deepcopy

import numpy as np
import pytest
from scipy.differentiate import derivative

corpus = importlib.import_module("corpus")
operations = importlib.import_module("corpus.operation")

LOSSY = {"absolute", "gelu_erf", "gradient_norm_linalg", "lasso", "relu_asarray", "sigmoid_tanh"}
LOSSY |= {"batch_norm_var", "layer_norm_std", "unit_rows_norm", "smooth_l1_abs", "mse_vdot"}
LOSSY |= {"linear_asarray", "log_sum_exp_logaddexp", "softplus_logaddexp"}
LOSSY |= {"non_saturating_logaddexp"}
SINGLE = {"linear_float32", "linear_returns_float32"}  # compute in float32
BY_NAME = {each.name: each for each in operations.OPERATIONS}
OF_CODE = ("overwrites", "updated", "call", "first_result")  # visible in the code's behaviour only


def loss(forward, inputs, k, i, dy):
    """L as a function of entry i of input k."""

    def of_entry(value):
        x = np.array(inputs[k], dtype=type(value))
        x[i] = value
        return np.sum(dy * forward(*inputs[:k], x, *inputs[k + 1 :]))

    return of_entry


def numeric_entry(name, L, at):
    """dL/dx at one entry."""
    if name in SINGLE:  # linear in each entry, so a long step is exact
        return (L(float(at) + 1) - L(float(at) - 1)) / 2
    if name in LOSSY:
        return derivative(np.vectorize(lambda t: L(float(t))), at, initial_step=1e-2).df
    return L(complex(at, 1e-60)).imag / 1e-60


@pytest.mark.parametrize("name", BY_NAME)
def test_the_right_gradient_is_right(name):
    operation = BY_NAME[name]
    for seed in (0, 1):
        case = corpus.case_of(f"{name}/usual/{seed}")
        (inputs,) = case.inputs()
        dy = np.random.default_rng(seed).normal(size=np.shape(case.forward(*inputs)))
        gradients = operation.backward(dy, *inputs)
        gradients = gradients if isinstance(gradients, tuple) else (gradients,)
        floating = [k for k, x in enumerate(inputs) if operations.is_floating(x)]
        assert len(gradients) == len(floating)
        for k, gradient in zip(floating, gradients, strict=True):
            x = inputs[k]
            assert np.shape(gradient) == x.shape
            numeric = np.empty(x.shape)
            for i in np.ndindex(x.shape):
                numeric[i] = numeric_entry(name, loss(case.forward, inputs, k, i, dy), x[i])
            tolerance = 1e-5 if name in SINGLE else 1e-8 if name in LOSSY else 1e-11
            np.testing.assert_allclose(gradient, numeric, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("name", corpus.BUGS)
def test_a_bug_returns_another_gradient_at_one_of_its_points(name):
    bug = corpus.BUGS[name]
    if any(word in name for word in OF_CODE):
        return
    differs = []
    for inputs in bug.inputs():
        dy = np.asarray(np.random.default_rng(5).normal(size=np.shape(bug.forward(*inputs))))
        dy.flat[-1] *= 0.01  # for bugs that drop small entries
        right = listed(bug.right.backward(dy.copy(), *deepcopy(inputs)))
        try:
            wrong = listed(bug.backward(dy.copy(), *deepcopy(inputs)))
        except ValueError:
            wrong = []
        differs.append(len(right) != len(wrong) or not all(map(same, right, wrong)))
    assert any(differs)


def listed(gradients):
    return list(gradients) if isinstance(gradients, tuple) else [gradients]


def same(right, wrong):
    """The same shape and dtype, and every entry equal to 1e-9 of itself."""
    if wrong is None or np.shape(right) != np.shape(wrong):
        return False
    return np.asarray(wrong).dtype == np.float64 and np.allclose(right, wrong, rtol=1e-9, atol=0)


def test_bugs_of_the_code_show_in_its_behaviour():
    inputs = corpus.case_of("dense_tanh/usual/0").inputs()[0]
    dy = np.ones((5, 3))
    bugs = {name: bug for name, bug in corpus.BUGS.items() if any(w in name for w in OF_CODE)}
    assert len(bugs) == 6
    for name, bug in bugs.items():
        arguments = deepcopy((dy, *inputs))
        first = deepcopy(bug.backward(*arguments))
        pairs = zip(arguments, (dy, *inputs), strict=True)
        overwritten = any(not np.array_equal(a, b) for a, b in pairs)
        second = bug.backward(2 * dy, *deepcopy(inputs))
        proportional = all(np.allclose(2 * a, b) for a, b in zip(first, second, strict=True))
        assert overwritten or not proportional, name


def test_the_sizes_of_the_corpus():
    forms = {op.name for op in operations.OPERATIONS if op.bugs}
    assert len(corpus.BUGS) >= 130
    assert len(forms) >= 24
    assert len(corpus.FAMILIES) * 20 >= 3000
    assert len(corpus.BUGS) == sum(len(op.bugs) for op in operations.OPERATIONS)  # no name twice
    assert len(corpus.FAMILIES) == sum(len(op.families) for op in operations.OPERATIONS)


def test_every_right_case_is_finite_and_repeatable():
    for family in corpus.FAMILIES:
        for seed in range(3):
            one, two = (corpus.case_of(f"{family}/{seed}") for _ in range(2))
            for a, b in zip(one.inputs()[0], two.inputs()[0], strict=True):
                np.testing.assert_array_equal(a, b)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # e^-x may overflow to infinity on its way to 0
                y = one.forward(*one.inputs()[0])
                gradients = listed(one.backward(np.ones_like(y), *one.inputs()[0]))
            assert all(np.all(np.isfinite(values)) for values in (y, *gradients)), one.name
