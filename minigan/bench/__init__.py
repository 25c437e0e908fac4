"""How fast minigan is on this machine, beside the limit: what `minigan bench` measures.

    report = run(["iteration"], quick=True, threads=1)
    print(report.to_markdown())

Every row was verified before it was timed: `checks`. What the limit is: `limit`. How time is
taken: `timing`. What to know about threads and caches: docs/performance.md.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from threadpoolctl import threadpool_limits

from minigan.bench.checks import WrongResult
from minigan.bench.tables import Measurements, compare, from_json
from minigan.bench.topics import FULL, QUICK, TOPICS, tables
from minigan.errors import UserError
from minigan.system.environment import environment, pools_in_words

__all__ = ["TOPICS", "Measurements", "WrongResult", "compare", "from_json", "run", "surroundings"]


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
    """Measure each topic of `what`, with so many BLAS threads (0: as the BLAS likes).

    `batches` for other minibatch sizes, `rounds` for another number of them; unless `quiet`, each
    table is announced on standard error. `keep` gets the report so far after each table. Raises
    UserError for another topic or device, and WrongResult where a result is wrong: then nothing
    more is measured.
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
            for table in tables(topic, workload, threads, tuple(batches)):
                report = report.with_table(table)
                keep(report)
                if not quiet:
                    print(f"measured: {table.title}", file=sys.stderr, flush=True)
    return report


def benchmark_environment() -> dict[str, Any]:
    """What the times hold for: versions, processor, BLAS with kernel and threads, precision."""
    of_openblas = ("NUM_THREADS", "CORETYPE", "L2_SIZE", "THREAD_TIMEOUT")
    variables = ("OMP_NUM_THREADS", *(f"OPENBLAS_{name}" for name in of_openblas))
    facts = environment()
    pools = facts["blas"]
    return {
        **facts,
        "blas": pools_in_words(pools),
        "threads": max((pool["threads"] for pool in pools), default=1),
        "device": "cpu",
        "dtype": "float32",
        "precision": "products in float32 throughout",
        "variables": {name: os.environ[name] for name in variables if name in os.environ},
        "load": _load(),
    }


def _load() -> str:
    """How busy the machine was before: a load beside one's own makes every time longer."""
    try:
        return f"{os.getloadavg()[0]:.2f} processes on average in the minute before"
    except (AttributeError, OSError):  # not a POSIX system
        return "not known"
