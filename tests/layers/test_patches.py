"""Unfold and fold: which number goes where, that they are transposed, and their memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_images import places, windows

from minigan.layers import Windows, patches
from minigan.layers.patches import Scratch, fold, unfold

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 3)


def scratch_for(x: Any, w: Windows, C: int, *, for_fold: bool = False) -> Scratch:
    return Scratch(np, w, len(x), C, 1, x.dtype, fold=for_fold)


def unfolded(x: Any, w: Windows) -> Any:
    return unfold(x, w, scratch_for(x, w, w.channels(x.shape[1])))


@given(seed=SEEDS, w=windows(), m=SIZES, C=SIZES)
def test_P_has_the_pixels_under_each_window_and_zeros_outside(
    seed: int, w: Windows, m: int, C: int
) -> None:
    x = np.random.default_rng(seed).standard_normal((m, w.height * w.width * C))
    expected = np.zeros((m, w.rows, w.columns, w.size, w.size, C))
    for pq, uv, hw in places(w):
        expected[:, *pq, *uv] = x.reshape(m, w.height, w.width, C)[:, *hw]
    P = unfolded(x, w)
    assert P.shape == (m, w.rows, w.columns, w.size, w.size * C)
    np.testing.assert_array_equal(P.reshape(expected.shape), expected)


@given(seed=SEEDS, w=windows(), m=SIZES, C=SIZES)
def test_fold_is_the_transposed_map_of_unfold_exactly_in_integers(
    seed: int, w: Windows, m: int, C: int
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(-9, 10, (m, w.height * w.width * C)).astype(float)
    P = rng.integers(-9, 10, (m, w.rows, w.columns, w.size, w.size * C)).astype(float)
    folded = fold(P, w, scratch_for(x, w, C, for_fold=True), out=np.full_like(x, np.nan))
    assert (unfolded(x, w) * P).sum() == (x * folded).sum()


def test_each_number_of_P_is_added_to_one_pixel() -> None:
    w = Windows(3, 3, 2, 2, 1)  # the pixel (1, 1) is place (0, 0) of window (1, 1)
    P = np.zeros((1, 3, 3, 2, 2))
    P[0, 1, 1, 0, 0] = 5
    P[0, 0, 0, 0, 0] = 7  # at (-1, -1), outside
    x = fold(P, w, Scratch(np, w, 1, 1, 1, float, fold=True), out=np.empty((1, 9)))
    assert x.reshape(3, 3).tolist() == [[0, 0, 0], [0, 5, 0], [0, 0, 0]]


@pytest.mark.parametrize("for_fold", [False, True])
def test_the_scratch_memory_is_bounded_for_any_number_of_images(for_fold: bool) -> None:
    w, C, units = Windows(33, 33, 4), 8, 100  # 30 * 30 positions
    for m in (1, 5, 6, 7, 100_000):
        scratch = Scratch(np, w, m, C, units, np.float32, fold=for_fold)
        arrays = (scratch.P, scratch.S, scratch.padded)
        images = len(scratch.padded)
        assert sum(a.nbytes for a in arrays) + 4 * images * 900 * units <= patches.SCRATCH
        assert [i for rows in scratch.chunks for i in range(m)[rows]] == list(range(m))
        assert {rows.stop - rows.start for rows in scratch.chunks[:-1]} <= {images}
    per_image = 4 * (33 * 33 * 8 + 33 * 30 * 4 * 8 + 900 * (16 * 8 + 100))
    assert images == patches.SCRATCH // per_image
    assert scratch.P.shape == ((4, images, 30, 30, 32) if for_fold else (images, 30, 30, 4, 32))


def test_padded_images_S_P_and_a_product_count_as_scratch_memory() -> None:
    scratch = Scratch(np, Windows(10, 10, 1), 10**6, 2, 3, np.float64, fold=False)
    assert len(scratch.P) == patches.SCRATCH // (8 * (3 * 10 * 10 * 2 + 10 * 10 * 3))


def test_an_image_that_takes_more_has_a_chunk_of_its_own() -> None:
    scratch = Scratch(np, Windows(80, 80, 8, pad=4), 3, 8, 1, np.float64, fold=False)
    assert scratch.chunks == [slice(0, 1), slice(1, 2), slice(2, 3)]
    assert scratch.P.nbytes > patches.SCRATCH


def test_no_image_needs_no_chunk() -> None:
    assert Scratch(np, Windows(3, 3, 2), 0, 1, 1, np.float32, fold=True).chunks == []


def test_used_scratch_memory_changes_no_number() -> None:
    rng, w = np.random.default_rng(0), Windows(4, 5, 3, 2, 1)
    x, P = rng.standard_normal((2, 20)), rng.standard_normal((2, 3, 3, 3, 3))
    scratch = Scratch(np, w, 2, 1, 1, float, fold=False)
    for array in (scratch.P, scratch.S, scratch.padded):
        array[...] = np.nan
    P_of_x = unfold(x, w, scratch)
    np.testing.assert_array_equal(P_of_x, unfolded(x, w))
    assert np.shares_memory(P_of_x, scratch.P)
    assert not np.isnan(scratch.S).any()
    assert not np.isnan(scratch.padded).any()
    expected = fold(P, w, Scratch(np, w, 2, 1, 1, float, fold=True), out=np.empty((2, 20)))
    for array in (scratch.S, scratch.padded):
        array[...] = np.nan
    np.testing.assert_array_equal(fold(P, w, scratch, out=np.empty((2, 20))), expected)
    assert not np.isnan(scratch.S).any()
    assert not np.isnan(scratch.padded).any()


def test_fewer_images_than_the_scratch_memory_holds_are_a_part_of_it() -> None:
    rng, w = np.random.default_rng(0), Windows(4, 5, 3, 2, 1)
    x, scratch = rng.standard_normal((2, 20)), Scratch(np, w, 4, 1, 1, float, fold=False)
    P = unfold(x, w, scratch)
    np.testing.assert_array_equal(P, unfolded(x, w))
    assert P.shape == (2, 3, 3, 3, 3)
    expected = fold(P, w, Scratch(np, w, 2, 1, 1, float, fold=True), out=np.empty((2, 20)))
    np.testing.assert_array_equal(fold(P, w, scratch, out=np.empty((2, 20))), expected)
