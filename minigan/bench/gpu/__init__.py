"""The verification of a GPU: `minigan bench --device cuda`.

    record = verify("cuda")
    record.passed, record.failures        the result
    verification_page(record)             the record as Markdown
    record.to_json()                      the content of gpu_verified.json

The verification compares every computation with the CPU, trains twice from one seed and compares
the bits, and runs compute-sanitizer if it is installed. If all of these pass, it measures the time
of an iteration.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime

from threadpoolctl import threadpool_limits

from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.backends import open_backend
from minigan.backends.cupy import CuPyBackend
from minigan.bench.gpu import facts, peers, sanitizer, timings
from minigan.bench.gpu.check import run_check
from minigan.bench.gpu.page import verification_page
from minigan.bench.gpu.parity import CHECKS
from minigan.bench.gpu.repeat import run_twice
from minigan.bench.gpu.stages import Stages
from minigan.bench.gpu.verified import NAME, Verification, source_hashes, status
from minigan.bench.gpu.workload import FULL, QUICK, GPUWorkload
from minigan.bench.tables import TableRow
from minigan.errors import UserError
from minigan.system.commit import commit

__all__ = ["NAME", "Verification", "status", "verification_page", "verify"]

Step = tuple[str, float, Callable[[], object]]  # name, weight (see `stages`), action


def verify(
    device: str = "cuda", quick: bool = False, *, threads: int = 0, quiet: bool = True
) -> Verification:
    """Verify a GPU and return the record.

    threads    number of BLAS threads of NumPy; 0: the default of the BLAS
    quiet      if false, progress on standard error

    Raises UserError if the device is not a GPU or cannot be used.
    """
    backend = open_backend(device)
    if not isinstance(backend, CuPyBackend):
        raise UserError(f"only a GPU is verified, not the device {device}: name cuda or cuda:1")
    head, changed = commit()
    with threadpool_limits(threads, user_api="blas") if threads else nullcontext():
        record = Verification(
            date=datetime.now(UTC).isoformat(timespec="seconds"),
            commit=head,
            changed=changed,
            quick=quick,
            device=facts.device(backend),
            versions=facts.versions(backend),
            hashes=source_hashes(),
        )
        workload = QUICK if quick else FULL
        steps = [*_checks(backend, workload, record), *_timings(backend, workload, record)]
        stages = Stages(sum(weight for _, weight, _ in steps), quiet=quiet)
        for name, weight, do in steps:
            with stages.stage(name, weight):
                do()
    return record


def _checks(backend: CuPyBackend, workload: GPUWorkload, record: Verification) -> list[Step]:
    def add_result(number: int) -> None:
        record.checks.append(run_check(CHECKS[number], backend, workload))

    def add_repeated(schedule: str) -> None:
        record.repeated.append(run_twice(backend, schedule, workload))

    path = sanitizer.find_sanitizer()
    record.sanitizer = str(path or sanitizer.NOT_PRESENT)

    def add_finding(tool: str) -> None:
        if path:
            device = f"cuda:{backend.device}"
            record.findings.append(sanitizer.run_tool(path, tool, device))

    return [
        *((check.name, 1, lambda i=i: add_result(i)) for i, check in enumerate(CHECKS)),
        *((f"twice, {name}", 3, lambda s=name: add_repeated(s)) for name in UPDATE_ORDERS),
        *((tool, 30, lambda t=tool: add_finding(t)) for tool in sanitizer.TOOLS if path),
    ]


def _timings(backend: CuPyBackend, workload: GPUWorkload, record: Verification) -> list[Step]:
    """The timing steps; they do nothing if a check has failed."""
    rows: list[TableRow] = []

    def add_rows(schedule: str, m: int) -> None:
        if not record.failures:
            rows.extend(timings.iteration_rows(backend, schedule, m, workload))

    def add_tables() -> None:
        if not record.failures:
            record.timings.append(timings.iterations_table(rows, workload))
            record.timings.append(timings.launch_table(backend, workload))

    def add_peers() -> None:
        if not record.failures:
            record.peers, table = peers.measure_peers(workload, backend.device)
            record.timings.extend([table] if table else [])

    return [
        *(
            (f"timed, {schedule}, m = {m}", 5, lambda s=schedule, m=m: add_rows(s, m))
            for schedule, m in timings.timing_plan(workload)
        ),
        ("timed, one launch", 2, add_tables),
        ("PyTorch and JAX", 60 if peers.installed_libraries() else 0.1, add_peers),
    ]
