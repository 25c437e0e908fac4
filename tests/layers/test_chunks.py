"""The scratch memory of a pass: its bound, its chunks, and that a finished pass leaves it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from minigan.layers import patches
from minigan.layers.chunks import Chunks


@pytest.fixture(autouse=True)
def _none_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patches, "kept", [])


def test_the_chunks_are_all_images_in_order_and_as_many_as_the_memory_holds(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patches, "SCRATCH", 100)
    for m, size, expected in ((7, 30, [3, 3, 1]), (2, 30, [2]), (3, 101, [1, 1, 1]), (0, 1, [])):
        rows = list(Chunks(np, m, size))
        assert [len(range(m)[one]) for one in rows] == expected
        assert [i for one in rows for i in range(m)[one]] == list(range(m))


def test_arrays_of_a_chunk_have_memory_of_their_own_and_those_of_the_next_the_same() -> None:
    chunks, found = Chunks(np, 4, patches.SCRATCH // 2), []
    for _ in chunks:
        a, b = chunks.array((2, 3), np.float32), chunks.array((5,), np.complex128)
        assert (a.shape, a.dtype, b.shape, b.dtype) == ((2, 3), np.float32, (5,), np.complex128)
        assert not np.shares_memory(a, b)
        found.append((a, b))
    (a, b), (next_a, next_b) = found
    assert np.shares_memory(a, next_a)
    assert np.shares_memory(b, next_b)


def test_an_image_may_use_exactly_the_bytes_that_it_states() -> None:
    chunks = Chunks(np, 3, 8 * 5)
    for _ in chunks:
        assert chunks.array((3, 5), np.float64).nbytes == chunks.memory.nbytes == 120


def test_the_next_pass_uses_the_memory_of_a_finished_one() -> None:
    first, second = Chunks(np, 3, 40), Chunks(np, 2, 40)
    assert list(first) == [slice(0, 3)]
    assert [one is first.memory for one in patches.kept] == [True]
    for _ in second:
        assert second.memory is first.memory
        assert patches.kept == []


def test_another_library_keeps_its_own_memory_and_has_larger_chunks() -> None:
    device = SimpleNamespace(empty=np.empty)
    for xp, size in ((np, 6_000_000), (device, 64_000_000)):
        assert Chunks(xp, 10**9, 8).images == size // 8
    chunks = Chunks(device, 1, 8)
    for _ in chunks:
        a = chunks.array((100, 2), np.float32)  # more than its memory would hold here
        assert (a.shape, a.dtype) == ((100, 2), np.float32)
    assert patches.kept == []
