"""What ranks exchange: sums in one order, rows, texts; and no wait without end."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from thread_ranks import Done, on_ranks

from minigan.errors import UserError
from minigan.system.ranks import ALONE, RankLost, Ranks


class Absent:
    """A communicator of two ranks, of which the other never answers."""

    def Get_rank(self) -> int:
        return 0

    def Get_size(self) -> int:
        return 2

    def Ialltoall(self, sendbuf: Any, recvbuf: Any) -> Any:
        return self

    Iallgather = Ialltoall

    def Test(self) -> bool:
        return False


@given(m=st.integers(1, 300), size=st.integers(1, 9))
def test_the_rows_of_all_ranks_are_those_of_the_minibatch(m: int, size: int) -> None:
    if m < size:
        with pytest.raises(UserError, match=rf"training\.m = {m} is less than the {size} ranks"):
            _rank(0, size).rows(m)
        return
    rows = [_rank(rank, size).rows(m) for rank in range(size)]
    assert [i for one in rows for i in one] == list(range(m))
    assert max(map(len, rows)) - min(map(len, rows)) <= 1


def _rank(rank: int, size: int) -> Ranks:
    class Numbered(Absent):
        def Get_rank(self) -> int:
            return rank

        def Get_size(self) -> int:
            return size

    return Ranks(Numbered())


@pytest.mark.parametrize("n", [1, 2, 3, 4, 7, 100])
def test_a_sum_is_added_in_the_order_of_the_ranks_with_the_same_bits_on_all(n: int) -> None:
    values = np.random.default_rng(n).standard_normal((4, n)).astype(np.float32)
    values[:, 0] = 1e8, 1, -1e8, 1  # in this order 1, in another order 2 or 0
    expected = ((values[0] + values[1]) + values[2]) + values[3]
    for found in on_ranks(4, lambda ranks: ranks.total(values[ranks.rank]).copy()):
        assert found.dtype == np.float32
        assert found.tobytes() == expected.tobytes()
    assert expected[0] == 1


def test_a_sum_counts_what_it_sends() -> None:
    def sent(ranks: Ranks) -> tuple[int, int]:
        for _ in range(2):
            ranks.total(np.ones(10))
        return ranks.messages, ranks.bytes

    # Two sums, each of two steps with 2 other ranks, to which 4 (10 / 3, up) float64 are sent.
    assert on_ranks(3, sent) == [(8, 2 * 2 * 2 * 4 * 8)] * 3


def test_rows_texts_and_arrays_of_all_ranks() -> None:
    whole = np.arange(14.0).reshape(7, 2)

    def exchanged(ranks: Ranks) -> Any:
        rows = ranks.rows(7)
        return (
            ranks.all_rows(whole[rows.start : rows.stop], 7),
            ranks.text_of_first("runs/größe-\udc80" if ranks.rank == 0 else "another"),
            ranks.all_of(np.array([ranks.rank, 5])).tolist(),
        )

    for rows, text, table in on_ranks(3, exchanged):
        np.testing.assert_array_equal(rows, whole)
        assert text == "runs/größe-\udc80"
        assert table == [[0, 5], [1, 5], [2, 5]]


def test_one_rank_exchanges_nothing() -> None:
    assert (ALONE.rank, ALONE.size, ALONE.local) == (0, 1, 0)
    assert ALONE.rows(5) == range(5)
    assert ALONE.text_of_first("a") == "a"
    assert [ALONE.stops(True), ALONE.stops(False)] == [True, False]
    np.testing.assert_array_equal(ALONE.total(np.arange(3.0)), np.arange(3.0))
    assert (ALONE.messages, ALONE.bytes, ALONE.stop_requested) == (0, 0, False)


def test_a_rank_that_does_not_answer_ends_the_wait_with_one_sentence() -> None:
    start = time.monotonic()
    with pytest.raises(RankLost, match=r"another rank has not answered for 0\.2 s: it has failed"):
        Ranks(Absent(), patience=0.2).total(np.ones(3))
    assert 0.2 <= time.monotonic() - start < 5


def test_while_a_rank_waits_a_signal_is_handled() -> None:
    class Interrupted(Absent):
        def Test(self) -> bool:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Ranks(Interrupted()).total(np.ones(3))


def test_a_request_is_tested_until_it_is_done(monkeypatch: pytest.MonkeyPatch) -> None:
    tests = []

    class Slow(Absent):
        def Test(self) -> bool:
            tests.append(1)
            return len(tests) >= 5 and Done().Test()

    naps: list[float] = []
    monkeypatch.setattr(time, "sleep", naps.append)
    Ranks(Slow()).all_of(np.ones(2))
    assert len(tests) == 5
    assert naps == [0] * 4  # at first without a pause
