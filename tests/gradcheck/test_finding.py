"""Which arrays of an object are parameters, and which places hold their gradients."""

import numpy as np

from minigan.gradcheck.calls import function_pair
from minigan.gradcheck.finding import built, find_parameters
from minigan.gradcheck.paths import path_text


class Layer:
    def __init__(self):
        self.W, self.unused, self.slope = np.ones(2), np.ones(2), 0.1
        self.dW = self.alias = None
        self.step, self.dstep = 0.5, 0.25  # dstep is a constant, no gradient

    def forward(self, x):
        return x * self.W * self.slope * self.step

    def backward(self, dy):
        self.dW = dy
        return dy


def found(layer):
    calls, _ = function_pair(layer.forward, layer.backward, (np.ones(2),), {}, ["x"], False)
    return {
        tuple(map(path_text, one.paths)): one.gradient and path_text(one.gradient)
        for one in find_parameters(built(layer, calls), calls)
    }


def test_an_array_is_a_parameter_if_y_depends_on_it():
    assert found(Layer()) == {("W",): "dW"}


def test_the_same_array_under_two_names_is_one_parameter():
    layer = Layer()
    layer.alias = layer.W
    assert found(layer) == {("W", "alias"): "dW"}


def test_a_number_is_a_parameter_if_backward_writes_its_gradient():
    class Slope(Layer):
        def backward(self, dy):
            self.dslope = float(dy.sum())
            return super().backward(dy)

    assert found(Slope()) == {("W",): "dW", ("slope",): "dslope"}


def test_the_place_that_backward_changes_is_preferred():
    class Stale(Layer):
        def __init__(self):
            super().__init__()
            self.dW, self.W_grad = np.zeros(2), None

        def backward(self, dy):
            self.W_grad = dy
            return dy

    assert found(Stale()) == {("W",): "W_grad"}


def test_an_array_that_rejects_other_numbers_is_read():
    class Probability(Layer):
        def forward(self, x):
            assert np.all(self.W <= 1)
            return super().forward(x)

    assert found(Probability()) == {("W",): "dW"}


def test_only_a_layer_that_creates_parameters_is_replaced_by_one_that_was_called():
    class Late(Layer):
        def forward(self, x):
            self.W = getattr(self, "W", None) if hasattr(self, "W") else np.ones(2)
            return super().forward(x)

    late, usual = Late(), Layer()
    del late.W
    calls, _ = function_pair(late.forward, late.backward, (np.ones(2),), {}, ["x"], False)
    assert built(late, calls) is not late
    assert not hasattr(late, "W")
    assert built(usual, calls) is usual
    assert found(late) == {("W",): "dW"}
