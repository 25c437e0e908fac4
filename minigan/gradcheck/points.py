"""Several points: draw the inputs of each, and merge their reports.

    example(rng) -> inputs          a row of the merged report is that of the worst point

Each point has its own generator, which depends on the seed and on the number of the point only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from minigan.gradcheck.leaf import GradcheckInputError
from minigan.gradcheck.report import Report, Row
from minigan.gradcheck.signatures import takes_rng

WORST_FIRST = ("FAIL", "inconclusive", "pass", "kink", "not differentiated")


def examples(example: Callable[..., Any], seed: int) -> Iterator[tuple[Any, ...]]:
    """The inputs of the points: example(rng), or example() once if it takes no rng.

    Raises GradcheckInputError if example returns no tuple.
    """
    point, drawn = 0, takes_rng(example)
    while point == 0 or drawn:
        inputs = example(np.random.default_rng([seed, point])) if drawn else example()
        if not isinstance(inputs, tuple):
            raise GradcheckInputError(
                f"example() returned {type(inputs).__name__}; it must return the tuple of "
                "forward's inputs, for instance `return (x, W)`."
            )
        yield inputs
        point += 1


def merged(reports: Sequence[Sequence[Row]]) -> Report:
    """One row for each input: that of the point with the worst verdict and the largest error.

    An input that passes at any point without a kink passes; the kink remains a remark.
    """
    found: dict[str, list[Row]] = {}
    for point, rows in enumerate(reports):
        for row in rows:
            found.setdefault(row.name, []).append(replace(row, point=point))
    return Report(tuple(worst_of(rows) for rows in found.values()), len(reports))


def worst_of(rows: Sequence[Row]) -> Row:
    """The row to show of one input. The remark on a kink of another point is added to it."""
    row = min(rows, key=lambda row: (WORST_FIRST.index(row.verdict), -np.nan_to_num(row.error)))
    kinks = [other for other in rows if other.verdict == "kink" and other is not row]
    if row.passed and kinks:
        note = f"at point {kinks[0].point + 1}: {kinks[0].diagnosis}"
        return replace(row, diagnosis=". ".join(filter(None, [row.diagnosis, note])))
    return row
