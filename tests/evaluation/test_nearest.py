"""Nearest neighbours agree with a double loop; their statistics agree with a case by hand."""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigan.data import digits
from minigan.data.images import Images
from minigan.evaluation import nearest as module
from minigan.evaluation.nearest import NeighbourStatistics, nearest, neighbour_statistics


def slow(samples, references):
    """(distance, index) by a double loop; the lowest index at a tie."""
    found = []
    for s in samples:
        distances = [math.dist(s.tolist(), r.tolist()) for r in references]
        found.append((min(distances), distances.index(min(distances))))
    return found


@given(seed=st.integers(0, 10_000), shape=st.tuples(*[st.integers(1, 8)] * 3))
def test_distance_and_index_are_those_of_the_double_loop(seed, shape):
    N, R, n = shape
    rng = np.random.default_rng(seed)
    samples = rng.random((N, n), dtype=np.float32)
    references = rng.random((R, n), dtype=np.float32)
    distance, index = nearest(samples, references)
    assert (distance.dtype, index.dtype) == (np.float64, np.int64)
    assert index.tolist() == [i for _, i in slow(samples, references)]
    assert distance.tolist() == pytest.approx([d for d, _ in slow(samples, references)], rel=1e-12)


@given(seed=st.integers(0, 10_000))
def test_at_a_tie_the_lowest_index_is_returned(seed):
    """Small integers give exact distances and many ties."""
    rng = np.random.default_rng(seed)
    samples, references = (rng.integers(0, 3, (6, 2)).astype(np.float32) for _ in range(2))
    _, index = nearest(samples, references)
    assert index.tolist() == [i for _, i in slow(samples, references)]


def test_a_small_distance_is_accurate():
    reference = np.full((1, 64), 0.9)
    distance, _ = nearest(reference + 1e-9, reference)
    assert distance[0] == pytest.approx(math.sqrt(64) * 1e-9, rel=1e-6)


def test_references_are_compared_in_float64():
    _, index = nearest(np.zeros((1, 1)), np.array([[1 + 2e-8], [1 + 1e-8]]))
    assert index.tolist() == [1]


def test_a_sample_that_is_not_a_number_has_the_first_reference_and_no_distance():
    distance, index = nearest(np.array([[math.nan]]), np.zeros((1, 1)))
    assert index.tolist() == [0]
    assert math.isnan(distance[0])


def test_a_reference_is_its_own_nearest_at_distance_0():
    x = digits.load("test").all()[:50]
    distance, index = nearest(x, x)
    assert distance.tolist() == [0] * 50
    assert index.tolist() == list(range(50))


def test_blocks_of_rows_are_concatenated_in_order(monkeypatch):
    rng = np.random.default_rng(2)
    samples, references = rng.random((7, 3)), rng.random((5, 3))
    whole = nearest(samples, references)
    monkeypatch.setattr(module, "ROWS_AT_A_TIME", 3)
    blocks = nearest(samples, references)
    assert [a.tolist() for a in blocks] == [a.tolist() for a in whole]


def two_pixel_images(pixels, labels):
    return Images(np.array(pixels, dtype=np.uint8), np.array(labels), white=10, height=1, width=2)


TRAIN = two_pixel_images([[0, 0], [10, 0], [0, 10]], [0, 1, 2])
HELD_OUT = two_pixel_images([[1, 0], [10, 2], [0, 6]], [0, 1, 2])


def test_shares_and_ratio_by_hand():
    samples = np.array([[0.4, 0], [1, 0.1], [0.9, 0], [0.95, 0]], dtype=np.float32)
    statistics = neighbour_statistics(samples, TRAIN, HELD_OUT)
    assert statistics.shares == (0.25, 0.75, 0)
    # Distances 0.4, 0.1, 0.1, 0.05: median 0.1. Held-out images 0.1, 0.2, 0.4: median 0.2.
    assert statistics.ratio == pytest.approx(0.5, rel=1e-6)


def test_the_sentence_names_the_rarest_class():
    text = str(NeighbourStatistics((0.25, 0.75, 0.0), 0.5))
    assert text == (
        "nearest training images: 2 of 3 classes occur, the rarest is 2 with 0.0 %; "
        "median distance 0.50 x that of held-out images"
    )
    assert "the rarest is 1 with 12.5 %" in str(NeighbourStatistics((0.875, 0.125), 1.0))


def test_the_sentence_leaves_out_a_single_class_and_a_ratio_that_is_not_a_number():
    assert str(NeighbourStatistics((1.0,), 1.25)) == (
        "nearest training images: median distance 1.25 x that of held-out images"
    )
    assert str(NeighbourStatistics((1.0,), math.nan)) == (
        "nearest training images: no distance ratio, because held-out images are copies of "
        "training images"
    )


def test_the_ratio_is_not_a_number_if_held_out_images_are_copies_of_training_images():
    statistics = neighbour_statistics(np.zeros((1, 2), dtype=np.float32), TRAIN, TRAIN)
    assert math.isnan(statistics.ratio)
    with pytest.raises(FrozenInstanceError):
        statistics.ratio = 1.0


def test_real_digits_have_a_ratio_near_1_and_noise_has_a_larger_one():
    train, validation, test = (digits.load(split) for split in ("train", "validation", "test"))
    real = neighbour_statistics(validation.all(), train, test)
    assert min(real.shares) >= 0.03
    assert real.ratio == pytest.approx(1, abs=0.2)
    rng = np.random.default_rng(0)
    assert neighbour_statistics(rng.random((300, 64), dtype=np.float32), train, test).ratio > 1.5


def test_copies_of_one_digit_have_one_class():
    train, test = digits.load("train"), digits.load("test")
    statistics = neighbour_statistics(np.repeat(train.all()[:1], 20, axis=0), train, test)
    assert statistics.shares == (1, *[0] * 9)
    assert statistics.ratio == 0


@given(seed=st.integers(0, 10_000), N=st.integers(2, 8), rows=st.integers(1, 8))
def test_with_exclude_self_a_row_is_never_its_own_neighbour(seed, N, rows):
    """Small integers give many duplicates; then the nearest row is the other copy."""
    x = np.random.default_rng(seed).integers(0, 3, (N, 2)).astype(np.float32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "ROWS_AT_A_TIME", rows)
        distance, index = nearest(x, x, exclude_self=True)
    for i, s in enumerate(x.tolist()):
        distances = [math.dist(s, r) if j != i else math.inf for j, r in enumerate(x.tolist())]
        assert (distance[i], index[i]) == (
            pytest.approx(min(distances)),
            distances.index(min(distances)),
        )
