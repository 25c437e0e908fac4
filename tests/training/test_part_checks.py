"""Custom parts are tried once: a wrong one is one sentence, before there is a run folder."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
import tiny
from runs_of import QUIET, log_of

from minigan.data.sets import DataSet
from minigan.errors import UserError
from minigan.layers import Dropout, Layer, Linear, ReLU, Sigmoid
from minigan.network import Network
from minigan.objectives import Equilibrium, minimax, relativistic
from minigan.optimizers import Momentum
from minigan.schedules import Constant
from minigan.training import train
from minigan.training.parts import Parts

X = np.random.default_rng(1).random((30, 64)).astype(np.float32)


@dataclass(frozen=True)
class Rows:
    numbers: np.ndarray

    @property
    def shape(self):
        return self.numbers.shape[1:]

    def __len__(self):
        return len(self.numbers)

    def gather(self, indices, *, out=None):
        return np.take(self.numbers, indices, axis=0, out=out)

    def all(self):
        return self.numbers.copy()


def data(x=X, name="rows", validation=None):
    return DataSet(name, Rows(x), Rows(x if validation is None else validation), Rows(x))


class Sgd:
    """Gradient descent with a state and hyperparameters that a test chooses."""

    def __init__(self, theta, state=lambda self: {}, values=None):
        self.theta, self.updates, self._state, self.values = theta, 0, state, values or {}
        self.v = np.zeros_like(theta.vector)
        self.grid = np.eye(4, dtype=np.float32)[:, :3]

    def state(self):
        return self._state(self)

    def hyperparameters(self, t):
        return self.values

    def descend(self, g):
        self.theta.vector += np.float32(-0.01) * g.vector
        self.theta.changed()
        self.updates += 1

    ascend = descend


class Sgds:
    """A factory of them, with a description."""

    def __init__(self, **options):
        self.options = options

    def __repr__(self):
        return "Sgds()"

    def __call__(self, theta):
        return Sgd(theta, **self.options)


@dataclass(frozen=True)
class NewArray(Layer):
    """tanh that returns a new array instead of writing into the trace."""

    def forward(self, theta, trace):
        return np.tanh(trace.x)

    def backward_input(self, theta, trace, dy):
        return dy * (1 - trace.y**2)


@dataclass(frozen=True)
class InTrace(NewArray):
    """The same, written into the trace."""

    def forward(self, theta, trace):
        return np.tanh(trace.x, out=trace.y)


def scaled(s):
    return lambda rng, m, size: (s * rng.random((m, size))).astype(np.float32)


G, D = (
    (3, (Linear(5, 0.5), ReLU(), Linear(64, 0.5))),
    (64, (Linear(5, 0.5), ReLU(), Linear(1, 0.5))),
)
WRONG = {
    "prior in float64": (
        Parts(prior=lambda r, m, n: r.random((m, n))),
        "prior cannot .*float32 of",
    ),
    "prior of one row": (
        Parts(prior=lambda r, m, n: np.zeros((1, n), "f4")),
        r"not float32 of shape",
    ),
    "prior without a return": (Parts(prior=lambda r, m, n: None), "prior .*not NoneType"),
    "prior with a closure": (Parts(prior=scaled(2)), "settings that its name does not show"),
    "bytes": (Parts(data=data((255 * X).astype(np.uint8))), "data cannot .*float32"),
    "a built-in name": (Parts(data=data(name="ring")), "data cannot .*text other than digits"),
    "no name": (Parts(data=data(name="")), "data cannot .*text other than digits"),
    "two sizes": (Parts(data=data(X.reshape(30, 8, 8))), r"shape must be \(d,\) or"),
    "another width": (Parts(data=data(validation=X[:, :5])), "splits must have one shape"),
    "no validation": (Parts(data=data(validation=X[:0])), "at least one example each"),
    "a list of layers": (Parts(G=G[1]), "G cannot .*must be a Network, not tuple"),
    "dropout in G": (Parts(G=Network(3, (*G[1], Dropout(0.5)))), "masks are drawn for D only"),
    "no objective": (Parts(objective="minimax"), "must be an Objective, not str"),
    "losses of each row": (
        Parts(objective=replace(minimax, loss=lambda a: a)),
        "value and loss must return one number",
    ),
    "D without a shape": (
        Parts(objective=replace(minimax, D=lambda a: 0.5)),
        r"shape \(m, 1\) of the logits",
    ),
    "unknown equilibrium": (
        Parts(objective=replace(minimax, equilibrium=Equilibrium(float("nan"), 0.0, 0.5))),
        "equilibrium must be finite",
    ),
    "state named theta": (
        Parts(optimizer=Sgds(state=lambda s: {"theta": s.v})),
        "names other than",
    ),
    "a number as state": (
        Parts(optimizer=Sgds(state=lambda s: {"t": 0})),
        "one contiguous array of the device",
    ),
    "a copy as state": (
        Parts(optimizer=Sgds(state=lambda s: {"v": s.v.copy()})),
        "the same at each call",
    ),
    "state with strides": (Parts(optimizer=Sgds(state=lambda s: {"p": s.grid.T})), "contiguous"),
    "a field of the log": (Parts(optimizer=Sgds(values={"V": 1.0})), "must not be called 'V'"),
    "float32 for the log": (
        Parts(optimizer=Sgds(values={"eta": np.float32(1)})),
        "must be a finite float",
    ),
}


@pytest.mark.parametrize(("parts", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_part_is_refused_before_there_is_a_folder(tmp_path, parts, sentence):
    with pytest.raises(UserError, match=sentence) as caught:
        train(tiny.recipe(), 1, out=tmp_path / "run", reporting=QUIET, parts=parts)
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "run").exists()


def log_with(path, **parts):
    train(tiny.recipe(), 1, out=path, reporting=QUIET, parts=Parts(**parts))
    return [{**line, "seconds": 0} for line in log_of(path)]


@pytest.mark.parametrize("tail", [(), (Linear(64, 0.5),)], ids=["last layer of G", "hidden"])
def test_a_layer_may_return_a_new_array(tmp_path, tail):
    logs = [
        log_with(tmp_path / name, G=Network(3, (Linear(64, 0.5), layer, *tail)))
        for name, layer in (("new", NewArray()), ("in", InTrace()))
    ]
    assert logs[0] == logs[1]


def test_the_gradients_of_an_objective_may_be_new_arrays(tmp_path):
    def value_gradient(a, b, *, out=None):
        return minimax.value_gradient(a, b)

    def loss_gradient(a, *, out=None):
        return minimax.loss_gradient(a)

    own = replace(minimax, value_gradient=value_gradient, loss_gradient=loss_gradient)
    assert log_with(tmp_path / "own", objective=own) == log_with(tmp_path / "a", objective=minimax)


def test_an_objective_of_pairs_is_trained_with_both_logits(tmp_path):
    logged = log_with(tmp_path / "own", objective=relativistic)
    assert logged[0]["loss_g"] > 0
    with pytest.raises(UserError, match=r"custom objective cannot be used: TypeError: .*a_real"):
        log_with(tmp_path / "alone", objective=replace(relativistic, pairs=False))


def test_theta_cannot_be_replaced_behind_its_views():
    theta = Network(*D).zeros()
    with pytest.raises(AttributeError, match="write into it, or use assign"):
        theta.vector = theta.vector + 1
    theta.vector += 1
    assert (theta["linear1.W"] == 1).all()


def test_two_layers_of_one_name_are_refused():
    def kind(name):
        return dataclass(frozen=True)(type(name, (NewArray,), {}))()

    with pytest.raises(ValueError, match="two layers have one name"):
        Network(2, (*[kind("Shift")] * 11, kind("Shift1")))


def test_good_parts_are_accepted(tmp_path):
    parts = Parts(
        G=Network(3, (*G[1], Sigmoid())),
        D=Network(64, (Dropout(0.5), *D[1])),
        data=data(),
        optimizer=lambda theta: Momentum(theta, Constant(0.1), Constant(0.5)),
    )
    train(tiny.recipe(), 1, out=tmp_path / "run", reporting=QUIET, parts=parts)
    assert (tmp_path / "run" / "best.npz").exists()
