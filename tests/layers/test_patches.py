"""Unfold and fold: which number goes where, that they are transposed, and their memory."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from slow_images import places, windows

from minigan.layers import Windows, patches
from minigan.layers.patches import Scratch

SEEDS = st.integers(0, 2**32 - 1)
SIZES = st.integers(1, 3)


def scratch_for(x: Any, w: Windows) -> Scratch:
    return Scratch(np, w, len(x), w.channels(x.shape[1]), 1, x.dtype)


def unfolded(x: Any, w: Windows) -> Any:
    return scratch_for(x, w).unfold(x)


@given(seed=SEEDS, w=windows(), m=SIZES, C=SIZES)
def test_P_has_the_pixels_under_each_window_and_zeros_outside(
    seed: int, w: Windows, m: int, C: int
) -> None:
    x = np.random.default_rng(seed).standard_normal((m, w.height * w.width * C))
    expected = np.zeros((w.size, w.size, C, m, w.rows, w.columns))
    for pq, uv, hw in places(w):
        expected[*uv, :, :, *pq] = x.reshape(m, w.height, w.width, C)[:, *hw].T
    np.testing.assert_array_equal(unfolded(x, w), expected.reshape(w.size**2 * C, m * w.positions))


@given(seed=SEEDS, w=windows(), m=SIZES, C=SIZES)
def test_fold_is_the_transposed_map_of_unfold_exactly_in_integers(
    seed: int, w: Windows, m: int, C: int
) -> None:
    rng = np.random.default_rng(seed)
    x = rng.integers(-9, 10, (m, w.height * w.width * C)).astype(float)
    P = rng.integers(-9, 10, (w.size**2 * C, m * w.positions)).astype(float)
    folded = scratch_for(x, w).fold(P, out=np.full_like(x, np.nan))
    assert (unfolded(x, w) * P).sum() == (x * folded).sum()


def test_each_number_of_P_is_added_to_one_pixel() -> None:
    w = Windows(3, 3, 2, 2, 1)  # the pixel (1, 1) is place (0, 0) of window (1, 1)
    P = np.zeros((2, 2, 3, 3))
    P[0, 0, 1, 1] = 5
    P[0, 0, 0, 0] = 7  # at (-1, -1), outside
    x = Scratch(np, w, 1, 1, 1, float).fold(P.reshape(4, 9), out=np.empty((1, 9)))
    assert x.reshape(3, 3).tolist() == [[0, 0, 0], [0, 5, 0], [0, 0, 0]]


def test_the_scratch_memory_is_bounded_for_any_number_of_images() -> None:
    w, C, units = Windows(33, 33, 4), 8, 100  # 30 * 30 positions
    for m in (1, 5, 6, 7, 100_000):
        scratch = Scratch(np, w, m, C, units, np.float32)
        assert sum(a.nbytes for a in scratch.arrays(scratch.images)) <= patches.SCRATCH
        assert [i for rows in scratch.chunks for i in range(m)[rows]] == list(range(m))
        assert {rows.stop - rows.start for rows in scratch.chunks[:-1]} <= {scratch.images}
    per_image = 4 * (33 * 33 * 8 + 33 * 30 * 4 * 8 + 900 * (16 * 8 + 100))
    assert scratch.images == patches.SCRATCH // per_image


def test_padded_images_S_P_and_a_product_count_as_scratch_memory() -> None:
    scratch = Scratch(np, Windows(10, 10, 1), 10**6, 2, 3, np.float64)
    assert scratch.images == patches.SCRATCH // (8 * (3 * 10 * 10 * 2 + 10 * 10 * 3))
    P, product, S, padded = scratch.arrays(4)
    assert P.shape == (1, 1, 2, 4, 10, 10)
    assert product.shape == (4 * 100, 3)
    assert S.shape == (1, 2, 1, 4, 10, 10)
    assert padded.shape == (2, 4, 10, 10)
    assert np.shares_memory(scratch.product(4), product)
    assert not any(np.shares_memory(a, product) for a in (P, S, padded))


def test_the_next_pass_uses_the_memory_of_a_finished_one_if_it_is_large_enough() -> None:
    w = Windows(5, 5, 3)
    patches.kept.clear()
    first = Scratch(np, w, 3, 2, 4, np.float64)
    beside = Scratch(np, w, 3, 2, 4, np.float64)  # of another thread
    assert not np.shares_memory(first.memory, beside.memory)
    first.release()
    second = Scratch(np, w, 3, 2, 4, np.float32)  # half of the bytes
    assert second.memory is first.memory
    assert second.numbers.dtype == np.float32
    assert second.numbers.shape == first.numbers.shape
    assert np.shares_memory(second.numbers, second.memory)
    second.release()
    larger = Scratch(np, w, 3, 2, 4, np.complex128)
    assert larger.memory.nbytes > first.memory.nbytes
    larger.release()
    assert patches.kept == [larger.memory]  # and the smaller one is free
    exact = Scratch(np, w, 3, 2, 4, np.complex128)
    assert exact.memory is larger.memory
    assert patches.kept == []


def test_memory_of_more_than_6_MB_is_not_kept() -> None:
    patches.kept.clear()
    scratch = Scratch(np, Windows(80, 80, 8, pad=4), 1, 8, 1, np.float64)
    assert scratch.memory.nbytes > patches.SCRATCH
    scratch.release()
    assert patches.kept == []


def test_chunks_are_larger_on_a_device_where_each_step_is_a_launch() -> None:
    device, w = SimpleNamespace(empty=np.empty), Windows(10, 10, 1)
    assert patches.SCRATCH_OF_DEVICE == 64_000_000
    for xp, size in ((np, 6_000_000), (device, 64_000_000)):
        scratch = Scratch(xp, w, 10**6, 2, 3, np.float64)
        assert scratch.images == size // (8 * (3 * 10 * 10 * 2 + 10 * 10 * 3))


def test_memory_up_to_the_limit_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = Scratch(np, Windows(5, 5, 3), 3, 2, 4, np.float64)
    for limit, kept in ((scratch.memory.nbytes - 1, []), (scratch.memory.nbytes, [scratch.memory])):
        patches.kept.clear()
        monkeypatch.setattr(patches, "SCRATCH", limit)
        scratch.release()
        assert patches.kept == kept


def test_the_lines_of_adjacent_positions_are_adjacent_with_any_stride() -> None:
    scratch = Scratch(np, Windows(6, 8, 4, 2), 3, 5, 1, np.float64)  # 2 x 3 positions
    _, _, S, padded = scratch.arrays(3)
    assert S.shape == (4, 5, 2, 3, 3, 3)  # 6 lines are 3 with r = 0 and 3 with r = 1
    assert padded.shape == (5, 3, 6, 8)


def test_memory_of_another_library_is_not_kept() -> None:
    other = SimpleNamespace(empty=np.empty)
    patches.kept.clear()
    kept = Scratch(np, Windows(5, 5, 3), 3, 2, 4, np.float64)
    kept.release()
    scratch = Scratch(other, Windows(5, 5, 3), 3, 2, 4, np.float64)
    assert patches.kept == [kept.memory]
    assert scratch.memory is None
    assert scratch.numbers.dtype == np.float64
    assert not np.shares_memory(scratch.numbers, kept.memory)
    scratch.release()
    assert patches.kept == [kept.memory]


def test_an_image_that_takes_more_has_a_chunk_of_its_own() -> None:
    scratch = Scratch(np, Windows(80, 80, 8, pad=4), 3, 8, 1, np.float64)
    assert scratch.chunks == [slice(0, 1), slice(1, 2), slice(2, 3)]
    assert scratch.P(1).nbytes > patches.SCRATCH


def test_no_image_needs_no_chunk() -> None:
    assert Scratch(np, Windows(3, 3, 2), 0, 1, 1, np.float32).chunks == []


def test_used_scratch_memory_for_more_images_changes_no_number() -> None:
    rng, w = np.random.default_rng(0), Windows(4, 5, 3, 2, 1)
    x, P = rng.standard_normal((2, 20)), rng.standard_normal((9, 2 * 9))
    scratch = Scratch(np, w, 4, 1, 1, float)
    scratch.numbers[...] = np.nan
    P_of_x = scratch.unfold(x)
    np.testing.assert_array_equal(P_of_x, unfolded(x, w))
    assert np.shares_memory(P_of_x, scratch.P(2))
    expected = scratch_for(x, w).fold(P, out=np.empty((2, 20)))
    scratch.numbers[...] = np.nan
    np.testing.assert_array_equal(scratch.fold(P, out=np.empty((2, 20))), expected)


def test_another_array_module_gets_memory_of_the_dtype() -> None:
    module = SimpleNamespace(empty=np.empty)
    scratch = Scratch(module, Windows(4, 4, 3, 1), 2, 1, 1, np.float32)
    assert scratch.numbers.dtype == np.float32
    assert scratch.memory is None
