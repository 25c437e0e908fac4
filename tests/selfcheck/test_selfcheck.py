"""`minigan gradcheck` passes for minigan, and fails if a gradient is made wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from minigan import objectives, selfcheck
from minigan.gradcheck import Row
from minigan.layers import dropout, linear, maxout, relu, sigmoid
from minigan.selfcheck import built_in, steps

KINDS = ("linear", "relu", "sigmoid", "maxout", "dropout")
KINDS += ("channelmaxout", "convolution", "maxpooling", "deconvolution", "parallel")
CURVED = ("sigmoid", "parallel")  # one branch of the parallel layer is a sigmoid


@pytest.fixture(scope="module")
def checked() -> tuple[Row, ...]:
    """All rows of the command."""
    return selfcheck.check_all().rows


def failing() -> set[str]:
    """The failing rows of layers, objectives and steps; all rows would take twice as long."""
    rows = built_in.check_layers(), built_in.check_objectives(), steps.check_steps()
    return {row.name for part in rows for row in part if not row.passed}


def test_every_gradient_equals_the_complex_step_to_1e_12(checked: tuple[Row, ...]) -> None:
    assert all(row.passed for row in checked)
    assert not failing()
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
    ("module", "name", "expected"),
    [
        (linear, "backward_params", {"linear: W", "linear: b", "D step, V: linear1.W"}),
        (linear, "backward_input", {"linear: x", "G step, minimax: linear1.W"}),
        (relu, "backward_input", {"relu: x", "simultaneous, minimax: linear1.b"}),
        (sigmoid, "backward_input", {"sigmoid: x", "G step, non-saturating: linear2.W"}),
        (maxout, "backward_input", {"maxout: x", "D step, V/2: linear1.W"}),
        (dropout, "backward_input", {"dropout: x", "D step, V: linear1.W"}),
    ],
)
def test_a_wrong_sign_anywhere_is_seen(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, expected: set[str]
) -> None:
    monkeypatch.setattr(module, name, negated(getattr(module, name)))
    assert expected <= failing()


@pytest.mark.parametrize(
    ("name", "gradient", "expected"),
    [
        ("minimax", "value_gradient", {"minimax, V: a_real", "D step, V: linear2.b"}),
        ("minimax", "loss_gradient", {"minimax: a_fake", "G step, minimax: linear1.W"}),
        ("non_saturating", "loss_gradient", {"simultaneous, non-saturating: linear1.W"}),
    ],
)
def test_a_wrong_sign_in_an_objective_is_seen(
    monkeypatch: pytest.MonkeyPatch, name: str, gradient: str, expected: set[str]
) -> None:
    right = getattr(objectives, name)
    wrong = replace(right, **{gradient: negated(getattr(right, gradient))})
    monkeypatch.setattr(objectives, name, wrong)
    monkeypatch.setitem(objectives.OBJECTIVES, name, wrong)
    assert expected <= failing()
