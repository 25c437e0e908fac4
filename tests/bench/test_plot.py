"""The picture of reports: its lines, and the size from which another line is faster."""

from __future__ import annotations

import math

import pytest

from minigan.bench.plot import (
    TimeLine,
    crossover,
    draw_reports,
    times_by_m,
    times_by_width,
    times_of_recipes,
)
from minigan.bench.tables import Column, Measurements, Table
from minigan.errors import UserError

ITERATION = tuple(map(Column, ("schedule", "m", "what", "median")))
PEERS = tuple(map(Column, ("schedule", "m", "random numbers", "who", "median")))
IMAGES = tuple(map(Column, ("recipe", "m", "what", "median")))
IMAGE_PEERS = tuple(map(Column, ("recipe", "m", "random numbers", "who", "median")))
GROWTH = tuple(map(Column, ("m", "width", "median")))


def report(*tables: Table) -> Measurements:
    return Measurements("2026-01-02", {}, tables)


def iteration(*times: float, what: str = "minigan, drawn") -> Table:
    rows = tuple(("algorithm1", m, what, ms) for m, ms in zip((10, 40), times, strict=False))
    other = (("simultaneous", 10, what, 7.0), ("algorithm1", 10, "minigan, given", 7.0))
    return Table("iteration", "", ITERATION, (*rows[::-1], *other, ("algorithm1", 10, "x", 1.0)))


def test_the_times_of_an_iteration_are_divided_by_m_and_sorted() -> None:
    (line,) = times_by_m("a", report(iteration(30.0, 80.0)))
    assert line == TimeLine("a", "minigan, drawn", (10, 40), (3.0, 2.0))


def test_minigan_beside_its_peers_replaces_minigan_alone() -> None:
    rows = [
        ("algorithm1", 10, "drawn", "minigan", 20.0),
        ("algorithm1", 40, "drawn", "minigan", 40.0),
        ("algorithm1", 10, "drawn", "torch", 10.0),
        ("algorithm1", 40, "drawn", "torch", 80.0),
        ("algorithm1", 40, "given", "torch", 1.0),
        ("simultaneous", 40, "drawn", "torch", 1.0),
    ]
    found = times_by_m("a", report(iteration(30.0, 80.0), Table("peers", "", PEERS, tuple(rows))))
    assert [(line.name, line.ms) for line in found] == [
        ("minigan, drawn", (2.0, 1.0)),
        ("torch", (1.0, 2.0)),
    ]


def images(*rows: tuple[str, int, str, float]) -> Table:
    return Table("iteration for images", "", IMAGES, rows)


def test_each_recipe_for_images_has_its_line_its_limit_and_its_peers() -> None:
    rows = (
        ("fc", 40, "minigan, drawn", 80.0),
        ("fc", 10, "minigan, drawn", 30.0),
        *(("fc", 10, "minigan, given", 7.0), ("fc", 10, "products", 7.0)),
        ("fc", 10, "limit", 10.0),
        ("conv", 10, "minigan, drawn", 300.0),
    )
    found = times_of_recipes("a", report(images(*rows)))
    assert [(line.name, line.x, line.ms) for line in found] == [
        ("fc", (10, 40), (3.0, 2.0)),
        ("fc: limit", (10,), (1.0,)),
        ("conv", (10,), (30.0,)),
    ]
    peers = (
        *(("fc", 10, "drawn", "minigan", 20.0), ("fc", 10, "drawn", "torch", 40.0)),
        ("fc", 10, "given", "torch", 1.0),
    )
    beside = report(images(*rows[1:2]), Table("peers for images", "", IMAGE_PEERS, peers))
    assert [(line.name, line.ms) for line in times_of_recipes("a", beside)] == [
        ("fc", (2.0,)),
        ("fc: torch", (4.0,)),
    ]


def test_the_networks_for_images_have_a_panel_of_their_own_without_a_crossover() -> None:
    # The networks for images are faster per example at m = 40, slower at 10.
    fast = images(("fc", 10, "minigan, drawn", 60.0), ("fc", 40, "minigan, drawn", 4.0))
    svg = draw_reports({"a": report(iteration(30.0, 80.0), fast)}, ".svg").decode()
    assert "<!-- fc -->" in svg
    assert "<!-- minibatch size m, CIFAR-10 -->" in svg
    assert "faster from" not in svg
    assert "CIFAR-10" not in draw_reports({"a": report(iteration(30.0, 80.0))}, ".svg").decode()


def test_the_widths_are_those_of_the_minibatch_size_with_most_widths() -> None:
    rows = ((32, 1.0, 5.0), (100, 1.0, 9.0), (100, 0.5, 4.0), (1024, 1.0, 90.0))
    found = times_by_width("a", report(Table("growth by size", "", GROWTH, rows)))
    assert found == [TimeLine("a", "m = 100", (0.5, 1.0), (4.0, 9.0))]
    assert times_by_width("a", report()) == []


def line(*ms: float) -> TimeLine:
    return TimeLine("", "", (10.0, 100.0, 1000.0)[: len(ms)], ms)


@pytest.mark.parametrize(
    ("other", "size"),
    [
        ((2.0, 0.5, 0.1), math.sqrt(1000)),  # log 2 and -log 2: half way from 10 to 100
        ((2.0, 0.5, 1.5), None),  # slower again at the largest size
        ((0.5, 2.0, 0.5), math.sqrt(1e5)),  # the last change counts
        ((0.5, 0.5, 0.5), None),  # faster everywhere: no change
        ((1.0, 0.5, 0.5), 10.0),  # equal at the smallest size
        ((2.0, 0.25), 10 * 10 ** (1 / 3)),  # log 2 and -2 log 2: a third of the way
    ],
)
def test_the_crossover_is_where_the_straight_lines_of_the_logarithms_cross(
    other: tuple[float, ...], size: float | None
) -> None:
    found = crossover(line(1.0, 1.0, 1.0), line(*other))
    assert found == (size if size is None else pytest.approx(size))


def test_lines_without_a_common_size_do_not_cross() -> None:
    assert crossover(line(1.0), TimeLine("", "", (7.0,), (0.5,))) is None


def test_the_picture_names_every_report_and_the_crossover() -> None:
    limit = iteration(1.0, 2.0, what="limit")
    both = Table("iteration", "", ITERATION, (*iteration(60.0, 40.0).rows, *limit.rows))
    gpu = report(both)
    reports = {"cpu": report(iteration(30.0, 80.0)), "gpu": gpu}
    svg = draw_reports(reports, ".svg").decode()
    # 6 and 1 per example, compared with 3 and 2: the logarithms cross in the middle of 10 and 40.
    for label in ("cpu: minigan, drawn", "gpu: minigan, drawn (faster from 20)", "gpu: limit"):
        assert f"<!-- {label} -->" in svg
    alone = draw_reports({"cpu": reports["cpu"]}, ".svg").decode()
    assert "<!-- minigan, drawn -->" in alone


def test_a_report_with_one_size_is_refused() -> None:
    with pytest.raises(UserError, match="needs the times of two minibatch sizes or two widths"):
        draw_reports({"a": report(iteration())}, ".png")


@pytest.mark.parametrize("value", [None, "fast", 0.0])
def test_a_time_that_is_not_a_positive_number_is_refused(value: float | str | None) -> None:
    table = Table("iteration", "", ITERATION, (("algorithm1", 10, "minigan, drawn", value),))
    with pytest.raises(UserError, match="where a positive number belongs"):
        times_by_m("a", report(table))
