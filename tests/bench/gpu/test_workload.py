"""The full workload has the sizes of the paper; the quick one is small."""

from __future__ import annotations

from minigan.bench.gpu.workload import FULL, QUICK


def test_the_full_workload_has_the_layers_of_the_paper_and_ragged_ones():
    widths = {(n, u) for _, n, u in FULL.blocks}
    assert {(100, 1200), (1200, 1200), (1200, 784), (784, 240), (240, 240)} <= widths
    assert any(n % 32 and u % 32 and m % 8 for m, n, u in FULL.blocks)
    assert {255, 256, 257} <= set(FULL.rows) & set(FULL.vectors)  # around a block of threads
    assert FULL.paper == (1.0, 28, 100)
    assert FULL.repeated == 100
    assert (FULL.batches, FULL.rounds) == ((32, 100, 256, 1024, 4096), 15)  # those of a CPU


def test_the_quick_workload_is_small_enough_for_an_interpreter():
    assert max(n * u for _, n, u in QUICK.blocks) < 1000
    assert QUICK.paper[0] < FULL.small[0] < FULL.paper[0]
    assert (QUICK.repeated, QUICK.launches, max(QUICK.batches)) < (10, 10, 10)
