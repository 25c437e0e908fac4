"""The benchmark of `minigan bench`: how fast minigan is on this machine, compared with the limit.

    report = run(["iteration"], "quick", threads=1)
    print(report.to_markdown())

Every result is verified before it is timed (`checks`). `limit` defines the limit, `timing` the
method of measurement. docs/performance.md explains the effects of threads and caches.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from threadpoolctl import threadpool_limits

from minigan.bench.checks import WrongResult
from minigan.bench.tables import Measurements, Table, compare
from minigan.bench.topics import TOPICS, WORKLOADS, Workload, topic_tables
from minigan.errors import UserError
from minigan.system.commit import commit_facts
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


EXTENTS = {
    "default": "some sizes, five rounds; --full measures all sizes",
    "quick": "quick: tiny networks, two rounds; these times mean nothing",
}


def run(
    what: Sequence[str] = TOPICS,
    size: str = "default",
    threads: int = 0,
    *,
    device: str = "cpu",
    batches: Sequence[int] = (),
    rounds: int = 0,
    quiet: bool = True,
    keep: Callable[[Measurements], object] = lambda report: None,
) -> Measurements:
    """Measure each topic in `what` and return the report.

    size       the workload: "default", "full" or "quick" (`topics`)
    threads    number of BLAS threads; 0: the default of the BLAS
    batches    minibatch sizes, instead of those of the workload
    rounds     number of rounds, instead of that of the workload; 0: that of the workload
    quiet      if false, a line on standard error for each topic and each finished table
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
    workload = WORKLOADS[size]
    if rounds:
        workload = replace(workload, rounds=rounds)
    with threadpool_limits(threads or None, user_api="blas"):
        facts = benchmark_environment()
        if size in EXTENTS:
            facts["extent"] = EXTENTS[size]
        report = Measurements(datetime.now(UTC).isoformat(timespec="seconds"), facts, ())
        progress = TimeLeft(what, workload, quiet)
        for topic in what:
            progress.begin(topic)
            for table in topic_tables(topic, workload, threads, tuple(batches)):
                report = report.with_table(table)
                keep(report)
                progress.measured(table)
    return report


class TimeLeft:
    """Lines on standard error about what is measured, with the time that is left.

    The time is estimated from the share that each topic had of the workload on another machine.
    """

    def __init__(self, topics: Sequence[str], workload: Workload, quiet: bool) -> None:
        self.left = {topic: workload.seconds.get(topic, 0.0) for topic in topics}
        self.quiet, self.done, self.start = quiet, 0.0, time.monotonic()
        self.topic = ""

    def begin(self, topic: str) -> None:
        """A line when a topic begins."""
        self.done += self.left.pop(self.topic, 0.0)
        self.topic = topic
        expected = sum(self.left.values())
        if self.done:
            expected *= (time.monotonic() - self.start) / self.done
        if not self.quiet and expected:
            say(f"measuring {topic}; about {expected:.0f} s left for {', '.join(self.left)}")

    def measured(self, table: Table) -> None:
        """A line when a table is finished."""
        if not self.quiet:
            say(f"measured: {table.title}, after {time.monotonic() - self.start:.0f} s")


def benchmark_environment() -> dict[str, Any]:
    """The environment of a measurement: versions, processor, BLAS, threads, precision, load."""
    of_openblas = ("NUM_THREADS", "CORETYPE", "L2_SIZE", "THREAD_TIMEOUT")
    variables = ("OMP_NUM_THREADS", *(f"OPENBLAS_{name}" for name in of_openblas))
    facts = environment()
    pools = facts["blas"]
    return {
        **facts,
        **commit_facts(),
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
