"""Markdown tables of records: the configurations, best first, and one row for each run.

A configuration with several finished seeds gets an additional row with the mean of the scores and
the standard deviation between seeds. The standard error of a single score does not include this
variation.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence

from minigan.reports.table1.record import FINISHED, PUBLISHED, LogLikelihood, RunRecord
from minigan.system.text import table_cell

CONFIGURATIONS = "| no. | settings that differ from the published configuration |\n|---|---|"
RUNS = (
    "| no. | record | seed | epochs | minutes | snapshot at epoch | validation LL | test LL |"
    " test LL, finer sigma | test LL without average | remarks |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|"
)


def table_of_runs(records: Iterable[RunRecord]) -> str:
    """Both tables for all records, including failed runs. The best configuration is first."""
    configurations, runs = [CONFIGURATIONS], [RUNS]
    for number, group in enumerate(_groups(records), start=1):
        configurations.append(f"| {number} | {configuration_text(group[0])} |")
        runs += [_row(number, record) for record in group]
        finished = [record for record in group if record.ended == FINISHED]
        if len(_scores(finished)) > 1:
            runs.append(_mean_row(number, finished))
    return "\n".join([*configurations, "", *runs])


def configuration_text(record: RunRecord) -> str:
    """The settings that differ from the published configuration, as Markdown."""
    if not record.departures:
        return f"none: {PUBLISHED}"
    return ", ".join(f"`{key}={_value(value)}`" for key, value in record.departures.items())


def _groups(records: Iterable[RunRecord]) -> list[list[RunRecord]]:
    groups: dict[str, list[RunRecord]] = {}
    for record in sorted(records, key=lambda one: (one.seed, one.label)):
        groups.setdefault(configuration_text(record), []).append(record)
    return sorted(groups.values(), key=_mean_LL, reverse=True)


def _mean_LL(group: Sequence[RunRecord]) -> float:
    return statistics.mean(_scores(group)) if _scores(group) else float("-inf")


def _scores(group: Sequence[RunRecord]) -> list[float]:
    return [record.test.LL for record in group if record.test]


def _row(number: int, one: RunRecord) -> str:
    best = one.snapshot
    cells = (
        str(number),
        one.label,
        str(one.seed),
        f"{one.epochs:.0f}",
        f"{one.seconds / 60:.0f}",
        f"{best.epoch:.0f}" if best else "",
        f"{best.validation_LL:.1f}" if best else "",
        _score_text(one.test),
        _score_text(one.finer),
        _score_text(one.theta_g),
        "; ".join(_remarks(one)),
    )
    return f"| {' | '.join(map(table_cell, cells))} |"


def _remarks(one: RunRecord) -> Iterator[str]:
    if one.ended != FINISHED:
        yield one.ended
    yield from one.warnings


def _mean_row(number: int, group: Sequence[RunRecord]) -> str:
    cells = [str(number), f"**mean ± deviation of {len(group)}**", *[""] * 4]
    validation = [one.snapshot.validation_LL for one in group if one.snapshot]
    cells.append(_mean_and_deviation(validation))
    for kind in ("test", "finer", "theta_g"):
        scores = [score.LL for one in group if (score := getattr(one, kind))]
        cells.append(_mean_and_deviation(scores))
    return f"| {' | '.join([*cells, ''])} |"


def _mean_and_deviation(values: Sequence[float]) -> str:
    if len(values) < 2:
        return ""
    return f"**{statistics.mean(values):.1f} ± {statistics.stdev(values):.1f}**"


def _score_text(score: LogLikelihood | None) -> str:
    return f"{score.LL:.1f} ± {score.error:.1f} ({score.sigma:.3f})" if score else ""


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{','.join(map(str, value))}]"
    return f"{value:.9g}" if isinstance(value, float) else str(value)
