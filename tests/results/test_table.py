"""The table of records: every run stands in it, means and deviations are those of its numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import tiny

from minigan import recipes
from minigan.results import table
from minigan.results.record import LogLikelihood, Record, Snapshot

RECIPE = recipes.load("mnist-2014", ["log.monitor=parzen"])


def one(seed: int, LL: float, **changes: object) -> Record:
    best = Snapshot(5000, 10.0, LL + 3, 0.2)
    return replace(
        Record(
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


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("|")[1:-1]]


def test_a_row_tells_the_run() -> None:
    row = cells(table.markdown([one(7, 100.04)]).splitlines()[2])
    assert row == [
        *("mnist-2014, as published", "7", "12", "10", "10", "103.0"),
        *("100.0 ± 2.0 (0.215)", "105.0 ± 2.0 (0.200)", "", ""),
    ]


def test_seeds_of_one_configuration_have_their_mean_and_the_deviation_between_them() -> None:
    lines = table.markdown([one(2, 110.0), one(1, 100.0), one(3, 120.0)]).splitlines()
    assert [cells(line)[1] for line in lines[2:5]] == ["1", "2", "3"]
    assert cells(lines[5])[0].startswith("**mean of 3 seeds")
    assert cells(lines[5])[5:] == [
        "**113.0 ± 10.0**",
        "**110.0 ± 10.0**",
        "**115.0 ± 10.0**",
        "",
        "",
    ]
    assert len(lines) == 6


def test_the_best_configuration_comes_first_and_failures_last_with_their_words() -> None:
    faster = replace(RECIPE, optimizer=replace(RECIPE.optimizer, rate=0.2, rate_floor=0.0))
    wild = replace(RECIPE, optimizer=replace(RECIPE.optimizer, rate=9.0))
    told = table.markdown(
        [
            one(1, 0.0, test=None, snapshot=None, finer=None, ended="NaN at 7", recipe=wild),
            one(1, 100.0),
            one(1, 150.0, recipe=faster, warnings=("odd",)),
        ]
    ).splitlines()[2:]
    assert [cells(line)[0] for line in told] == [
        *(
            "optimizer.rate = 0.2, optimizer.rate_floor = 0",
            "mnist-2014, as published",
            "optimizer.rate = 9",
        )
    ]
    assert [cells(line)[-1] for line in told] == ["odd", "", "NaN at 7"]


def test_runs_of_different_length_are_no_seeds_of_one_configuration() -> None:
    longer = replace(RECIPE, training=replace(RECIPE.training, iterations=9))
    told = table.markdown([one(1, 100.0), one(2, 110.0, recipe=longer)])
    assert "mean" not in told
    assert math.isclose(len(told.splitlines()), 4)


def test_a_configuration_that_has_nothing_of_the_published_one_is_told_setting_by_setting() -> None:
    recipe = tiny.recipe()
    words = table.words(one(1, 0.0, recipe=recipe))
    assert "data.set = digits" in words
    assert "generator.hidden = (7, 5)" in words
