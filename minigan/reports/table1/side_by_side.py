"""Several runs side by side: in processes of this machine, or on the ranks of mpiexec.

    in_processes(work, names, jobs)     at most `jobs` processes at a time, a new one for each run
    on_ranks_of_mpi(work, names, jobs)  rank 0 distributes runs to ranks 1 to `jobs`

`work(name, place)` makes the run of a name, returns None or the reason why it failed, and writes
what it finds to files. `place` = 0, 1, ... is the line of its progress. A run that fails, or whose
process is killed, does not stop the others.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
from collections.abc import Callable, Sequence
from concurrent.futures import as_completed, wait
from multiprocessing.connection import Connection
from multiprocessing.connection import wait as wait_for_any
from multiprocessing.process import BaseProcess

from minigan.errors import UserError
from minigan.system import mpi, signals
from minigan.system.launcher import launched_size, leave
from minigan.system.messages import say

Work = Callable[[str, int], str | None]
Failures = dict[str, str]  # name of a run -> reason
SECONDS_TO_SAVE = 30.0


def threads_of_each(jobs: int) -> int:
    """The BLAS threads of each of `jobs` runs on this machine: they share its processors."""
    return max(1, (os.cpu_count() or 1) // jobs)


def in_processes(work: Work, names: Sequence[str], jobs: int) -> Failures:
    """Make the run of each name, and return the failures.

    Raises KeyboardInterrupt after an interrupt, when all runs have saved and ended.
    """
    context = multiprocessing.get_context("spawn")  # a fork would copy the locks of BLAS threads
    left, failures = list(names), Failures()
    running: dict[Connection, tuple[str, int, BaseProcess]] = {}
    try:
        while left or running:
            while left and len(running) < jobs:
                name, taken = left.pop(0), {place for _, place, _ in running.values()}
                place = min(set(range(jobs)) - taken)
                receiver, sender = context.Pipe(duplex=False)
                arguments = sender, work, name, place
                process: BaseProcess = context.Process(target=_send_failure, args=arguments)
                process.start()
                sender.close()
                running[receiver] = name, place, process
            for one in wait_for_any(list(running)):
                assert isinstance(one, Connection)
                name, place, process = running.pop(one)
                try:
                    failure = one.recv()
                except EOFError:
                    process.join()
                    failure = f"its process ended with status {process.exitcode}"
                _report(failures, name, failure)
                process.join()
                one.close()
    except KeyboardInterrupt:
        for _, _, process in running.values():
            process.terminate()  # training saves first
        for _, _, process in running.values():
            process.join()
        raise
    return failures


def on_ranks_of_mpi(work: Work, names: Sequence[str], jobs: int | None) -> Failures | None:
    """The same on the ranks of mpiexec; `jobs` is by default the number of ranks less one.

    Returns None on the ranks above 0, when there is nothing left for them to do.
    """
    comm, most = mpi.communicator(), launched_size() - 1
    jobs = jobs or most
    if jobs > most:
        raise UserError(
            f"rank 0 distributes the runs to the other {most} of {most + 1} ranks: --jobs must be "
            f"at most {most}"
        )
    needed = comm.Get_rank() <= jobs
    group = comm.Split(0 if needed else 1)
    if not needed:
        return None
    failures = Failures()
    with importlib.import_module("mpi4py.futures").MPICommExecutor(group, root=0) as executor:
        if executor is None:
            return None
        futures = {executor.submit(work, name, 0): name for name in names}
        try:
            for future in as_completed(futures):
                _report(failures, futures[future], future.result())
        except KeyboardInterrupt:
            for future in futures:
                future.cancel()
            wait(futures, SECONDS_TO_SAVE)  # mpiexec has sent the interrupt to all ranks
            leave("minigan: interrupted", 130)
            raise
    return failures


def _report(failures: Failures, name: str, failure: str | None) -> None:
    if failure is not None:
        failures[name] = failure
        say(f"the run {name} has failed: {failure}")


def _send_failure(sender: Connection, work: Work, name: str, place: int) -> None:
    """The main function of a process: make one run, and send the reason of a failure, or None."""
    signals.raise_interrupts()
    try:
        sender.send(work(name, place))
    except KeyboardInterrupt:
        sender.send("interrupted")
