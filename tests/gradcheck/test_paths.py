"""Which arrays an object holds, and where their gradients may be."""

from types import MappingProxyType, SimpleNamespace

import numpy as np
import pytest

from minigan.gradcheck import GradcheckInputError
from minigan.gradcheck.paths import arrays_in, gradient_paths, path_text, read, write


def holder():
    return SimpleNamespace(
        W=np.ones(2),
        alpha=0.5,
        labels=np.array([1]),
        name="x",
        units=3,
        nested={"b": [np.zeros(1), None], 3: (np.ones(1),)},
        function=np.sin,
        kind=np.ndarray,
    )


def test_floating_arrays_and_numbers_are_found_with_their_paths():
    value = holder()
    value.self = value
    paths = [path for path, _ in arrays_in(value)]
    assert [path_text(path) for path in paths] == ["W", "alpha", "nested['b'][0]", "nested[3][0]"]
    assert all(read(value, path) is array for path, array in arrays_in(value))


def test_a_path_is_written_in_objects_dicts_lists_and_tuples():
    value = holder()
    for path, _ in arrays_in(value):
        write(value, path, 9)
    assert (value.W, value.alpha, value.nested) == (9, 9, {"b": [9, None], 3: (9,)})


def test_a_path_that_does_not_exist_is_none():
    assert read(holder(), (("attribute", "dW"),)) is None
    assert read(holder(), (("attribute", "nested"), ("item", "c"), ("item", 0))) is None


def test_a_holder_that_cannot_be_written_is_refused_by_name():
    value = SimpleNamespace(fixed=MappingProxyType({"W": 1.0}))
    with pytest.raises(GradcheckInputError, match=r"fixed\['W'\] cannot be replaced"):
        write(value, (("attribute", "fixed"), ("item", "W")), 2.0)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("W", ["dW", "grad_W", "W_grad", "gradW", "gW", "d_W", "gradient_W", "_dW", "_grad_W"]),
        ("W", ["grads['W']", "grads['dW']", "gradients['W']", "grad['grad_W']"]),
        ("_W", ["d_W", "_dW", "_W_grad"]),
        ("cell.W", ["cell.grads['W']", "cell.grads['dW']"]),
        ("cell.W", ["cell.dW", "dcell.W", "dcell.dW"]),
        ("W.data", ["W.grad", "dW.data"]),
        ("params['W']", ["grads['W']", "grads['dW']", "gradients['W']", "dparams['W']"]),
        ("_params['W']", ["grads['W']", "_grads['W']"]),
        ("_parameters['W']", ["gradients['W']", "_gradients['W']"]),
        ("params[0]", ["grads[0]", "gradients[0]"]),
    ],
)
def test_gradients_have_the_names_that_people_use(path, expected):
    name, _, key = path.replace("['", ".").replace("']", "").replace("[0]", ".0").partition(".")
    kind = "item" if "[" in path else "attribute"
    steps = [("attribute", name)] + ([(kind, 0 if key == "0" else key)] if key else [])
    places = [path_text(place) for place in gradient_paths(tuple(steps))]
    assert set(expected) <= set(places)
    assert path not in places
