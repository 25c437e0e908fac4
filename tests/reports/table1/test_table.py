"""The table of records: every run stands in it, means and deviations are those of its numbers."""

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
    """The cells of both tables, without their heads."""
    configurations, runs = table.table_of_runs(records).split("\n\n")
    return tuple(
        [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines.splitlines()[2:]]
        for lines in (configurations, runs)
    )


def test_a_row_tells_the_run() -> None:
    ((number, departures),), (row,) = tables(one(7, 100.04))
    assert (number, departures) == ("1", "nothing: mnist-2014")
    assert row == [
        *("1", "run-7", "7", "12", "10", "10", "103.0"),
        *("100.0 ± 2.0 (0.215)", "105.0 ± 2.0 (0.200)", "", ""),
    ]


def test_seeds_of_one_configuration_have_their_mean_and_the_deviation_between_them() -> None:
    configurations, runs = tables(one(2, 110.0), one(1, 100.0), one(3, 120.0))
    assert len(configurations) == 1
    assert [row[1] for row in runs] == ["run-1", "run-2", "run-3", "**mean ± deviation of 3**"]
    assert runs[3][6:] == ["**113.0 ± 10.0**", "**110.0 ± 10.0**", "**115.0 ± 10.0**", "", ""]


def test_the_best_configuration_comes_first_and_failures_last_with_their_words() -> None:
    faster = replace(RECIPE, optimizer=replace(RECIPE.optimizer, rate=0.2, rate_floor=0.0))
    wild = replace(RECIPE, optimizer=replace(RECIPE.optimizer, rate=9.0))
    configurations, runs = tables(
        one(1, 0.0, test=None, snapshot=None, finer=None, ended="NaN at 7", recipe=wild),
        one(1, 100.0),
        one(1, 150.0, recipe=faster, warnings=("odd",)),
    )
    assert [row[1] for row in configurations] == [
        "`optimizer.rate=0.2`, `optimizer.rate_floor=0`",
        "nothing: mnist-2014",
        "`optimizer.rate=9`",
    ]
    assert [row[0] for row in runs] == ["1", "2", "3"]
    assert [row[-1] for row in runs] == ["odd", "", "NaN at 7"]


def test_runs_that_did_not_finish_stand_with_their_configuration_and_not_in_its_mean() -> None:
    longer = replace(RECIPE, training=replace(RECIPE.training, iterations=9))
    stopped = one(2, 110.0, recipe=longer, ended="stopped before 9")
    configurations, runs = tables(one(1, 100.0), stopped)
    assert len(configurations) == 1
    assert [row[1] for row in runs] == ["run-1", "run-2"]
    _, runs = tables(one(1, 100.0), stopped, one(3, 102.0))
    assert runs[-1][1] == "**mean ± deviation of 2**"
    assert runs[-1][7] == "**101.0 ± 1.4**"


def test_a_configuration_that_has_nothing_of_the_published_one_is_told_setting_by_setting() -> None:
    words = table.words(one(1, 0.0, recipe=tiny.recipe()))
    assert "`data.set=digits`" in words
    assert "`generator.hidden=[7,5]`" in words
