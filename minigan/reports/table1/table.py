"""Records as tables in Markdown: the configurations, best first, and one row for each run.

A configuration with several finished seeds gets a row of its own: the mean of their scores, and the
standard deviation between them, which the standard error of one score does not hold.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence

from minigan.reports.table1.record import FINISHED, PUBLISHED, LogLikelihood, RunRecord

CONFIGURATIONS = "| no. | what is not as published |\n|---|---|"
RUNS = (
    "| no. | record | seed | epochs | minutes | snapshot at epoch | validation LL | test LL |"
    " finer sigma | theta_g itself | remarks |\n"
    "|---|---|---|---|---|---|---|---|---|---|---|"
)


def table_of_runs(records: Iterable[RunRecord]) -> str:
    """Both tables of all records, best configuration first; failures stand in them too."""
    configurations, runs = [CONFIGURATIONS], [RUNS]
    for number, group in enumerate(_groups(records), start=1):
        configurations.append(f"| {number} | {words(group[0])} |")
        runs += [_row(number, record) for record in group]
        finished = [record for record in group if record.ended == FINISHED]
        if len(_scores(finished)) > 1:
            runs.append(_mean(number, finished))
    return "\n".join([*configurations, "", *runs])


def words(record: RunRecord) -> str:
    """The configuration in words: what is not as published."""
    if not record.departures:
        return f"nothing: {PUBLISHED}"
    return ", ".join(f"`{key}={_value(value)}`" for key, value in record.departures.items())


def _groups(records: Iterable[RunRecord]) -> list[list[RunRecord]]:
    groups: dict[str, list[RunRecord]] = {}
    for record in sorted(records, key=lambda one: (one.seed, one.label)):
        groups.setdefault(words(record), []).append(record)
    return sorted(groups.values(), key=_worth, reverse=True)


def _worth(group: Sequence[RunRecord]) -> float:
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
        _told(one.test),
        _told(one.finer),
        _told(one.theta_g),
        "; ".join(_remarks(one)),
    )
    return f"| {' | '.join(cells)} |"


def _remarks(one: RunRecord) -> Iterator[str]:
    if one.ended != FINISHED:
        yield one.ended
    yield from one.warnings


def _mean(number: int, group: Sequence[RunRecord]) -> str:
    cells = [str(number), f"**mean ± deviation of {len(group)}**", *[""] * 4]
    validation = [one.snapshot.validation_LL for one in group if one.snapshot]
    cells.append(_spread(validation))
    for kind in ("test", "finer", "theta_g"):
        cells.append(_spread([tested.LL for one in group if (tested := getattr(one, kind))]))
    return f"| {' | '.join([*cells, ''])} |"


def _spread(values: Sequence[float]) -> str:
    if len(values) < 2:
        return ""
    return f"**{statistics.mean(values):.1f} ± {statistics.stdev(values):.1f}**"


def _told(tested: LogLikelihood | None) -> str:
    return f"{tested.LL:.1f} ± {tested.error:.1f} ({tested.sigma:.3f})" if tested else ""


def _value(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{','.join(map(str, value))}]"
    return f"{value:.9g}" if isinstance(value, float) else str(value)
