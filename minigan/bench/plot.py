"""A picture of reports: the time of an iteration against the minibatch size and against the width.

    time / m     of minigan, its limit, PyTorch and JAX, from the tables "iteration" and "peers" of
                 each report: one iteration of algorithm1, per example of its minibatch
    time / m     the same of each recipe for CIFAR-10, from "iteration for images" and "peers for
                 images"; a recipe that was measured at one m only is a point
    time         of minigan for each width, from the table "growth by size"
    crossover    the m from which another line is below that of minigan in the first report, where
                 the straight lines between the points cross, if they do

Matplotlib is needed: the extra `plot`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from minigan.bench.iteration import DRAWN, GIVEN, LIMIT, PRODUCTS
from minigan.bench.tables import Measurements
from minigan.errors import UserError
from minigan.reports.figures import plots

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

UPDATE_ORDER = "algorithm1"
LEFT_OUT = (GIVEN, PRODUCTS)
COLOURS = (plots.BLUE, plots.ORANGE, plots.GREEN, "#7f7f7f", "#cc79a7", "#56b4e9", "#8c564b")


@dataclass(frozen=True)
class TimeLine:
    """The times `ms` of one implementation at increasing sizes `x`: minibatch sizes or widths.

    `report` is the name of its report, and `name` that of the implementation.
    """

    report: str
    name: str
    x: tuple[float, ...]
    ms: tuple[float, ...]


def times_by_m(report: str, measured: Measurements) -> list[TimeLine]:
    """The times / m over the minibatch size m, minigan first.

    If minigan was timed together with its peers, these times are used: the same rounds.
    """
    rows: dict[str, dict[float, float]] = {}
    for row in _rows(measured, "iteration"):
        if row["schedule"] == UPDATE_ORDER and row["what"] not in LEFT_OUT:
            _add(rows, str(row["what"]), row)
    for row in _rows(measured, "peers"):
        if row["schedule"] == UPDATE_ORDER and row["random numbers"] == "drawn":
            _add(rows, DRAWN if row["who"] == "minigan" else str(row["who"]), row)
    return _lines(report, rows)


def times_of_recipes(report: str, measured: Measurements) -> list[TimeLine]:
    """The times / m of each recipe for CIFAR-10: of minigan under its name, its limit, its peers.

    As in `times_by_m`, the times of minigan beside its peers are used if there are any.
    """
    rows: dict[str, dict[float, float]] = {}
    for row in _rows(measured, "iteration for images"):
        if row["what"] not in LEFT_OUT:
            _add(rows, _name(row["recipe"], "" if row["what"] == DRAWN else row["what"]), row)
    for row in _rows(measured, "peers for images"):
        if row["random numbers"] == "drawn":
            _add(rows, _name(row["recipe"], "" if row["who"] == "minigan" else row["who"]), row)
    return _lines(report, rows, fewest=1)


def times_by_width(report: str, measured: Measurements) -> list[TimeLine]:
    """The line of minigan over the width, at the minibatch size that has most widths."""
    sizes: dict[str, dict[float, float]] = {}
    for row in _rows(measured, "growth by size"):
        sizes.setdefault(f"m = {row['m']}", {})[_number(row["width"])] = _number(row["median"])
    most = max(sizes, key=lambda m: len(sizes[m]), default="")
    return _lines(report, {most: sizes[most]} if most else {})


def crossover(minigan: TimeLine, other: TimeLine) -> float | None:
    """The size x from which `other` is faster than `minigan`.

    None if it is slower at the largest common size, or faster at all of them. Between two common
    sizes, log(time) is taken as linear in log(x). Only the last change counts: from there on,
    `other` is faster at every common size.
    """
    common = sorted(set(minigan.x) & set(other.x))
    ratio = [math.log(other.ms[other.x.index(x)] / minigan.ms[minigan.x.index(x)]) for x in common]
    if not common or ratio[-1] >= 0:
        return None
    for i in range(len(common) - 1, 0, -1):
        if ratio[i - 1] >= 0:
            share = ratio[i - 1] / (ratio[i - 1] - ratio[i])
            return math.exp(math.log(common[i - 1]) * (1 - share) + math.log(common[i]) * share)
    return None


def draw_reports(reports: Mapping[str, Measurements], suffix: str) -> bytes:
    """The content of a .png, .svg or .pdf file with the reports; the keys are their names.

    Raises UserError if no report has two minibatch sizes or two widths.
    """
    panels = [
        (lines, labels)
        for times, *labels in (
            (times_by_m, "minibatch size m", "one iteration / m, ms"),
            (times_of_recipes, "minibatch size m, CIFAR-10", "one iteration / m, ms"),
            (times_by_width, "width of the hidden layers", "one iteration, ms"),
        )
        if (lines := [line for item in reports.items() for line in times(*item)])
    ]
    if not panels:
        raise UserError(
            "a plot needs the times of two minibatch sizes or two widths: measure the topics "
            "iteration and growth"
        )

    def fill(figure: Figure) -> None:
        every = plots.row_of_axes(figure, len(panels))
        for axes, (lines, (across, up)) in zip(every, panels, strict=True):
            _draw(axes, lines, list(reports))
            axes.set_xlabel(across)
            axes.set_ylabel(up)

    size = (5.4 * len(panels), 5.4)
    return plots.drawn(fill, suffix, figsize=size, layout="constrained")


def _draw(axes: Axes, lines: Sequence[TimeLine], reports: Sequence[str]) -> None:
    names = list(dict.fromkeys(map(_colour_name, lines)))
    first = next((line for line in lines if line.name == DRAWN), None)
    for line in lines:
        limit = line.name.endswith(LIMIT)
        label = f"{line.report}: {line.name}" if len(reports) > 1 else line.name
        cross = None if limit or first is None or line is first else crossover(first, line)
        if cross is not None:
            label += f" (faster from {cross:,.0f})"
        axes.plot(
            line.x,
            line.ms,
            color=COLOURS[names.index(_colour_name(line)) % len(COLOURS)],
            linestyle=":" if limit else ("-", "--", "-.")[reports.index(line.report) % 3],
            marker="" if limit and len(line.x) > 1 else "os^D"[reports.index(line.report) % 4],
            markersize=4,
            label=label,
        )
    ticks = sorted({x for line in lines for x in line.x})
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(ticks, [f"{x:g}" for x in ticks])
    axes.set_xticks([], minor=True)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_formatter("{x:g}")
    plots.name_lines(axes)


def _colour_name(line: TimeLine) -> str:
    """A recipe and its limit have one colour."""
    return line.name.removesuffix(f": {LIMIT}")


def _rows(measured: Measurements, name: str) -> list[dict[str, object]]:
    """The rows of a table as {column: value}; none if the report has no such table."""
    return [
        dict(zip((column.name for column in table.columns), row, strict=True))
        for table in measured.tables
        if table.name == name
        for row in table.rows
    ]


def _add(rows: dict[str, dict[float, float]], name: str, row: Mapping[str, object]) -> None:
    """Add the time of a row, divided by its m."""
    m = _number(row["m"])
    rows.setdefault(name, {})[m] = _number(row["median"]) / m


def _name(recipe: object, what: object) -> str:
    """The name of the line of a recipe: the recipe alone for minigan itself."""
    return f"{recipe}: {what}" if what else str(recipe)


def _lines(
    report: str, rows: Mapping[str, Mapping[float, float]], fewest: int = 2
) -> list[TimeLine]:
    """The lines with at least so many points."""
    ordered = {
        name: sorted(points.items()) for name, points in rows.items() if len(points) >= fewest
    }
    return [TimeLine(report, name, *zip(*points, strict=True)) for name, points in ordered.items()]


def _number(value: object) -> float:
    """The value of a size or a time. Raises UserError if a report has something else there."""
    if isinstance(value, int | float) and value > 0:
        return float(value)
    raise UserError(f"a report has {value!r} where a positive number belongs: measure again")
