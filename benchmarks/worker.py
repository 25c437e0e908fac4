"""A separate process for one peer. It reads commands and writes results, one JSON object per line.

{"do": "check", "iterations": 3, "file": F}      runs iterations with fixed draws from the initial
                                                 theta, and writes theta to F (.npy)
{"do": "time", "what": "drawn", "calls": 10}     what: drawn, given; for minigan also products,
                                                 limit -> {"seconds": ..., "first": ...}

python benchmarks/worker.py PEER TASK SCHEDULE M WIDTH THREADS DEVICE [RECIPE]
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
    """Limit the number of processors, and the threads of every library that is loaded later."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ[name] = str(threads)


def peer(
    name: str,
    file: Path,
    schedule: str,
    m: int,
    width: float,
    threads: int,
    device: str,
    *recipe: str,
) -> Any:
    """The peer of that name in PEERS, with its task. Raises RuntimeError without the device."""
    from peers import task

    peer_task = task.read(file)
    if name == "minigan":
        from peers import minigan_numpy

        return minigan_numpy.Peer(peer_task, task.recipe(schedule, m, width, *recipe))
    if name == "jax jit":
        from peers import jax_jit

        return jax_jit.Peer(peer_task, device)
    import torch
    from peers import pytorch

    torch.set_num_threads(threads)
    return pytorch.Peer(peer_task, name == "torch compiled", device)


def version(name: str) -> str:
    """The name and version of the peer's library."""
    if name == "minigan":
        from peers.minigan_numpy import VERSION
    elif name == "jax jit":
        from peers.jax_jit import VERSION
    else:
        from peers.pytorch import VERSION
    return VERSION


class Commands:
    """The commands of a worker; `first` has the seconds of the first call of each kind."""

    def __init__(self, one: Any) -> None:
        self.peer = one
        self.first: dict[str, float] = {}

    def call(self, what: str) -> Callable[[], object]:
        """A function that makes one call of `what`."""
        if what in ("drawn", "given"):
            return lambda: self.peer.iterate(what == "drawn")
        return {"products": self.peer.limit.products, "limit": self.peer.limit.whole}[what]

    def seconds(self, what: str, calls: int) -> float:
        """Seconds of `calls` calls, after one untimed call that wakes threads and fills caches."""
        call = self.call(what)
        start = time.perf_counter()
        call()
        self.peer.wait()
        self.first.setdefault(what, time.perf_counter() - start)
        start = time.perf_counter()
        for _ in range(calls):
            call()
        self.peer.wait()
        return time.perf_counter() - start

    def check(self, iterations: int, file: str, amplified: float) -> None:
        """Write theta after some iterations with fixed draws to a file, then restart.

        For the check, the weights of D are amplified: see `minigan.bench.checks`.
        """
        import numpy as np

        self.peer.restart(amplified=amplified)
        start = time.perf_counter()
        for t in range(iterations):
            self.peer.iterate(False)
            if t == 0:
                self.peer.wait()
                self.first["given"] = time.perf_counter() - start
        self.peer.wait()
        np.save(file, self.peer.theta())
        self.peer.restart()

    def run(self, command: dict[str, Any]) -> dict[str, Any]:
        """Run one command and return its result."""
        if command["do"] == "check":
            self.check(command["iterations"], command["file"], command["amplified"])
            return {}
        seconds = self.seconds(command["what"], command["calls"])
        return {"seconds": seconds, "first": self.first[command["what"]]}


def main() -> None:
    """Run commands until the end of standard input. Output of libraries goes to standard error."""
    name, file, schedule, m, width, threads, device, *recipe = sys.argv[1:]
    results_out = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    use_threads(int(threads))
    arguments = (Path(file), schedule, int(m), float(width), int(threads), device)
    commands = Commands(peer(name, *arguments, *recipe))
    results_out.write(json.dumps({"version": version(name)}) + "\n")
    for line in sys.stdin:
        results_out.write(json.dumps(commands.run(json.loads(line))) + "\n")


if __name__ == "__main__":
    main()
