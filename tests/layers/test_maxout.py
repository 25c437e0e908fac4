"""The maximum over pieces: layout, ties and gradient."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigan.layers import maxout


def test_a_hand_worked_example_of_two_units_and_three_pieces() -> None:
    #             piece 0    piece 1    piece 2
    x = np.array([[1.0, 9.0, 5.0, 2.0, 3.0, 4.0]])
    y = maxout.forward(x, 3)
    np.testing.assert_array_equal(y, [[5.0, 9.0]])
    dx = maxout.backward_input(np.array([[10.0, 20.0]]), x, y, 3)
    np.testing.assert_array_equal(dx, [[0.0, 20.0, 10.0, 0.0, 0.0, 0.0]])


@given(
    seed=st.integers(0, 2**32 - 1), m=st.integers(1, 5), u=st.integers(1, 5), p=st.integers(1, 6)
)
def test_each_unit_follows_its_first_largest_piece(seed: int, m: int, u: int, p: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(-2, 3, (m, p * u)).astype(float)  # small integers: many ties
    dy = rng.standard_normal((m, u))
    expected_y, expected_dx = np.empty((m, u)), np.zeros((m, p * u))
    for i in range(m):
        for j in range(u):
            pieces = [x[i, q * u + j] for q in range(p)]
            winner = pieces.index(max(pieces))
            expected_y[i, j] = pieces[winner]
            expected_dx[i, winner * u + j] = dy[i, j]
    y = maxout.forward(x, p)
    np.testing.assert_array_equal(y, expected_y)
    np.testing.assert_array_equal(maxout.backward_input(dy, x, y, p), expected_dx)


@given(seed=st.integers(0, 2**32 - 1), p=st.integers(1, 6))
def test_a_tie_goes_to_the_first_piece_for_complex_numbers_too(seed: int, p: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(-1, 2, (3, 2 * p)) + 1j * rng.standard_normal((3, 2 * p))
    y = maxout.forward(x, p)
    for i in range(3):
        for j in range(2):
            reals = [x[i, q * 2 + j].real for q in range(p)]
            assert y[i, j] == x[i, reals.index(max(reals)) * 2 + j]


def test_a_number_of_columns_that_is_not_a_multiple_of_the_pieces_is_refused() -> None:
    with pytest.raises(ValueError, match="the 7 columns of x are not a multiple of 3 pieces"):
        maxout.forward(np.zeros((1, 7)), 3)


def test_dx_may_overwrite_x() -> None:
    x = np.array([[1.0, 2.0, 3.0]])
    y = maxout.forward(x, 3)
    assert maxout.backward_input(np.array([[5.0]]), x, y, 3, out=x) is x
    np.testing.assert_array_equal(x, [[0.0, 0.0, 5.0]])


def test_buffers_may_be_rows_or_columns_of_larger_ones() -> None:
    x = np.arange(12.0).reshape(2, 6)
    wide = np.full((4, 10), np.nan)
    y = maxout.forward(x, 3)
    maxout.backward_input(np.ones((2, 2)), x, y, 3, out=wide[1:3, 2:8])
    np.testing.assert_array_equal(wide[1:3, 2:8], [[0, 0, 0, 0, 1, 1]] * 2)
    assert np.isnan(wide[0]).all()
    assert np.isnan(wide[:, :2]).all()


def test_the_tangent_is_that_of_the_first_of_the_largest_pieces() -> None:
    x = np.array([[1.0, 2.0, 1.0, 3.0, 0.0, 3.0]])  # two units: 1, 1, 0 and 2, 3, 3
    q = np.array([[10.0, 20.0, 30.0, 40.0, 50.0, 60.0]], dtype=np.float32)
    along = maxout.tangent(q, x, maxout.forward(x, 3), 3)
    np.testing.assert_array_equal(along, [[10.0, 40.0]])
    assert along.dtype == np.float32


def test_more_axes_before_the_last_change_no_number() -> None:
    x, dy = np.arange(24.0).reshape(2, 3, 4) % 5, np.arange(12.0).reshape(2, 3, 2)
    y = maxout.forward(x, 2)
    rows, of_rows = x.reshape(6, 4), dy.reshape(6, 2)
    np.testing.assert_array_equal(y.reshape(6, 2), maxout.forward(rows, 2))
    dx = maxout.backward_input(of_rows, rows, y.reshape(6, 2), 2)
    np.testing.assert_array_equal(maxout.backward_input(dy, x, y, 2).reshape(6, 4), dx)
    with pytest.raises(ValueError, match="the 5 columns of x are not a multiple of 2 pieces"):
        maxout.forward(np.ones((2, 3, 5)), 2)
