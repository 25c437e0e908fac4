"""The checks of one layer and of one objective find a wrong gradient, and name it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from minigan.layers import Layer
from minigan.objectives import Equilibrium, Objective
from minigan.selfcheck import functions


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
