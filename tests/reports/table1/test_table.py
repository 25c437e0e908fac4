"""The tables of records: a row for each run, with means and deviations between seeds."""

from __future__ import annotations

from dataclasses import replace

import tiny

from minigan.reports.table1 import table
from minigan.reports.table1.record import LogLikelihood, RunRecord, ScoredCheckpoint
from minigan.training import recipes

RECIPE = recipes.load("mnist-2014", ["log.monitor=parzen"])


def one(seed: int, LL: float, **changes: object) -> RunRecord:
    best = ScoredCheckpoint(5000, 10.0, LL + 3, 0.2)
    return replace(
        RunRecord(
            label=f"run-{seed}",
            name="mnist-2014",
            seed=seed,
            iterations=6000,
            epochs=12.0,
            seconds=630.0,
            ended="finished",
            curve=(best,),
            snapshot=best,
            test=LogLikelihood(LL, 2.0, 0.2154, False),
            finer=LogLikelihood(LL + 5, 2.0, 0.2, False),
            theta_g=None,
            warnings=(),
            recipe=RECIPE,
            environment={},
        ),
        **changes,
    )


def tables(*records: RunRecord) -> tuple[list[list[str]], list[list[str]]]:
    """The cells of both tables, without the headings."""
    configurations, runs = table.table_of_runs(records).split("\n\n")
    return tuple(
        [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines.splitlines()[2:]]
        for lines in (configurations, runs)
    )


def test_a_row_contains_the_numbers_of_the_run() -> None:
    ((number, departures),), (row,) = tables(one(7, 100.04))
    assert (number, departures) == ("1", "none: mnist-2014")
    assert row == [
        *("1", "run-7", "7", "12", "10", "10", "103.0"),
        *("100.0 ± 2.0 (0.215)", "105.0 ± 2.0 (0.200)", "", ""),
    ]


def test_several_seeds_of_a_configuration_have_a_row_with_mean_and_deviation() -> None:
    configurations, runs = tables(one(2, 110.0), one(1, 100.0), one(3, 120.0))
    assert len(configurations) == 1
    assert [row[1] for row in runs] == ["run-1", "run-2", "run-3", "**mean ± deviation of 3**"]
    assert runs[3][6:] == ["**113.0 ± 10.0**", "**110.0 ± 10.0**", "**115.0 ± 10.0**", "", ""]


def test_the_best_configuration_is_first_and_failures_are_last_with_remarks() -> None:
    faster = replace(RECIPE, optimizer=replace(RECIPE.optimizer, rate=0.2, rate_floor=0.0))
    diverging = replace(RECIPE, optimizer=replace(RECIPE.optimizer, rate=9.0))
    configurations, runs = tables(
        one(1, 0.0, test=None, snapshot=None, finer=None, ended="NaN at 7", recipe=diverging),
        one(1, 100.0),
        one(1, 150.0, recipe=faster, warnings=("odd",)),
    )
    assert [row[1] for row in configurations] == [
        "`optimizer.rate=0.2`, `optimizer.rate_floor=0`",
        "none: mnist-2014",
        "`optimizer.rate=9`",
    ]
    assert [row[0] for row in runs] == ["1", "2", "3"]
    assert [row[-1] for row in runs] == ["odd", "", "NaN at 7"]


def test_unfinished_runs_have_a_row_and_are_not_in_the_mean() -> None:
    longer = replace(RECIPE, training=replace(RECIPE.training, iterations=9))
    stopped = one(2, 110.0, recipe=longer, ended="stopped before 9")
    configurations, runs = tables(one(1, 100.0), stopped)
    assert len(configurations) == 1
    assert [row[1] for row in runs] == ["run-1", "run-2"]
    _, runs = tables(one(1, 100.0), stopped, one(3, 102.0))
    assert runs[-1][1] == "**mean ± deviation of 2**"
    assert runs[-1][7] == "**101.0 ± 1.4**"


def test_a_configuration_lists_all_settings_that_differ() -> None:
    text = table.configuration_text(one(1, 0.0, recipe=tiny.recipe()))
    assert "`data.set=digits`" in text
    assert "`generator.hidden=[7,5]`" in text


def test_a_remark_with_bars_and_line_breaks_stays_one_cell() -> None:
    _, (row,) = tables(one(1, 100.0, warnings=("one | two\nthree",), label="a|b"))
    assert (len(row), row[1], row[-1]) == (11, "a&#124;b", "one &#124; two three")
