"""The checks of one layer and of one objective find a wrong gradient, and name it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from minigan import draws
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


A = np.arange(12).reshape(6, 2) - 5.5  # not symmetric in its rows or columns


@dataclass(frozen=True)
class Cubes2(Layer):
    """y = x^3 A with its tangent and its curvature. `wrong` makes one of them wrong."""

    wrong: str = ""

    def width(self, n):
        return 2

    def forward(self, theta, trace):
        return np.matmul(trace.x**3, A, out=trace.y)

    def backward_input(self, theta, trace, dy):
        return np.multiply(dy @ A.T, 3 * trace.x**2, out=trace.dx)

    def tangent(self, theta, trace, q):
        return (q * (2 if self.wrong == "tangent" else 3) * trace.x**2) @ A

    def curvature(self, theta, trace, dy, q):
        return None if self.wrong == "curvature" else 6 * trace.x * (dy @ A.T) * q


@pytest.mark.parametrize("wrong", ["", "tangent", "curvature"])
def test_a_custom_tangent_and_curvature_are_checked_by_the_same_call(wrong):
    rows = {row.name: row.passed for row in functions.check_network_layer(Cubes2(wrong)).rows}
    assert rows == {
        "cubes2: x": True,
        "cubes2, tangent: q": wrong != "tangent",
        "cubes2, curvature: x": wrong != "curvature",
    }


def numbers(stream, *shape):
    return draws.generator(0, f"proofs/{stream}", 0).standard_normal(shape)


@dataclass(frozen=True)
class Recording(Layer):
    """y = mask * x * c, with a record of the points at which it is called."""

    points: dict[str, Any]

    @property
    def mask_keep(self):
        return 0.5

    def shapes(self, n):
        return {"c": (n,)}

    def record(self, **arrays):
        for name, array in arrays.items():
            self.points.setdefault(name, []).append(np.array(array))

    def forward(self, theta, trace):
        self.record(x=trace.x, c=theta["c"], mask=trace.mask)
        return np.multiply(trace.mask * trace.x, theta["c"], out=trace.y)

    def backward_input(self, theta, trace, dy):
        self.record(dy=dy)
        return np.multiply(dy * trace.mask, theta["c"], out=trace.dx)

    def backward_params(self, dtheta, trace, dy):
        np.sum(dy * trace.mask * trace.x, axis=0, out=dtheta["c"])

    def tangent(self, theta, trace, q):
        self.record(q=q)
        return q * trace.mask * theta["c"]

    def curvature(self, theta, trace, dy, q):
        """0: y is linear in x."""


def test_a_layer_is_checked_at_the_same_random_point_every_time():
    points = {}
    assert functions.check_network_layer(Recording(points)).passed
    expected = {name: numbers(name, 3, 6) for name in ("x", "dy", "q")} | {"c": numbers("c", 6)}
    expected["mask"] = draws.mask(0, "proofs/mask", 0, (3, 6), 0.5)
    for name, point in expected.items():
        assert any(np.array_equal(point, used) for used in points[name]), name
        assert not any(np.array_equal(-point, used) for used in points[name] if name != "mask")


def test_an_objective_is_checked_at_three_times_normal_logits():
    points = []

    def loss(a, b):
        points.append((np.array(a), np.array(b)))
        return (a * b).mean()

    objective = Objective(
        "a_b_c",
        loss,
        lambda a, b, *, out=None: b / len(b),
        Equilibrium(0.0, 0.0, 0.5),
        value=lambda a, b: loss(b, a),
        value_gradient=lambda a, b, *, out=None: (b / len(b), a / len(b)),
        pairs=True,
    )
    report = functions.check_objective(objective)
    assert report.passed
    assert [row.name for row in report.rows] == [
        "a-b-c, V: a_real",
        "a-b-c, V: a_fake",
        "a-b-c: a_fake",
    ]
    a_fake, a_real = (3 * numbers(one, 3, 1) for one in ("a_fake", "a_real"))
    assert any(np.array_equal(a, a_fake) and np.array_equal(b, a_real) for a, b in points)
    for wrong in (-a_fake, a_real):
        assert not any(np.array_equal(a, wrong) for a, _ in points)
    assert not any(np.array_equal(b, -a_real) for _, b in points)


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
