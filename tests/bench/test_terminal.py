"""The report on a terminal: aligned, 80 columns, noisy rows marked."""

from __future__ import annotations

from minigan import bench
from minigan.bench.tables import TIMES, Column, Measurements, Table
from minigan.bench.terminal import terminal_text

COLUMNS = (
    Column("m", key=True, narrow=True),
    Column("what", key=True, narrow=True),
    *TIMES,
    Column("check"),
    Column("/ limit", narrow=True),
)
QUIET = (100, "given", 12.3456, 12.0, 12.9, 11.0, 20.0, "a reference", 1.25)
NOISY = (4096, "products", 1000.0, 900.0, 1200.0, 800.0, 2000.0, None, None)
TABLE = Table("iteration", "One iteration", COLUMNS, (QUIET, NOISY))
REPORT = Measurements("2026-01-02", {"processor": "abacus", "threads": 2}, (TABLE,))


def test_the_narrow_columns_are_aligned_and_a_noisy_median_has_a_star() -> None:
    assert terminal_text(REPORT).splitlines()[:8] == [
        "Measured 2026-01-02",
        "",
        "processor: abacus; threads: 2",
        "",
        "One iteration",
        "",
        "    m  what      median, ms  / limit",
        "  100  given         12.3       1.25",
    ]
    assert terminal_text(REPORT).splitlines()[8] == "4,096  products     1,000 *"


def test_a_row_is_noisy_if_its_quartiles_are_a_quarter_of_the_median_apart() -> None:
    assert [TABLE.noisy(row) for row in TABLE.rows] == [False, True]
    assert not TABLE.noisy((*QUIET[:3], 10.9, 13.9, *QUIET[5:]))  # 3.0 of 12.3456
    assert TABLE.noisy((*QUIET[:3], 10.8, 13.9, *QUIET[5:]))  # 3.1
    assert "only the fastest round is useful: 4,096 products." in REPORT.to_markdown()
    assert not Table("x", "x", (Column("m", key=True),), ((3,),)).noise()


def test_every_table_of_the_benchmark_fits_80_columns() -> None:
    text = terminal_text(bench.run(bench.TOPICS, "quick", threads=1, rounds=1))
    assert "median" in text
    assert max(map(len, text.splitlines())) <= 80
