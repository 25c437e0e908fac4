"""Max pooling: cut and overlapping windows, ties and gradients, compared with loops."""

from __future__ import annotations

from dataclasses import FrozenInstanceError
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow import complex_step, weighted
from slow_images import pooling, windows

from minigan.layers import MaxPooling, Windows, max_pooling, patches
from minigan.trace import LayerTrace

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 3)


def test_a_hand_worked_example_with_cut_and_overlapping_windows() -> None:
    w = Windows(3, 4, 2, 1)
    x = np.array([[1.0, 5, 2, 0, 3, 4, 9, 8, 7, 6, 0, 8]])  # 1 5 2 0 / 3 4 9 8 / 7 6 0 8
    y = max_pooling.forward(x, w)
    np.testing.assert_array_equal(y, [[5, 9, 9, 7, 9, 9]])
    dx = max_pooling.backward_input(np.array([[1.0, 10, 100, 1000, 2, 20]]), x, y, w)
    np.testing.assert_array_equal(dx, [[0, 1, 0, 0, 0, 0, 132, 0, 1000, 0, 0, 0]])
    w = Windows(3, 3, 2, 2)  # the last windows have one line, one column, one pixel
    x = np.array([[4.0, 3, 2, 1, 0, 5, 6, 7, 8]])
    y = max_pooling.forward(x, w)
    np.testing.assert_array_equal(y, [[4, 5, 7, 8]])
    dx = max_pooling.backward_input(np.array([[1.0, 2, 3, 4]]), x, y, w)
    np.testing.assert_array_equal(dx, [[1, 0, 0, 0, 0, 2, 0, 3, 4]])


@pytest.mark.parametrize(
    ("x", "winner"),
    [([7, 7, 7, 7], 0), ([0, 7, 7, 7], 1), ([0, 0, 7, 7], 2), ([0, 7, 7, 0], 1), ([0, 0, 0, 7], 3)],
)
def test_a_tie_goes_to_the_first_place_line_by_line(x: list[int], winner: int) -> None:
    for dtype in (np.float64, np.complex128):
        values = np.array([x], dtype)
        y = max_pooling.forward(values, Windows(2, 2, 2))
        dx = max_pooling.backward_input(np.ones((1, 1), dtype), values, y, Windows(2, 2, 2))
        np.testing.assert_array_equal(dx[0], np.arange(4) == winner)
    # the imaginary parts of a complex step do not decide a tie, and those of the first place remain
    perturbed = np.array([x]) + 1j * np.arange(4)
    assert max_pooling.forward(perturbed, Windows(2, 2, 2)) == perturbed[0, winner]


@given(seed=SEEDS, w=windows(padded=False), m=SIZES, C=SIZES)
def test_y_and_dx_equal_those_of_a_loop_over_every_window(
    seed: int, w: Windows, m: int, C: int
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(-2, 3, (m, w.height * w.width * C)).astype(float)  # many ties
    dy = rng.integers(-9, 10, (m, w.positions * C)).astype(float)
    y, dx = pooling(x, dy, w)
    np.testing.assert_array_equal(max_pooling.forward(x, w), y)
    np.testing.assert_array_equal(max_pooling.backward_input(dy, x, y, w), dx)


@given(seed=SEEDS, w=windows(largest=5, padded=False), C=SIZES)
def test_dx_equals_the_complex_step_to_1e_12(seed: int, w: Windows, C: int) -> None:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((2, w.height * w.width * C))
    dy = rng.standard_normal((2, w.positions * C))
    numeric = complex_step(lambda v: weighted(max_pooling.forward(v, w), dy), x)
    analytic = max_pooling.backward_input(dy, x, max_pooling.forward(x, w), w)
    assert abs(analytic - numeric).max() <= 1e-12 * abs(numeric).max()


@given(seed=SEEDS, w=windows(padded=False), m=SIZES, C=SIZES)
def test_the_tangent_is_the_transposed_map_of_backward_input_exactly_in_integers(
    seed: int, w: Windows, m: int, C: int
) -> None:
    rng = np.random.default_rng(seed)
    x, q = rng.integers(-2, 3, (2, m, w.height * w.width * C)).astype(float)  # many ties
    y, dy = max_pooling.forward(x, w), rng.integers(-9, 10, (m, w.positions * C)).astype(float)
    along, dx = max_pooling.tangent(q, x, y, w), max_pooling.backward_input(dy, x, y, w)
    assert (along * dy).sum() == (q * dx).sum()
    layer, trace = MaxPooling(w), LayerTrace(x, y, np.empty_like(x))
    np.testing.assert_array_equal(layer.tangent({}, trace, q), along)
    assert layer.curvature({}, trace, dy, q) is None


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
@given(seed=SEEDS, w=windows(padded=False), m=SIZES, C=SIZES)
def test_out_receives_the_same_numbers_in_the_dtype_of_the_inputs(
    dtype: Any, seed: int, w: Windows, m: int, C: int
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((m, w.height * w.width * C)).astype(dtype)
    dy = rng.standard_normal((m, w.positions * C)).astype(dtype)
    x.flags.writeable = dy.flags.writeable = False
    y = max_pooling.forward(x, w)
    along = max_pooling.tangent(x, x, y, w)  # along x itself
    np.testing.assert_array_equal(along, y)
    assert along.dtype == dtype
    for function, arguments, like in (
        (max_pooling.forward, (x, w), y),
        (max_pooling.backward_input, (dy, x, y, w), x),
    ):
        wide = np.full((m, like.shape[1] + 2), np.nan, dtype)
        out = wide[:, 1:-1]  # rows with gaps between them
        assert function(*arguments, out=out) is out
        assert function(*arguments).dtype == dtype
        np.testing.assert_array_equal(out, function(*arguments))
        assert np.isnan(wide[:, [0, -1]]).all()


def test_nan_stays_nan_and_takes_no_gradient() -> None:
    x, w = np.array([[np.nan, 1, 2, 3]]), Windows(2, 2, 2)
    y = max_pooling.forward(x, w)
    assert np.isnan(y).all()
    np.testing.assert_array_equal(max_pooling.backward_input(np.ones((1, 1)), x, y, w), 0)


def test_the_gradient_may_have_another_dtype_than_the_images() -> None:
    x, w = np.array([[0, 1, 2, 3]], np.float32), Windows(2, 2, 2)
    for dy in (np.array([[0.1]]), np.array([[2 + 1j]])):
        dx = max_pooling.backward_input(dy, x, max_pooling.forward(x, w), w)
        np.testing.assert_array_equal(dx, [[0, 0, 0, dy[0, 0]]])


def test_chunks_change_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    rng, w = np.random.default_rng(0), Windows(5, 5, 3, 2)
    x, dy = rng.standard_normal((7, 50)), rng.standard_normal((7, 8))
    y = max_pooling.forward(x, w)
    dx = max_pooling.backward_input(dy, x, y, w)
    q = rng.standard_normal(x.shape)
    of_y = max_pooling.tangent(q, x, y, w)
    sizes = []
    along = max_pooling._along_lines
    monkeypatch.setattr(
        max_pooling, "_along_lines", lambda x, *rest: sizes.append(len(x)) or along(x, *rest)
    )
    numbers = 3 * 20 + 3 * 8 + 2 * 20  # pixels, lines, r, dr
    for scratch, expected in ((numbers * 8 * 3, [3, 3, 1]), (1, [1] * 7)):
        monkeypatch.setattr(patches, "SCRATCH", scratch)
        sizes.clear()
        np.testing.assert_array_equal(max_pooling.forward(x, w), y)
        assert sizes == expected
        np.testing.assert_array_equal(max_pooling.backward_input(dy, x, y, w), dx)
        assert sizes == 2 * expected
        np.testing.assert_array_equal(max_pooling.tangent(q, x, y, w), of_y)
        assert sizes == 2 * expected + [n for n in expected for _ in ("direction", "x")]


def test_the_scratch_memory_is_the_6_MB_that_the_docs_state_and_on_a_gpu_64_MB(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    x, w = np.empty((700_000, 25), np.uint8), Windows(5, 5, 5)
    of_image = 25 + 5 + 5 + 5  # pixels, lines, r, dr
    assert next(max_pooling._chunks(x, w)) == slice(0, 6_000_000 // of_image)
    x = np.empty((700_000, 1), np.uint8)
    assert next(max_pooling._chunks(x, Windows(1, 1, 1))) == slice(0, 6_000_000 // 4)
    monkeypatch.setattr(max_pooling, "array_module", lambda x: None)  # another one than NumPy
    monkeypatch.setattr(patches, "SCRATCH_OF_DEVICE", 300_000 * 4)
    chunks = [slice(0, 300_000), slice(300_000, 600_000), slice(600_000, 900_000)]
    assert list(max_pooling._chunks(x, Windows(1, 1, 1))) == chunks


def test_pooling_in_a_network_has_its_width_and_writes_to_the_trace() -> None:
    layer = MaxPooling(Windows(3, 3, 2, 2))
    assert layer.width(18) == 8
    assert layer.shapes(18) == {}
    x, dy = np.arange(9.0)[None], np.ones((1, 4))
    trace = LayerTrace(x, np.full((1, 4), np.nan), np.full((1, 9), np.nan))
    assert layer.forward({}, trace) is trace.y
    assert layer.backward_input({}, trace, dy) is trace.dx
    np.testing.assert_array_equal(trace.y, [[4, 5, 7, 8]])
    np.testing.assert_array_equal(trace.dx, [[0, 0, 0, 0, 1, 1, 0, 1, 1]])


def test_a_layer_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        MaxPooling(Windows(3, 3, 2)).windows = Windows(4, 4, 2)  # type: ignore[misc]


def test_padding_and_images_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="windows without padding, not 1"):
        MaxPooling(Windows(3, 3, 2, 2, 1))
    x, y, padded = np.ones((1, 9)), np.ones((1, 4)), Windows(3, 3, 2, 2, 1)
    for call in (
        lambda: max_pooling.forward(x, padded),
        lambda: max_pooling.backward_input(y, x, y, padded),
        lambda: max_pooling.tangent(x, x, y, padded),
    ):
        with pytest.raises(ValueError, match="windows without padding, not 1"):
            call()
    with pytest.raises(ValueError, match="multiple of 9 numbers, not 10"):
        MaxPooling(Windows(3, 3, 2)).width(10)
