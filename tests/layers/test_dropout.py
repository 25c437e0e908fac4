"""Inverted dropout: exact factors, and a mean over all masks equal to the input."""

from __future__ import annotations

import itertools

import numpy as np

from minigan.layers import dropout


def test_kept_values_are_multiplied_by_one_and_a_quarter_and_others_are_zero() -> None:
    x = np.array([[1.0, 2.0, -3.0]], dtype=np.float32)
    mask = np.array([[True, False, True]])
    np.testing.assert_array_equal(dropout.forward(x, mask, 0.8), [[1.25, 0.0, -3.75]])
    np.testing.assert_array_equal(dropout.backward_input(x, mask, 0.8), [[1.25, 0.0, -3.75]])


def test_the_mean_over_all_masks_is_the_input() -> None:
    x, keep = np.array([1.0, -2.0, 5.0]), 0.3
    mean = np.zeros(3)
    for bits in itertools.product([True, False], repeat=3):
        probability = np.prod([keep if bit else 1 - keep for bit in bits])
        mean += probability * dropout.forward(x, np.array(bits), keep)
    np.testing.assert_allclose(mean, x, rtol=1e-14)


def test_out_may_be_the_input() -> None:
    x = np.array([1.0, 2.0])
    assert dropout.forward(x, np.array([False, True]), 0.5, out=x) is x
    np.testing.assert_array_equal(x, [0.0, 4.0])
    dy = np.array([3.0, 5.0])
    assert dropout.backward_input(dy, np.array([False, True]), 0.5, out=dy) is dy
    np.testing.assert_array_equal(dy, [0.0, 10.0])


def test_the_tangent_has_the_mask_and_the_factor_of_the_pass() -> None:
    q = np.array([[3.0, 4.0]])
    along = dropout.tangent(q, np.array([[True, False]]), 0.5, out=q)
    assert along is q
    np.testing.assert_array_equal(along, [[6.0, 0.0]])
