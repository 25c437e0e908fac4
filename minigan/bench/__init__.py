"""The benchmark of `minigan bench`: how fast minigan is on this machine, compared with the limit.

    report = run(["iteration"], quick=True, threads=1)
    print(report.to_markdown())

Every result is verified before it is timed (`checks`). `limit` defines the limit, `timing` the
method of measurement. docs/performance.md explains the effects of threads and caches.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from threadpoolctl import threadpool_limits

from minigan.bench.checks import WrongResult
from minigan.bench.tables import Measurements, compare
from minigan.bench.topics import FULL, QUICK, TOPICS, topic_tables
from minigan.errors import UserError
from minigan.system.environment import blas_text, environment
from minigan.system.messages import say

__all__ = [
    "TOPICS",
    "Measurements",
    "WrongResult",
    "benchmark_environment",
    "compare",
    "run",
]


def run(
    what: Sequence[str] = TOPICS,
    quick: bool = False,
    threads: int = 0,
    *,
    device: str = "cpu",
    batches: Sequence[int] = (),
    rounds: int = 0,
    quiet: bool = True,
    keep: Callable[[Measurements], object] = lambda report: None,
) -> Measurements:
    """Measure each topic in `what` and return the report.

    threads    number of BLAS threads; 0: the default of the BLAS
    batches    minibatch sizes, instead of those of the workload
    rounds     number of rounds, instead of that of the workload; 0: that of the workload
    quiet      if false, a line on standard error for each finished table
    keep       called after each table with the report so far

    Raises UserError for an unknown topic, another device than "cpu" or a minibatch size below 1.
    Raises WrongResult, and measures nothing more, if a result is wrong.
    """
    for topic in what:
        if topic not in TOPICS:
            raise UserError(f"{topic!r} cannot be measured: choose from {', '.join(TOPICS)}")
    if device != "cpu":
        raise UserError(f"minigan bench measures the device cpu, not {device!r}")
    if any(m < 1 for m in batches):
        raise UserError("a minibatch has at least one example")
    workload = QUICK if quick else FULL
    if rounds:
        workload = replace(workload, rounds=rounds)
    with threadpool_limits(threads or None, user_api="blas"):
        facts = benchmark_environment()
        if quick:
            facts["extent"] = "quick: tiny networks, two rounds; these times mean nothing"
        report = Measurements(datetime.now(UTC).isoformat(timespec="seconds"), facts, ())
        for topic in what:
            for table in topic_tables(topic, workload, threads, tuple(batches)):
                report = report.with_table(table)
                keep(report)
                if not quiet:
                    say(f"measured: {table.title}")
    return report


def benchmark_environment() -> dict[str, Any]:
    """The environment of a measurement: versions, processor, BLAS, threads, precision, load."""
    of_openblas = ("NUM_THREADS", "CORETYPE", "L2_SIZE", "THREAD_TIMEOUT")
    variables = ("OMP_NUM_THREADS", *(f"OPENBLAS_{name}" for name in of_openblas))
    facts = environment()
    pools = facts["blas"]
    return {
        **facts,
        "blas": blas_text(pools),
        "threads": max((pool["threads"] for pool in pools), default=1),
        "device": "cpu",
        "dtype": "float32",
        "precision": "products in float32 throughout",
        "variables": {name: os.environ[name] for name in variables if name in os.environ},
        "load": _load(),
    }


def _load() -> str:
    """The load average before the measurement: another load makes every time longer."""
    try:
        return f"{os.getloadavg()[0]:.2f} processes on average in the minute before"
    except (AttributeError, OSError):  # not a POSIX system
        return "not known"
