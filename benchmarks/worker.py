"""One peer in a process of its own: commands in, one JSON object per line, and answers out.

{"do": "check", "iterations": 3, "file": F}      plays them with given draws from the first
                                                 theta, writes theta to F (.npy)
{"do": "time", "what": "drawn", "calls": 10}     what: drawn, given; of minigan also products,
                                                 limit -> {"seconds": ..., "first": ...}

python benchmarks/worker.py PEER TASK SCHEDULE M WIDTH THREADS DEVICE
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PEERS = ("minigan", "jax jit", "torch eager", "torch compiled")


def use_threads(threads: int) -> None:
    """Equal terms: so many processors, and so many threads in every library loaded later."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(threads)


def peer(
    name: str, file: Path, schedule: str, m: int, width: float, threads: int, device: str
) -> Any:
    """The peer of a name in PEERS, with its task read. Raises RuntimeError without that device."""
    from peers import task

    given = task.read(file)
    if name == "minigan":
        from peers import minigan_numpy

        return minigan_numpy.Peer(given, task.recipe(schedule, m, width))
    if name == "jax jit":
        from peers import jax_jit

        return jax_jit.Peer(given, device)
    import torch
    from peers import pytorch

    torch.set_num_threads(threads)
    return pytorch.Peer(given, name == "torch compiled", device)


def version(name: str) -> str:
    """The peer's library and its version."""
    if name == "minigan":
        from peers.minigan_numpy import VERSION
    elif name == "jax jit":
        from peers.jax_jit import VERSION
    else:
        from peers.pytorch import VERSION
    return VERSION


class Answers:
    """What a worker does with each command; keeps the seconds of every first call."""

    def __init__(self, one: Any) -> None:
        self.one = one
        self.first: dict[str, float] = {}

    def call(self, what: str) -> Callable[[], object]:
        """One call of what is to be timed."""
        if what in ("drawn", "given"):
            return lambda: self.one.iterate(what == "drawn")
        return {"products": self.one.limit.products, "limit": self.one.limit.both}[what]

    def seconds(self, what: str, calls: int) -> float:
        """Seconds of so many calls; one more before them wakes threads and fills caches."""
        call = self.call(what)
        start = time.perf_counter()
        call()
        self.one.wait()
        self.first.setdefault(what, time.perf_counter() - start)
        start = time.perf_counter()
        for _ in range(calls):
            call()
        self.one.wait()
        return time.perf_counter() - start

    def check(self, iterations: int, file: str) -> None:
        """theta after some iterations with given draws, into a file; then back to the start.

        D's weights are amplified meanwhile: see `minigan.bench.checks`.
        """
        import numpy as np

        from minigan.bench import checks

        self.one.restart(amplified=checks.AMPLIFIED)
        start = time.perf_counter()
        for t in range(iterations):
            self.one.iterate(False)
            if t == 0:
                self.one.wait()
                self.first["given"] = time.perf_counter() - start
        self.one.wait()
        np.save(file, self.one.theta())
        self.one.restart()

    def to(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The answer to one command."""
        if asked["do"] == "check":
            self.check(asked["iterations"], asked["file"])
            return {}
        seconds = self.seconds(asked["what"], asked["calls"])
        return {"seconds": seconds, "first": self.first[asked["what"]]}


def main() -> None:
    """Answer until standard input ends. What libraries print goes to standard error."""
    name, file, schedule, m, width, threads, device = sys.argv[1:]
    answers_out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    use_threads(int(threads))
    given = (Path(file), schedule, int(m), float(width), int(threads), device)
    one = Answers(peer(name, *given))
    answers_out.write(json.dumps({"version": version(name)}) + "\n")
    for line in sys.stdin:
        answers_out.write(json.dumps(one.to(json.loads(line))) + "\n")


if __name__ == "__main__":
    main()
