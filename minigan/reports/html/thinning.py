"""Of many points as few as a picture can show, the extremes among them.

    kept = union over buckets of the first, the smallest, the largest and the last point

Buckets are equal parts of the points in their order. A curve through the kept points covers, in
each bucket, just the heights that the whole curve covers, so no peak is ever lost. Source: Jugel
and others, "M4: a visualization-oriented time series data aggregation", VLDB 2014.
"""

from __future__ import annotations

from collections.abc import Sequence

MOST = 2000


def kept(columns: Sequence[Sequence[float | None]], most: int = MOST) -> list[int]:
    """The places of at most `most` rows, in order, chosen for all columns together.

    A column may have None where it has no value. All rows, where they are no more than `most`;
    otherwise the smallest, the largest, the first and the last value of every column are kept.
    Raises ValueError where `most` is less than four rows per column.
    """
    count = len(columns[0]) if columns else 0
    if count <= most:
        return list(range(count))
    buckets = most // (4 * len(columns))
    if buckets < 1:
        raise ValueError(f"{most} rows cannot hold four points of each of {len(columns)} columns")
    found = set[int]()
    for bucket in range(buckets):
        rows = range(bucket * count // buckets, (bucket + 1) * count // buckets)
        for column in columns:
            found |= _four(column, rows)
    return sorted(found)


def _four(column: Sequence[float | None], rows: range) -> set[int]:
    there = [(value, row) for row in rows if (value := column[row]) is not None]
    if not there:
        return set()
    return {there[0][1], min(there)[1], max(there)[1], there[-1][1]}
