"""One flat vector with named views."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.parameters import Parameters

SHAPES = {"linear1.W": (2, 3), "linear1.b": (3,), "linear2.W": (3, 1)}


def test_views_lie_in_the_vector_one_after_the_other() -> None:
    theta = Parameters(SHAPES, np.arange(12.0))
    np.testing.assert_array_equal(theta["linear1.W"], [[0, 1, 2], [3, 4, 5]])
    np.testing.assert_array_equal(theta["linear1.b"], [6, 7, 8])
    np.testing.assert_array_equal(theta["linear2.W"], [[9], [10], [11]])
    theta["linear1.b"][1] = -1
    assert theta.vector[7] == -1
    assert list(theta) == list(SHAPES)
    assert len(theta) == 3


def test_the_tensors_of_a_layer_have_short_names() -> None:
    theta = Parameters(SHAPES, np.arange(12.0))
    assert list(theta.of("linear1")) == ["W", "b"]
    assert theta.of("linear1")["b"] is theta["linear1.b"]
    assert theta.of("linear2")["W"] is theta["linear2.W"]
    assert not theta.of("relu1")


def test_a_vector_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match=r"vector must have the shape \(12,\), not \(11,\)"):
        Parameters(SHAPES, np.zeros(11))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_zeros_have_the_given_dtype(dtype: type) -> None:
    theta = Parameters.zeros(SHAPES, dtype)
    assert theta.vector.dtype == dtype
    assert theta.vector.shape == (12,)
    assert not theta.vector.any()
    assert Parameters.zeros(SHAPES).vector.dtype == np.float32


def test_assign_copies_and_counts_a_change() -> None:
    theta, numbers = Parameters.zeros(SHAPES, np.float64), np.arange(12.0)
    assert theta.version == 0
    theta.assign(numbers)
    numbers[0] = 99
    np.testing.assert_array_equal(theta.vector, np.arange(12.0))
    assert theta.version == 1
    theta.changed()
    assert theta.version == 2


def test_the_vector_can_be_changed_in_place_but_not_replaced() -> None:
    theta = Parameters(SHAPES, np.ones(12))
    theta.vector += 1
    np.testing.assert_array_equal(theta["linear1.b"], [2, 2, 2])
    with pytest.raises(AttributeError, match=r"theta\.vector cannot be replaced"):
        theta.vector = np.zeros(12)
    np.testing.assert_array_equal(theta["linear1.b"], [2, 2, 2])
