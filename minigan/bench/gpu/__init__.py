"""A GPU is verified by one command: minigan bench --device cuda.

    record = verify("cuda")
    record.passed, record.failures        what was found
    verification_page(record)             for people
    record.to_json()                      for gpu_verified.json

Parity of everything with the CPU, two plays that must end in the same bits, compute-sanitizer where
it is there; then, if all of it is right, what an iteration takes.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime

from threadpoolctl import threadpool_limits

from minigan.algorithm1 import UPDATE_ORDERS
from minigan.backends import open_backend
from minigan.backends.cupy import CuPyBackend
from minigan.bench.gpu import facts, peers, sanitizer, timings
from minigan.bench.gpu.check import run_check
from minigan.bench.gpu.page import verification_page
from minigan.bench.gpu.parity import CHECKS
from minigan.bench.gpu.repeat import run_twice
from minigan.bench.gpu.stages import Stages
from minigan.bench.gpu.verified import NAME, Verification, hashes, status
from minigan.bench.gpu.workload import FULL, QUICK, GPUWorkload
from minigan.bench.tables import TableRow
from minigan.errors import UserError

__all__ = ["NAME", "Verification", "status", "verification_page", "verify"]

Step = tuple[str, float, Callable[[], object]]  # name, weight, what is done


def verify(
    device: str = "cuda", quick: bool = False, *, threads: int = 0, quiet: bool = True
) -> Verification:
    """Verify a GPU; `threads` of the BLAS for NumPy beside it, progress unless `quiet`.

    Raises UserError where the device cannot be used.
    """
    backend = open_backend(device)
    if not isinstance(backend, CuPyBackend):
        raise UserError(f"only a GPU is verified, not the device {device}: name cuda or cuda:1")
    commit, changed = facts.commit()
    with threadpool_limits(threads, user_api="blas") if threads else nullcontext():
        record = Verification(
            date=datetime.now(UTC).isoformat(timespec="seconds"),
            commit=commit,
            changed=changed,
            quick=quick,
            device=facts.device(backend),
            versions=facts.versions(backend),
            hashes=hashes(),
        )
        workload = QUICK if quick else FULL
        steps = [*_checks(backend, workload, record), *_timings(backend, workload, record)]
        stages = Stages(sum(weight for _, weight, _ in steps), quiet=quiet)
        for name, weight, do in steps:
            with stages.stage(name, weight):
                do()
    return record


def _checks(backend: CuPyBackend, workload: GPUWorkload, record: Verification) -> list[Step]:
    def add_outcome(number: int) -> None:
        record.checks.append(run_check(CHECKS[number], backend, workload))

    def add_repeated(schedule: str) -> None:
        record.repeated.append(run_twice(backend, schedule, workload))

    found = sanitizer.find_sanitizer()
    record.sanitizer = str(found or sanitizer.NOT_PRESENT)

    def add_finding(tool: str) -> None:
        if found:
            where = f"cuda:{backend.device}"
            record.findings.append(sanitizer.run_tool(found, tool, where))

    return [
        *((check.name, 1, lambda i=i: add_outcome(i)) for i, check in enumerate(CHECKS)),
        *((f"twice, {name}", 3, lambda s=name: add_repeated(s)) for name in UPDATE_ORDERS),
        *((tool, 30, lambda t=tool: add_finding(t)) for tool in sanitizer.TOOLS if found),
    ]


def _timings(backend: CuPyBackend, workload: GPUWorkload, record: Verification) -> list[Step]:
    """Nothing is timed where something is wrong."""
    rows: list[TableRow] = []

    def add_rows(schedule: str, m: int) -> None:
        if not record.failures:
            rows.extend(timings.iterations(backend, schedule, m, workload))

    def add_tables() -> None:
        if not record.failures:
            record.timings.append(timings.table_of_iterations(rows, workload))
            record.timings.append(timings.launches(backend, workload))

    def add_peers() -> None:
        if not record.failures:
            record.peers, table = peers.measured(workload, backend.device)
            record.timings.extend([table] if table else [])

    return [
        *(
            (f"timed, {schedule}, m = {m}", 5, lambda s=schedule, m=m: add_rows(s, m))
            for schedule, m in timings.plan(workload)
        ),
        ("timed, one launch", 2, add_tables),
        ("PyTorch and JAX", 60 if peers.installed() else 0.1, add_peers),
    ]
