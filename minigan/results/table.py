"""Records as a table in Markdown: one row per run, runs of one configuration together.

A configuration with several finished seeds gets a row of its own: the mean of their scores, and the
standard deviation between them, which the standard error of one score does not hold.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Sequence

from minigan.results.record import FINISHED, PUBLISHED, LogLikelihood, Record

HEAD = (
    "| configuration | seed | epochs | minutes | snapshot at epoch | validation LL | test LL |"
    " finer sigma | theta_g itself | |\n"
    "|---|---|---|---|---|---|---|---|---|---|"
)


def markdown(records: Iterable[Record]) -> str:
    """The table of all records, best configuration first; failures stand in it too."""
    rows = [HEAD]
    for group in _groups(records):
        rows += [_row(record) for record in group]
        if len(_scores(group)) > 1:
            rows.append(_mean(group))
    return "\n".join(rows)


def words(record: Record) -> str:
    """The configuration in words: what is not as published."""
    if not record.departures:
        return f"{PUBLISHED}, as published"
    return ", ".join(f"{key} = {_value(value)}" for key, value in record.departures.items())


def _groups(records: Iterable[Record]) -> list[list[Record]]:
    groups: dict[tuple[str, int], list[Record]] = {}
    for record in sorted(records, key=lambda one: one.seed):
        wanted = record.recipe.training.iterations
        groups.setdefault((words(record), wanted), []).append(record)
    return sorted(groups.values(), key=_worth, reverse=True)


def _worth(group: Sequence[Record]) -> float:
    return statistics.mean(_scores(group)) if _scores(group) else float("-inf")


def _scores(group: Sequence[Record]) -> list[float]:
    return [record.test.LL for record in group if record.test]


def _row(one: Record) -> str:
    best = one.snapshot
    cells = (
        words(one),
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


def _remarks(one: Record) -> Iterator[str]:
    if one.ended != FINISHED:
        yield one.ended
    yield from one.warnings


def _mean(group: Sequence[Record]) -> str:
    cells = [f"**mean of {len(group)} seeds ± standard deviation between them**", *[""] * 4]
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
    return f"{value:g}" if isinstance(value, float) else str(value)
