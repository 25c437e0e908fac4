"""Blocks cover a vector once, in order, and change no number of an update."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from minigan.optimizers import Adam, RMSProp, blocks
from minigan.parameters import Parameters
from minigan.schedules import Constant


@pytest.mark.parametrize(
    ("size", "lengths"),
    [(0, []), (1, [1]), (4, [4]), (5, [4, 1]), (8, [4, 4]), (11, [4, 4, 3])],
)
def test_blocks_cover_every_number_once_and_in_order(
    monkeypatch, size: int, lengths: list[int]
) -> None:
    monkeypatch.setattr(blocks, "BLOCK", 4)
    vector = np.arange(size)
    parts = [vector[block] for block in blocks.blocks(vector)]
    assert [len(part) for part in parts] == lengths
    assert [number for part in parts for number in part.tolist()] == list(range(size))


def test_four_blocks_in_float32_take_half_a_megabyte_at_most() -> None:
    lengths = [block.stop - block.start for block in blocks.blocks(np.zeros(10**6))]
    assert sum(lengths) >= 10**6
    assert 4 * 4 * max(lengths) <= 2**19


@pytest.mark.parametrize("size", [0, 1, 11])
def test_on_a_gpu_the_whole_vector_is_one_block(monkeypatch, size: int) -> None:
    monkeypatch.setattr(blocks, "array_module", lambda vector: SimpleNamespace())
    monkeypatch.setattr(blocks, "BLOCK", 4)
    assert list(blocks.blocks(np.zeros(size))) == [slice(0, size)] * (size > 0)


@pytest.mark.parametrize("kind", ["adam", "rmsprop"])
def test_an_update_in_blocks_has_the_same_bits(monkeypatch, kind: str) -> None:
    rng = np.random.default_rng(3)
    start, g = (rng.standard_normal(11).astype(np.float32) for _ in range(2))
    ends = []
    for size in (100, 4):
        monkeypatch.setattr(blocks, "BLOCK", size)
        theta = Parameters({"w": (11,)}, start.copy())
        player: Adam | RMSProp = RMSProp(theta, Constant(0.1), 0.9, 1e-8)
        if kind == "adam":
            player = Adam(theta, Constant(0.1), 0.5, 0.9, 1e-8)
        for _ in range(3):
            player.descend(Parameters({"w": (11,)}, g))
        ends.append(theta.vector)
    np.testing.assert_array_equal(ends[0], ends[1])
