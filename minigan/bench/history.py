"""The history of the benchmark: the ratios to the limit in the reports of several commits.

    ratio of an iteration    time of minigan / time of its limit, from the column "/ limit"
    ratio of a kind of layer geometric mean of time / limit over its rows, from the columns of both
    ratio of a commit        median of the ratios in its reports ± half their range

Both times of a ratio are measured in turn, so ratios of two reports can be compared where times
cannot: a busy machine slows down both.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from minigan.bench.iteration import DRAWN
from minigan.bench.plot import COLOURS
from minigan.bench.tables import Measurements, Table, TableRow, markdown_table, read
from minigan.errors import UserError
from minigan.reports.figures import plots

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MINIGAN = (DRAWN, "minigan")  # labels of the rows of minigan
LAYERS = "layers"  # the tables whose names begin with it have one row for each pass of a layer
SHOWN = 7  # letters of a commit


def read_history(folder: Path) -> list[Measurements]:
    """The reports in the folder, in the order of their commits and of their dates.

    Raises UserError if there is none, or if one does not name its commit.
    """
    reports = []
    for file in sorted(folder.glob("*.json")):
        report = read(file)
        if not {"commit", "committed"} <= set(report.environment):
            raise UserError(f"{file} does not name its commit: measure again in a clone of minigan")
        reports.append(report)
    if not reports:
        raise UserError(f"{folder} has no reports (.json): write them with minigan bench --json")
    return sorted(reports, key=lambda one: (str(one.environment["committed"]), one.date))


def ratios(report: Measurements) -> dict[tuple[str, str], float]:
    """{(name of a table, row): ratio to the limit}, for the tables that have a limit."""
    found: dict[tuple[str, str], float] = {}
    for table in report.tables:
        names = [column.name for column in table.columns]
        if table.name.startswith(LAYERS):
            found |= {(table.name, kind): mean for kind, mean in _by_kind(table).items()}
        elif "/ limit" in names and "what" in names:
            for row in table.rows:
                what, ratio = row[names.index("what")], row[names.index("/ limit")]
                if what in MINIGAN and isinstance(ratio, float):
                    found[table.name, _label(table, row)] = ratio
    return found


def ratios_by_commit(
    reports: Sequence[Measurements],
) -> dict[str, dict[tuple[str, str], list[float]]]:
    """{commit: {key of `ratios`: the ratios in its reports}}, in the order of the reports."""
    found: dict[str, dict[tuple[str, str], list[float]]] = {}
    for report in reports:
        of_commit = found.setdefault(commit_name(report), {})
        for key, ratio in ratios(report).items():
            of_commit.setdefault(key, []).append(ratio)
    return found


def history_table(reports: Sequence[Measurements]) -> str:
    """Markdown: what was measured when and where, and a table of ratios for each topic."""
    columns = ratios_by_commit(reports)
    keys, parts = _keys(columns), ["\n".join(_sources(reports))]
    for topic in dict.fromkeys(name for name, _ in keys):
        rows = [
            (row, *(_cell(column.get((name, row), [])) for column in columns.values()))
            for name, row in keys
            if name == topic
        ]
        parts.append(markdown_table([f"{topic}: time / limit", *columns], rows))
    return "\n\n".join(parts) + "\n"


def draw_history(reports: Sequence[Measurements], suffix: str) -> bytes:
    """The content of a .png, .svg or .pdf file: a panel for each table, a line for each row."""
    columns = ratios_by_commit(reports)
    keys = _keys(columns)
    panels = list(dict.fromkeys(name for name, _ in keys))
    if not panels:
        raise UserError("the reports have no ratio to a limit: measure layers or iteration")

    def fill(figure: Figure) -> None:
        every = plots.row_of_axes(figure, len(panels))
        for axes, panel in zip(every, panels, strict=True):
            rows = [row for name, row in keys if name == panel]
            for row, colour in zip(rows, COLOURS * len(rows), strict=False):
                points = [
                    (i, median(found), median(found) - min(found), max(found) - median(found))
                    for i, column in enumerate(columns.values())
                    if (found := column.get((panel, row)))
                ]
                x, middle, below, above = zip(*points, strict=True)
                axes.errorbar(
                    *(x, middle, (below, above)),
                    fmt="o-",
                    color=colour,
                    markersize=4,
                    linewidth=1.2,
                    label=row,
                )
            axes.set_xticks(range(len(columns)), list(columns))
            axes.set_xlabel(f"commit ({panel})")
            axes.set_ylabel("time / limit")
            axes.set_ylim(bottom=0)
            plots.name_lines(axes)

    size = (4.4 * len(panels), 5.4)
    return plots.drawn(fill, suffix, figsize=size, layout="constrained")


def commit_name(report: Measurements) -> str:
    """The first letters of the commit, with a + if minigan had been changed since."""
    name, _, changed = str(report.environment["commit"]).partition(" ")
    return name[:SHOWN] + ("+" if changed else "")


def _sources(reports: Sequence[Measurements]) -> list[str]:
    """A line for each commit: its date, and where, when and beside which load it was measured."""
    by_commit: dict[str, list[Measurements]] = {}
    for report in reports:
        by_commit.setdefault(commit_name(report), []).append(report)
    lines = []
    for name, group in by_commit.items():
        facts = [one.environment for one in group]
        loads = ", ".join(str(one.get("load", "?")).split(" ")[0] for one in facts)
        places = {f"{one.get('processor')}, threads: {one.get('threads')}" for one in facts}
        lines.append(
            f"- {name} of {str(facts[0]['committed'])[:10]}, measured {group[0].date[:10]} on "
            f"{'; '.join(sorted(places))}; load {loads}"
        )
    return lines


def _cell(ratios: Sequence[float]) -> str:
    """The median, and half the distance from the smallest to the largest: "1.20 ± 0.15"."""
    if not ratios:
        return ""
    half = (max(ratios) - min(ratios)) / 2
    return f"{median(ratios):.2f}" + (f" ± {half:.2f}" if len(ratios) > 1 else "")


def _keys(columns: Mapping[str, Mapping[tuple[str, str], list[float]]]) -> list[tuple[str, str]]:
    """The rows that any commit has."""
    return list(dict.fromkeys(key for column in columns.values() for key in column))


def _label(table: Table, row: TableRow) -> str:
    """The values of the key columns but "what": "algorithm1, m = 100"."""
    return ", ".join(
        f"{column.name} = {value:,}" if isinstance(value, int) else str(value)
        for value, column in zip(row, table.columns, strict=True)
        if column.key and column.name != "what"
    )


def _by_kind(table: Table) -> dict[str, float]:
    """{kind of layer: geometric mean of time / limit}; "D linear2" is of the kind "linear"."""
    logarithms: dict[str, list[float]] = {}
    columns = (table.column(name) for name in ("layer", "median", "limit"))
    for layer, time, limit in zip(*columns, strict=True):
        if isinstance(time, float) and isinstance(limit, float) and time > 0 and limit > 0:
            kind = re.sub(r"^[GD] |\d+$", "", str(layer))
            logarithms.setdefault(kind, []).append(math.log(time / limit))
    return {kind: math.exp(sum(logs) / len(logs)) for kind, logs in logarithms.items()}
