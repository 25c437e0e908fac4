"""`minigan gradcheck` passes for minigan, and fails if a gradient is made wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from minigan import objectives
from minigan.gradcheck import Report, Row
from minigan.layers import dropout, linear, maxout, relu, sigmoid
from minigan.selfcheck import built_in, steps

KINDS = ("linear", "relu", "sigmoid", "maxout", "dropout")
KINDS += ("channelmaxout", "convolution", "maxpooling", "deconvolution", "parallel")
CURVED = ("sigmoid", "parallel")  # one branch of the parallel layer is a sigmoid


@pytest.fixture(scope="module")
def checked(every_gradient: Report) -> tuple[Row, ...]:
    """All rows of the command."""
    return every_gradient.rows


def failing(*checks: Callable[[], tuple[Row, ...]]) -> set[str]:
    """The failing rows of these checks; all rows of the command would take twenty times as long."""
    return {row.name for check in checks for row in check() if not row.passed}


def D_step(weight_of_V: float) -> tuple[Row, ...]:
    return steps.check_D_step("D step", weight_of_V)


def G_step(name: str, pass_of: Any = steps.fresh_pass) -> tuple[Row, ...]:
    return steps.check_G_step("G step", getattr(objectives, name), pass_of)


V = partial(D_step, 1.0)
HALF_V = partial(D_step, 0.5)
MINIMAX, NON_SATURATING = partial(G_step, "minimax"), partial(G_step, "non_saturating")
SIMULTANEOUS = partial(G_step, "minimax", steps.shared_pass)
SIMULTANEOUS_NON_SATURATING = partial(G_step, "non_saturating", steps.shared_pass)


def test_every_gradient_equals_the_complex_step_to_1e_12(checked: tuple[Row, ...]) -> None:
    assert all(row.passed for row in checked)
    assert {row.method for row in checked} == {"complex step"}
    assert {row.tolerance for row in checked} == {1e-12}
    assert all(row.entries == row.size for row in checked)
    straight = {f"{kind}, curvature: x" for kind in KINDS if kind not in CURVED}
    assert {row.name for row in checked if row.numeric == 0} == straight


def test_every_layer_objective_and_step_has_its_rows(checked: tuple[Row, ...]) -> None:
    titles = {row.name.rsplit(": ", 1)[0] for row in checked}
    objective_names = [name.replace("_", "-") for name in (*objectives.OBJECTIVES, "margin")]
    assert titles == {
        *(*KINDS, "composite", "addition"),
        *(f"{kind}, {what}" for kind in KINDS for what in ("tangent", "curvature")),
        *(one for name in objective_names for one in (name, f"{name}, V")),
        *("maxout critic, R1R2", "maxout critic, WGANGP", "smooth critic, R1"),
        "image critic, R1",
        *("D step, V", "D step, V/2", "G step, minimax", "G step, non-saturating"),
        *(f"simultaneous, {one}" for one in ("minimax", "non-saturating", "relativistic")),
        *("loss of E", "reconstruction by E", "residual", "logistic head"),
        *("adversarial", "CAE", "GSN", "NCE", "predictability", "RBM", "VAE"),
    }


def negated(function: Any) -> Any:
    def wrong(*arguments: Any, **options: Any) -> Any:
        result = function(*arguments, **options)
        for array in result if isinstance(result, tuple) else (result,):
            array *= -1
        return result

    return wrong


@pytest.mark.parametrize(
    ("module", "name", "step", "expected"),
    [
        (linear, "backward_params", V, {"linear: W", "linear: b", "D step: linear1.W"}),
        (linear, "backward_input", MINIMAX, {"linear: x", "G step: linear1.W"}),
        (relu, "backward_input", SIMULTANEOUS, {"relu: x", "G step: linear1.b"}),
        (sigmoid, "backward_input", NON_SATURATING, {"sigmoid: x", "G step: linear2.W"}),
        (maxout, "backward_input", HALF_V, {"maxout: x", "D step: linear1.W"}),
        (dropout, "backward_input", V, {"dropout: x", "D step: linear1.W"}),
    ],
)
def test_a_wrong_sign_anywhere_is_seen(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, step: Any, expected: set[str]
) -> None:
    assert not failing(step)
    monkeypatch.setattr(module, name, negated(getattr(module, name)))
    assert expected <= failing(built_in.check_layers, step)


@pytest.mark.parametrize(
    ("name", "gradient", "step", "expected"),
    [
        ("minimax", "value_gradient", V, {"minimax, V: a_real", "D step: linear2.b"}),
        ("minimax", "loss_gradient", MINIMAX, {"minimax: a_fake", "G step: linear1.W"}),
        (
            *("non_saturating", "loss_gradient", SIMULTANEOUS_NON_SATURATING),
            {"non-saturating: a_fake", "G step: linear1.W"},
        ),
    ],
)
def test_a_wrong_sign_in_an_objective_is_seen(
    monkeypatch: pytest.MonkeyPatch, name: str, gradient: str, step: Any, expected: set[str]
) -> None:
    assert not failing(step)
    right = getattr(objectives, name)
    wrong = replace(right, **{gradient: negated(getattr(right, gradient))})
    monkeypatch.setattr(objectives, name, wrong)
    monkeypatch.setitem(objectives.OBJECTIVES, name, wrong)
    assert expected <= failing(built_in.check_objectives, step)
