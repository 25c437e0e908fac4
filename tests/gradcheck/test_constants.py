"""The names in `constant`: parts of inputs, and names that are no input."""

import numpy as np
import pytest

from minigan.gradcheck import Report, check, check_layer, check_second_order
from minigan.gradcheck.constants import UnknownNameError, is_constant, with_known_names

X = np.array([1.0, 2.0])


def test_the_parts_of_a_constant_are_constant():
    assert is_constant("p", ["p"])
    assert is_constant("p['W'][0]", ["p['W']"])
    assert is_constant("p.W", ["q", "p"])
    assert not is_constant("p2", ["p"])
    assert not is_constant("p", ["p['W']"])


def test_a_name_that_is_no_input_is_refused_by_name():
    def forward(x, params):
        return x * params["W"]

    def backward(dy, x, params):
        return dy * params["W"], None

    inputs = X, {"W": X, "b": 3}
    assert check(forward, backward, *inputs, constant=["params['W']"])
    assert check(forward, backward, *inputs, constant=["params", "params['b']"])
    with pytest.raises(UnknownNameError, match=r"contains 'W', .* are x, params\['W'\], p"):
        check(forward, backward, *inputs, constant=["params", "W"])


class Scale:
    gain = X

    def forward(self, x):
        return x * self.gain

    def backward(self, dy):
        return dy * self.gain


def test_a_parameter_that_the_object_does_not_have_is_refused_by_name():
    layer = Scale()
    layer.gain = X
    assert check_layer(layer, X, constant=["gain"])
    with pytest.raises(UnknownNameError, match=r"contains 'gains', but the inputs are x, gain\."):
        check_layer(layer, X, constant=["gains"])


def test_each_check_gets_the_names_that_it_knows():
    def knows(*known):
        def check(names):
            given.append(list(names))
            for name in names:
                if name not in known:
                    raise UnknownNameError(name, known)
            return Report(())

        return check

    given = []
    assert with_known_names([knows("a", "b"), knows("b", "c")], ["a", "b", "c"]) == [Report(())] * 2
    assert [given[1], given[-1]] == [["a", "b"], ["b", "c"]]
    with pytest.raises(UnknownNameError, match="contains 'd', but the inputs are b, c"):
        with_known_names([knows("a", "b"), knows("b", "c")], ["a", "d"])


def test_the_second_check_has_an_input_of_its_own():
    functions = (lambda x: x**2, lambda dy, x: 2 * x * dy, lambda ddx, dy, x: (None, 2 * dy * ddx))
    assert check_second_order(*functions, X, constant=["dy"])
    with pytest.raises(UnknownNameError, match="contains 's', but the inputs are dy, x"):
        check_second_order(*functions, X, constant=["dy", "s"])
