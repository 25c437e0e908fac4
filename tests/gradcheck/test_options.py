"""The options of a check, and the names in `constant`: parts of inputs, and names of no input."""

import numpy as np
import pytest

from minigan.gradcheck import check, check_layer, check_second_order
from minigan.gradcheck.leaf import GradcheckInputError
from minigan.gradcheck.options import Options, is_constant

X = np.array([1.0, 2.0])


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("tolerance", 0.0, "a positive number"),
        ("tolerance", float("nan"), "a positive number"),
        ("absolute", -1e-9, "0 or a positive number"),
        ("max_entries", 0, "a positive integer"),
        ("max_seconds", 0.0, "a positive number"),
        ("points", 0, "a positive integer"),
        ("points", 2.5, "a positive integer"),
        ("tolerance", "1e-3", "a positive number"),
        ("absolute", None, "0 or a positive number"),
        ("seed", None, "0 or a positive integer"),
        ("seed", -1, "0 or a positive integer"),
    ],
)
def test_an_option_of_another_type_or_out_of_range_is_refused(name, value, wanted):
    with pytest.raises(GradcheckInputError) as error:
        Options(**{name: value})
    assert str(error.value) == f"{name} is {value!r}; it must be {wanted}."


def test_the_smallest_options_are_accepted():
    options = Options(1e-300, 0, seed=0, max_entries=np.int64(1), max_seconds=1e-9, points=1)
    assert (options.tolerance, options.absolute, options.points) == (1e-300, 0, 1)
    assert Options().tolerance is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("tolerence", r"check\(\) has no option 'tolerence'; did you mean 'tolerance'\?"),
        ("kwarg", r"check\(\) has no option 'kwarg'; did you mean 'kwargs'\?"),
        ("zzz", r"check\(\) has no option 'zzz'$"),
    ],
)
def test_a_misspelled_option_is_refused_with_the_nearest_one(given, message):
    with pytest.raises(TypeError, match=message):
        check(np.square, lambda dy, x: 2 * x * dy, X, **{given: 1})
    with pytest.raises(TypeError, match=r"check_layer\(\) .* mean 'points'"):
        check_layer(None, X, point=1)
    with pytest.raises(TypeError, match=r"check_second_order\(\) .* mean 'seed'"):
        check_second_order(None, None, None, X, seeed=1)


def test_a_single_constant_needs_no_list():
    report = check(
        lambda x, target: x * target, lambda dy, x, target: dy * target, X, X, constant="target"
    )
    assert [row.verdict for row in report.rows] == ["pass", "not differentiated"]


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
    with pytest.raises(GradcheckInputError, match=r"contains 'W', .* are x, params\['W'\], p"):
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
    with pytest.raises(
        GradcheckInputError, match=r"contains 'gains', but the inputs are x, gain\."
    ):
        check_layer(layer, X, constant=["gains"])


def test_the_second_check_has_an_input_of_its_own():
    functions = (lambda x: x**2, lambda dy, x: 2 * x * dy, lambda ddx, dy, x: (None, 2 * dy * ddx))
    assert check_second_order(*functions, X, constant=["dy"])
    with pytest.raises(GradcheckInputError, match="contains 's', but the inputs are x, dy"):
        check_second_order(*functions, X, constant=["dy", "s"])
