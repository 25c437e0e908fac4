"""Reduces a curve to fewer points without losing its peaks.

    kept = union over buckets of the first, the smallest, the largest and the last point

The buckets are consecutive parts of the curve with equal numbers of points. In each bucket, the
reduced curve has the same range of values as the full curve. Source: Jugel and others, "M4: a
visualization-oriented time series data aggregation", VLDB 2014.
"""

from __future__ import annotations

from collections.abc import Sequence

MOST = 2000


def kept(columns: Sequence[Sequence[float | None]], most: int = MOST) -> list[int]:
    """The sorted indices of at most `most` rows, selected for all columns together.

    Missing values in a column are None. If there are at most `most` rows, all of them are kept.
    Otherwise the first, smallest, largest and last value of each column are kept in each bucket.
    Raises ValueError if `most` is less than four rows per column.
    """
    count = len(columns[0]) if columns else 0
    if count <= most:
        return list(range(count))
    buckets = most // (4 * len(columns))
    if buckets < 1:
        raise ValueError(
            f"`most` must be at least {4 * len(columns)} for {len(columns)} columns, not {most}"
        )
    found = set[int]()
    for bucket in range(buckets):
        rows = range(bucket * count // buckets, (bucket + 1) * count // buckets)
        for column in columns:
            found |= _four(column, rows)
    return sorted(found)


def _four(column: Sequence[float | None], rows: range) -> set[int]:
    """The rows of the first, smallest, largest and last value in a bucket."""
    values = [(value, row) for row in rows if (value := column[row]) is not None]
    if not values:
        return set()
    return {values[0][1], min(values)[1], max(values)[1], values[-1][1]}
