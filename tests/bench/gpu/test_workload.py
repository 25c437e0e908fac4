"""A verification has the paper's sizes; a quick one asks the same in small."""

from __future__ import annotations

from minigan.bench.gpu.workload import FULL, QUICK


def test_the_full_extent_has_the_papers_layers_and_ragged_ones():
    widths = {(n, u) for _, n, u in FULL.blocks}
    assert {(100, 1200), (1200, 1200), (1200, 784), (784, 240), (240, 240)} <= widths
    assert any(n % 32 and u % 32 and m % 8 for m, n, u in FULL.blocks)
    assert {255, 256, 257} <= set(FULL.rows) & set(FULL.vectors)  # around a block of threads
    assert FULL.played == (1.0, 28, 100)
    assert FULL.repeated == 100
    assert FULL.batches == (32, 100, 128, 512, 1024, 4096)


def test_the_quick_extent_is_small_enough_for_an_interpreter():
    assert max(n * u for _, n, u in QUICK.blocks) < 1000
    assert QUICK.played[0] < FULL.small[0] < FULL.played[0]
    assert (QUICK.repeated, QUICK.launches, max(QUICK.batches)) < (10, 10, 10)
