"""The checks of layers and objectives: every input and parameter, at points without kinks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from minigan.gradcheck import Row
from minigan.layers import Layer, convolution, deconvolution, max_pooling
from minigan.objectives import Equilibrium, Objective
from minigan.selfcheck import functions

OBJECTIVE_NAMES = (
    *("minimax", "non-saturating", "maximum-likelihood", "least-squares", "wasserstein"),
    "relativistic",
)
KINDS = ("linear", "relu", "sigmoid", "maxout", "dropout")
IMAGE_KINDS = {"channelmaxout": 6, "convolution": 16, "maxpooling": 24, "deconvolution": 6}


@pytest.fixture(scope="module")
def layer_rows() -> tuple[Row, ...]:
    return functions.check_layers()


def test_each_layer_is_checked_in_all_its_inputs_and_parameters(layer_rows: Any) -> None:
    rows = {row.name: row.shape for row in layer_rows}
    assert rows == {
        "linear: x": (3, 6),
        "linear: W": (6, 4),
        "linear: b": (4,),
        "relu: x": (3, 6),
        "sigmoid: x": (3, 6),
        "maxout: x": (3, 6),
        "dropout: x": (3, 6),
        "channelmaxout: x": (3, 6),
        "convolution: x": (3, 16),
        "convolution: W": (3, 3, 2, 2),
        "convolution: b": (2,),
        "maxpooling: x": (3, 24),
        "deconvolution: x": (3, 6),
        "deconvolution: W": (3, 3, 2, 1),
        "deconvolution: b": (16,),
        "parallel: x": (3, 7),
        "parallel: W_1": (4, 2),
        "parallel: b_1": (2,),
        "parallel, tangent: q": (3, 7),
        "parallel, curvature: x": (3, 7),
        **{f"{kind}, tangent: q": (3, 6) for kind in KINDS},
        **{f"{kind}, curvature: x": (3, 6) for kind in KINDS},
        **{f"{kind}, tangent: q": (3, n) for kind, n in IMAGE_KINDS.items()},
        **{f"{kind}, curvature: x": (3, n) for kind, n in IMAGE_KINDS.items()},
    }


@pytest.mark.parametrize(
    ("module", "name", "expected"),
    [
        (convolution, "backward_params", {"convolution: W", "convolution: b"}),
        (convolution, "backward_input", {"convolution: x"}),
        (max_pooling, "backward_input", {"maxpooling: x"}),
        (deconvolution, "backward_params", {"deconvolution: W", "deconvolution: b"}),
        (deconvolution, "backward_input", {"deconvolution: x"}),
    ],
)
def test_a_wrong_sign_in_a_layer_for_images_is_seen(
    monkeypatch: pytest.MonkeyPatch, module: Any, name: str, expected: set[str]
) -> None:
    right = getattr(module, name)

    def negated(*arguments: Any, **options: Any) -> Any:
        result = right(*arguments, **options)
        for array in result if isinstance(result, tuple) else (result,):
            array *= -1
        return result

    monkeypatch.setattr(module, name, negated)
    layers = [one for one in functions.IMAGE_LAYERS if type(one[0]).__module__ == module.__name__]
    checked = [functions.check_network_layer(*one) for one in layers]
    failed = {row.name for report in checked for row in report.rows if row.verdict != "pass"}
    assert failed >= expected


def test_each_objective_is_checked_in_its_logits() -> None:
    names = [row.name for row in functions.check_objectives()]
    assert names == [
        f"{name}{logits}"
        for name in OBJECTIVE_NAMES
        for logits in (", V: a_real", ", V: a_fake", ": a_fake")
    ]


def test_no_check_is_at_a_kink(layer_rows: Any) -> None:
    rows = (*layer_rows, *functions.check_objectives())
    assert {row.verdict for row in rows} == {"pass"}


@dataclass(frozen=True)
class Shifted(Layer):
    """y = tanh(x) + c with one parameter c per input. `wrong` makes one gradient wrong."""

    wrong: str = ""

    def shapes(self, n):
        return {"c": (n,)}

    def forward(self, theta, trace):
        return np.add(np.tanh(trace.x), theta["c"], out=trace.y)

    def backward_input(self, theta, trace, dy):
        slope = 1 - np.tanh(trace.x) if self.wrong == "x" else 1 - np.tanh(trace.x) ** 2
        return np.multiply(dy, slope, out=trace.dx)

    def backward_params(self, dtheta, trace, dy):
        np.sum(dy, axis=0, out=dtheta["c"])
        if self.wrong == "c":
            dtheta["c"] *= 2


@pytest.mark.parametrize("wrong", ["", "x", "c"])
def test_a_custom_layer_is_checked_by_the_same_call(wrong):
    report = functions.check_network_layer(Shifted(wrong), n=5)
    rows = {row.name: row.passed for row in report.rows}
    assert rows == {"shifted: x": wrong != "x", "shifted: c": wrong != "c"}
    assert report.passed is not bool(wrong)


@dataclass(frozen=True)
class Cubed(Layer):
    """y = x^3 with its tangent and its curvature. `wrong` makes one of them wrong."""

    wrong: str = ""

    def forward(self, theta, trace):
        return np.power(trace.x, 3, out=trace.y)

    def backward_input(self, theta, trace, dy):
        return np.multiply(dy, 3 * trace.x**2, out=trace.dx)

    def tangent(self, theta, trace, q):
        return q * (2 if self.wrong == "tangent" else 3) * trace.x**2

    def curvature(self, theta, trace, dy, q):
        return None if self.wrong == "curvature" else 6 * trace.x * dy * q


@pytest.mark.parametrize("wrong", ["", "tangent", "curvature"])
def test_a_custom_tangent_and_curvature_are_checked_by_the_same_call(wrong):
    rows = {row.name: row.passed for row in functions.check_network_layer(Cubed(wrong)).rows}
    assert rows == {
        "cubed: x": True,
        "cubed, tangent: q": wrong != "tangent",
        "cubed, curvature: x": wrong != "curvature",
    }


def test_a_custom_objective_is_checked_by_the_same_call():
    right = Objective(
        "squares",
        lambda a: (a**2).mean(),
        lambda a, *, out=None: np.multiply(2 / len(a), a, out=out),
        Equilibrium(0.0, 0.0, 0.5),
        value=lambda a, b: (a * a).mean() - b.mean(),
        value_gradient=lambda a, b, *, out=None: (2 * a / len(a), -np.ones_like(b) / len(b)),
    )
    report = functions.check_objective(right)
    assert report.passed
    assert [row.name for row in report.rows] == [
        *("squares, V: a_real", "squares, V: a_fake", "squares: a_fake")
    ]
    wrong = replace(right, loss_gradient=lambda a, *, out=None: 2 * a)
    assert [row.name for row in functions.check_objective(wrong).rows if not row.passed] == [
        "squares: a_fake"
    ]
