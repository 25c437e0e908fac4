"""check_layer: objects as people write them; right gradients pass, and wrong ones fail."""

import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from minigan.gradcheck import GradcheckInputError, check_layer

X = np.array([[1.0, 2.0], [0.5, -1.0], [3.0, 0.25]])


class Affine:
    """y = xW + b. `sign` is -1 for a wrong dW."""

    sign = 1
    W: Any
    b: Any
    params: Any
    grads: Any
    itself: Any

    def __init__(self):
        self.W, self.b = np.array([[1.0, 2.0], [3.0, -1.0]]), np.array([0.5, -2.0])

    def get(self):
        return self.W, self.b

    def keep(self, dW, db):
        self.dW, self.db = dW, db

    def forward(self, x):
        self.x, (W, b) = x, self.get()
        return x @ W + b

    def backward(self, dy):
        self.keep(self.sign * self.x.T @ dy, dy.sum(axis=0))
        return dy @ self.get()[0].T


class UnderscoreNames(Affine):
    def keep(self, dW, db):
        self.grad_W, self.b_grad = dW, db


class Dicts(Affine):
    def __init__(self):
        super().__init__()
        self.params, self.grads = {"W": self.W, "b": self.b}, {}

    def get(self):
        return self.params["W"], self.params["b"]

    def keep(self, dW, db):
        self.grads["W"], self.grads["b"] = dW, db


class DictsWithD(Dicts):
    def keep(self, dW, db):
        self.grads = {"dW": dW, "db": db}


class Lists(Affine):
    def __init__(self):
        super().__init__()
        self.params = [self.W, self.b]
        self.grads = [np.zeros_like(p) for p in self.params]

    def get(self):
        return self.params

    def keep(self, dW, db):
        self.grads[0][...], self.grads[1][...] = dW, db


class Tuples(Lists):
    def __init__(self):
        super().__init__()
        self.params = tuple(self.params)


class Parameter:
    def __init__(self, data, grad=None):
        self.data, self.grad = data, grad


class Accumulating(Affine):
    def __init__(self):
        super().__init__()
        self.W, self.b = (Parameter(p, np.full_like(p, 7.0)) for p in (self.W, self.b))

    def get(self):
        return self.W.data, self.b.data

    def keep(self, dW, db):
        self.W.grad += dW
        self.b.grad += db


class AccumulatingFromNone(Accumulating):
    def __init__(self):
        super().__init__()
        self.W.grad = self.b.grad = None

    def keep(self, dW, db):
        self.W.grad = dW if self.W.grad is None else self.W.grad + dW
        self.b.grad = db if self.b.grad is None else self.b.grad + db


class Slots(Affine):
    __slots__ = ("W", "b", "dW", "db", "x")


@dataclass
class DataclassLayer(Affine):
    W: np.ndarray = None
    b: np.ndarray = None

    def __post_init__(self):
        Affine.__init__(self)


class BuiltAtFirst(Affine):
    def __init__(self):
        self.W = None

    def forward(self, x):
        if self.W is None:
            self.W = np.random.default_rng().normal(size=(x.shape[1], 2))
            self.b = np.zeros(2)
        return super().forward(x)


class Returning(Affine):
    def backward(self, dy):
        W, _ = self.get()
        return dy @ W.T, self.sign * self.x.T @ dy, dy.sum(axis=0)


class ReturningADict(Returning):
    def backward(self, dy):
        return dict(zip(("dx", "dW", "db"), super().backward(dy), strict=True))


class ReturningADictAfterDx(Dicts):
    def backward(self, dy):
        dx, dW, db = Returning.backward(self, dy)
        return dx, {"W": dW, "b": db}


class KeepingTheReturnedDict(ReturningADictAfterDx):
    def backward(self, dy):
        dx, self.grads = super().backward(dy)
        return dx, self.grads


class KeepingADictOfGradients(Affine):
    grads = None

    def keep(self, dW, db):
        self.grads = {"W": dW, "db": db}


class PrivateNames(Affine):
    def __init__(self):
        super().__init__()
        self._W, self._b = self.W, self.b
        del self.W, self.b

    def get(self):
        return self._W, self._b

    def keep(self, dW, db):
        self._dW, self._grad_b = dW, db


class CallOnly(Affine):
    def __init__(self):
        super().__init__()
        self.gain, self.dgain = 2.0, None

    def __getattribute__(self, name):
        if name == "forward":
            raise AttributeError(name)
        return super().__getattribute__(name)

    def __call__(self, x):
        self.product = Affine.forward(self, x)
        return self.gain * self.product

    def backward(self, dy):
        self.dgain = float(np.sum(dy * self.product))
        return super().backward(self.gain * dy)


class WithCache(Affine):
    def forward(self, x):
        return super().forward(x), x

    def backward(self, dy, cache):
        self.x = cache
        return super().backward(dy)


class Net:
    """Layers whose parameters and gradients are also collected in lists of the network."""

    def __init__(self, *layers):
        self.params = [p for layer in layers for p in layer.params]
        self.grads = [g for layer in layers for g in layer.grads]
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer.forward(x)
        return x

    def backward(self, dy):
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        return dy


FORMS = [
    Affine,
    UnderscoreNames,
    Dicts,
    DictsWithD,
    Lists,
    Tuples,
    Accumulating,
    AccumulatingFromNone,
    Slots,
    DataclassLayer,
    BuiltAtFirst,
    Returning,
    ReturningADict,
    ReturningADictAfterDx,
    KeepingTheReturnedDict,
    KeepingADictOfGradients,
    PrivateNames,
    CallOnly,
    WithCache,
]


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_layer_is_checked(form):
    report = check_layer(form(), X)
    assert report, str(report)
    assert len(report.rows) == (4 if form is CallOnly else 3)
    wrong = type("Wrong", (form,), {"sign": -1})()
    rows = {row.name: row for row in check_layer(wrong, X).rows}
    failed = [name for name, row in rows.items() if not row.passed]
    assert len(failed) == 1
    assert failed[0] in ("W", "_W", "params['W']", "params[0]", "W.data")
    assert "wrong sign" in rows[failed[0]].diagnosis


def test_a_layer_is_not_changed():
    layer = Accumulating()
    before = copy.deepcopy(vars(layer))
    check_layer(layer, X)
    assert vars(layer).keys() == before.keys()
    assert layer.W.grad.tolist() == before["W"].grad.tolist()
    assert layer.W.data.tolist() == before["W"].data.tolist()


def test_arrays_that_a_network_and_its_layers_share_are_one_parameter():
    net = Net(Lists(), Lists())
    report = check_layer(net, X)
    assert report, str(report)
    assert [row.name for row in report.rows] == ["x", *(f"params[{i}]" for i in range(4))]
    net.layers[1].sign = -1
    failed = [row.name for row in check_layer(net, X).rows if not row.passed]
    assert failed == ["params[2]"]


def test_a_tied_weight_has_the_sum_of_both_gradients():
    first, second = Accumulating(), Accumulating()
    first.params = first.grads = second.params = second.grads = ()
    second.W = first.W
    net = Net(first, second)
    report = check_layer(net, X)
    assert report, str(report)
    names = [row.name for row in report.rows]
    assert names == ["x", "layers[0].W.data", "layers[0].b.data", "layers[1].b.data"]
    second.W = Parameter(first.W.data, np.zeros((2, 2)))  # each has a part of the gradient
    assert [row.name for row in check_layer(net, X).rows if not row.passed] == ["layers[0].W.data"]


def test_a_parameter_deep_inside_is_found():
    layer = Affine()
    for _ in range(10):
        layer = Net(layer) if hasattr(layer, "params") else _with_lists(layer)
    layer.itself = layer
    names = [row.name for row in check_layer(layer, X).rows]
    assert names[1].count("layers") == 9
    assert names[1].endswith(".inner.W")


def _with_lists(inner):
    class Wrapper:
        params = grads = ()
        inner: Any

        def forward(self, x):
            return self.inner.forward(x)

        def backward(self, dy):
            return self.inner.backward(dy)

    wrapper = Wrapper()
    wrapper.inner = inner
    return wrapper


def test_a_layer_that_keeps_gradients_returns_those_of_its_inputs_only():
    class Both(Affine):
        def backward(self, dy):
            dx = super().backward(dy)
            self.dW = 0 * self.W  # the kept gradient is wrong, the returned one is right
            return dx, self.x.T @ dy, dy.sum(axis=0)

    report = check_layer(Both(), X)
    assert report.verdict == "FAIL"
    assert "the gradient of x is a tuple of 3 items, x is not" in report.rows[0].diagnosis


class Norm:
    """Subtract the mean: of the batch, or the running one that `training = False` uses."""

    def __init__(self, training):
        self.training, self.running_mean, self.last = training, np.ones(2), None
        self.scale = 0.5

    def forward(self, x):
        mean = x.mean(axis=0) if self.training else self.running_mean
        if self.training:
            self.running_mean = 0.9 * self.running_mean + 0.1 * mean
        return self.scale * (x - mean)

    def backward(self, dy):
        return self.scale * (dy - dy.mean(axis=0) if self.training else dy)


def test_running_statistics_are_no_parameters_while_they_are_not_used():
    report = check_layer(Norm(True), X)
    assert report, str(report)
    assert [row.name for row in report.rows] == ["x"]


def test_a_used_array_without_a_gradient_fails_by_name_unless_it_is_constant():
    row = check_layer(Norm(False), X).rows[1]
    assert (row.name, row.verdict) == ("running_mean", "FAIL")
    assert "backward returns no gradient for running_mean" in row.diagnosis
    report = check_layer(Norm(False), X, constant=["running_mean"])
    assert [row.verdict for row in report.rows] == ["pass", "not differentiated"]


class Dropout:
    def __init__(self):
        self.rng = np.random.default_rng(0)

    def forward(self, x):
        self.mask = self.rng.random(x.shape) > 0.5
        return x * self.mask

    def backward(self, dy):
        return dy * self.mask


def test_a_generator_inside_the_object_draws_the_same_at_every_call():
    report = check_layer(Dropout(), X)
    assert report, str(report)


class Recurrent(Affine):
    """The state of one call is added in the next."""

    state = None

    def forward(self, x):
        y = super().forward(x) + (0 if self.state is None else self.state)
        self.state = y
        return y


def test_a_state_of_the_first_call_is_no_parameter():
    assert [row.name for row in check_layer(Recurrent(), X).rows] == ["x", "W", "b"]


class Embedding:
    def __init__(self):
        self.W = np.arange(8.0).reshape(4, 2)

    def forward(self, i):
        self.i = i
        return self.W[i] ** 2

    def backward(self, dy):
        self.dW = np.zeros_like(self.W)
        np.add.at(self.dW, self.i, 2 * self.W[self.i] * dy)


def test_an_input_of_integers_needs_no_gradient():
    report = check_layer(Embedding(), np.array([3, 1, 3]))
    assert [(row.name, row.verdict) for row in report.rows] == [
        ("i", "not differentiated"),
        ("W", "pass"),
    ]


class NoBackward:
    def forward(self, x):
        return x


class NoCopy(Affine):
    def __deepcopy__(self, memo):
        raise RuntimeError("it holds a socket")


class NoDy(Affine):
    def backward(self):
        return 1


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (NoBackward(), r"NoBackward has no method backward\(\)"),
        (3, r"int has no method forward\(\)"),
        (Affine, "Affine is a class; pass an object of it"),
        (NoCopy(), "NoCopy cannot be copied by copy.deepcopy .it holds a socket.; .* `check`"),
        (NoDy(), "backward cannot be called .too many positional arguments"),
    ],
)
def test_an_object_that_cannot_be_checked_is_refused(layer, message):
    with pytest.raises(GradcheckInputError, match=message):
        check_layer(layer, X)
