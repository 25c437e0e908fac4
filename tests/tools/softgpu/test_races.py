"""Race detection for pairs of accesses, with tags of 2 blocks of 4 threads."""

from __future__ import annotations

import numpy as np
import pytest

from softgpu.faults import Race
from softgpu.races import Races

KINDS = ("read", "write", "atomic")


def tag(block: int, thread: int, epoch: int = 0) -> int:
    return (epoch * 2 + block) * 5 + thread


def access(races: Races, kind: str, who: int, *, offset: int = 0, size: int = 4) -> None:
    getattr(races, kind)(np.array([offset]), size, np.array([who]))


@pytest.mark.parametrize("first", KINDS)
@pytest.mark.parametrize("second", KINDS)
def test_two_accesses_race_unless_both_read_or_both_are_atomic_or_a_barrier_is_between(
    first: str, second: str
) -> None:
    harmless = first == second != "write"
    for other, ordered in {
        tag(0, 1): True,  # the same thread
        tag(0, 1, epoch=1): True,
        tag(0, 2): False,
        tag(0, 2, epoch=1): True,
        tag(1, 1): False,
        tag(1, 1, epoch=1): False,  # the barrier of another block
    }.items():
        races = Races(4, blocks=2, threads=4)
        access(races, first, tag(0, 1))
        if ordered or harmless:
            access(races, second, other)
        else:
            with pytest.raises(Race):
                access(races, second, other)


@pytest.mark.parametrize("second", [tag(0, 2), tag(1, 1)])
@pytest.mark.parametrize("kind", ["read", "atomic"])
def test_an_access_is_remembered_when_another_thread_comes_later(kind: str, second: int) -> None:
    for writer in (tag(0, 1), second):
        races = Races(4, blocks=2, threads=4)
        access(races, kind, tag(0, 1))
        access(races, kind, second)
        with pytest.raises(Race):
            access(races, "write", writer)


def test_cells_become_finer_where_a_narrow_access_comes() -> None:
    races = Races(16, blocks=2, threads=4)
    access(races, "write", tag(0, 1), offset=4)
    access(races, "write", tag(0, 2), offset=9, size=1)
    access(races, "write", tag(0, 3), offset=8, size=1)
    for mine in (4, 7):
        with pytest.raises(Race):
            access(races, "read", tag(0, 0), offset=mine, size=1)
    access(races, "read", tag(0, 0), offset=0, size=4)
    for wide in (8, 4):
        with pytest.raises(Race):
            access(races, "read", tag(0, 3), offset=16 - wide - (wide == 4) * 4, size=wide)


def test_readers_of_one_step_are_joined_whatever_their_order() -> None:
    for lanes in ([0, 1, 4], [0, 4, 5], [4, 0, 1], [0, 1]):  # threads 0-3 are block 0, 4-7 block 1
        races = Races(4, blocks=2, threads=4)
        tags = np.array([lane // 4 * 5 + lane % 4 for lane in lanes])
        races.read(np.zeros(len(lanes), int), 4, tags)
        for later in (0, 5):  # after a barrier, the first thread of either block
            ordered = {lane // 4 for lane in lanes} == {later // 5}
            now = np.array([2 * 5 + later])
            if ordered:
                races.write(np.zeros(1, int), 4, now)
                break
            with pytest.raises(Race):
                races.write(np.zeros(1, int), 4, now)
