"""All outputs as one flat vector, and dy in their structure."""

import numpy as np
import pytest

from minigan.gradcheck.leaf import GradcheckInputError
from minigan.gradcheck.vector import epsilon_of, in_structure, vector_of

OUTPUTS = {"h": np.array([[1.0, 2.0]]), "c": [np.float64(3.0), np.array([4.0, 5.0], np.float32)]}


def test_the_vector_contains_all_outputs_in_order_as_float64():
    y = vector_of(OUTPUTS, "f")
    assert y.tolist() == [1, 2, 3, 4, 5]
    assert y.dtype == np.float64
    assert vector_of(np.longdouble(1), "f").dtype == np.longdouble
    assert vector_of(np.ma.masked_array([1.0, 2.0], [False, True]), "f").tolist() == [1, 0]


def test_the_rounding_unit_is_that_of_the_least_precise_output():
    assert epsilon_of(OUTPUTS) == 2.0**-23
    assert epsilon_of(np.ones(2)) == 2.0**-52


def test_dy_has_the_structure_and_the_shapes_of_the_outputs():
    dy = in_structure(OUTPUTS, np.arange(5.0))
    assert dy["h"].tolist() == [[0, 1]]
    assert dy["c"][0].shape == ()
    assert dy["c"][1].tolist() == [3, 4]
    flat = np.arange(2.0)
    in_structure(np.ones(2), flat)[0] = 7
    assert flat[0] == 0


@pytest.mark.parametrize(
    ("outputs", "message"),
    [
        (np.array([1]), "forward returned int64 for real inputs"),
        (np.array([1j]), "complex128"),
        ("text", "<U4"),
        (None, "NoneType"),
        ([np.ones(1), 2], r"int64 as y\[1\]"),
        ([], "no number"),
    ],
)
def test_outputs_must_be_real_floating_numbers(outputs, message):
    with pytest.raises(GradcheckInputError, match=message):
        vector_of(outputs, "f")
    assert vector_of(np.array([1j]), "c").tolist() == [1j]
