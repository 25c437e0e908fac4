"""The formulas of the layers in float64, on examples computed by hand."""

from __future__ import annotations

import numpy as np

from minigan.bench.formulas import expected_results
from minigan.layers import (
    ChannelMaxout,
    Convolution,
    Deconvolution,
    Dropout,
    Linear,
    Maxout,
    MaxPooling,
    ReLU,
    Sigmoid,
    Windows,
)

X = np.array([[1.0, -2.0, 0.0, 3.0]], dtype=np.float32)
DY = np.array([[10.0, 20.0, 30.0, 40.0]], dtype=np.float32)


def test_linear() -> None:
    W, b = np.array([[1.0, 0], [0, 1], [5, 5], [2, 0]]), np.array([0.5, -0.5])
    dy = np.array([[1.0, 10]])
    found = expected_results(Linear(2, 1), X, dy, {"W": W, "b": b}, None)
    assert found["forward"].tolist() == [[7.5, -2.5]]
    assert found["input"].tolist() == [[1, 10, 55, 2]]
    assert found["params"].tolist() == [[1, 10], [-2, -20], [0, 0], [3, 30]]


def test_relu_has_slope_zero_at_zero() -> None:
    found = expected_results(ReLU(), X, DY, {}, None)
    assert found["forward"].tolist() == [[1, 0, 0, 3]]
    assert found["input"].tolist() == [[10, 0, 0, 40]]


def test_a_tie_of_maxout_goes_to_the_first_piece() -> None:
    x = np.array([[1.0, 7.0, 1.0, 9.0]])  # pieces (1, 7) and (1, 9) of two units
    found = expected_results(Maxout(2, 2), x, np.array([[3.0, 4.0]]), {}, None)
    assert found["forward"].tolist() == [[1, 9]]
    assert found["input"].tolist() == [[3, 0, 0, 4]]


def test_dropout_with_and_without_a_mask() -> None:
    mask = np.array([[True, False, True, True]])
    found = expected_results(Dropout(0.5), X, DY, {}, mask)
    assert found["forward"].tolist() == [[2, 0, 0, 6]]
    assert found["input"].tolist() == [[20, 0, 60, 80]]
    assert expected_results(Dropout(0.5), X, DY, {}, None)["forward"].tolist() == X.tolist()


def test_sigmoid_at_zero_is_one_half_with_slope_one_quarter() -> None:
    found = expected_results(Sigmoid(), X, DY, {}, None)
    assert found["forward"][0, 2] == 0.5
    assert found["input"][0, 2] == 30 / 4
    np.testing.assert_allclose(found["forward"][0, 3], 0.9525741268224334)


def test_convolution_and_deconvolution_exchange_x_and_dy() -> None:
    w, W = Windows(2, 3, 2), np.array([[1.0, 10], [100, 1000]]).reshape(2, 2, 1, 1)
    image, at = np.array([[1.0, 2, 3, 4, 5, 6]]), np.array([[1.0, 2]])
    y, dx, dW = [[5421, 6532]], [[1, 12, 20, 100, 1200, 2000]], [5, 8, 14, 17]
    found = expected_results(Convolution(w, 1, 1), image, at, {"W": W, "b": np.ones(1)}, None)
    assert found["forward"].tolist() == [[one + 1 for one in y[0]]]
    assert found["input"].tolist() == dx
    assert found["params"].ravel().tolist() == dW
    theta = {"W": W, "b": np.ones(6)}
    found = expected_results(Deconvolution(w, 1, 1), at, image, theta, None)
    assert found["forward"].tolist() == [[one + 1 for one in dx[0]]]
    assert found["input"].tolist() == y
    assert found["params"].ravel().tolist() == dW


def test_pooling_has_cut_windows_and_a_tie_goes_to_the_first_place() -> None:
    x, dy = np.array([[4.0, 3, 4, 1, 0, 5, 6, 6, 8]]), np.array([[1.0, 2, 3, 4]])
    found = expected_results(MaxPooling(Windows(3, 3, 2, 2)), x, dy, {}, None)
    assert found["forward"].tolist() == [[4, 5, 6, 8]]
    assert found["input"].tolist() == [[1, 0, 0, 0, 0, 2, 3, 0, 4]]


def test_channel_maxout_at_two_positions() -> None:
    x, dy = np.array([[1.0, 2, 3, 0]]), np.array([[5.0, 7]])
    found = expected_results(ChannelMaxout(1, 2), x, dy, {}, None)
    assert found["forward"].tolist() == [[2, 3]]
    assert found["input"].tolist() == [[0, 5, 7, 0]]
