"""A launcher such as mpiexec has started this process: its rank, and the end of all ranks.

    launched_rank()         0, 1, ... from the environment that launchers set; None without one
    launched_size()         the number of ranks
    leave(message, status)  one message, then MPI ends all ranks

This file imports neither NumPy nor mpi4py: every command asks it at its start.
"""

from __future__ import annotations

import os
import sys
import time

from minigan.system.messages import Messages

# Open MPI; MPICH, Intel MPI and Slurm's PMI; MVAPICH; Slurm's PMIx
RANK = ("OMPI_COMM_WORLD_RANK", "PMI_RANK", "MV2_COMM_WORLD_RANK", "PMIX_RANK")
SIZE = ("OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "MV2_COMM_WORLD_SIZE", "SLURM_STEP_NUM_TASKS")
LOCAL = (
    "OMPI_COMM_WORLD_LOCAL_RANK",
    "MPI_LOCALRANKID",
    "MV2_COMM_WORLD_LOCAL_RANK",
    "SLURM_LOCALID",
)
FORWARDED = 0.5  # seconds in which the launcher forwards a message: it drops the rest at the end
GRACE = 2.0  # seconds in which rank 0 reports an error that all ranks have


def launched_rank() -> int | None:
    """The number of this process among those that a launcher has started; None without one."""
    return _number(RANK)


def launched_size() -> int:
    """The number of processes that a launcher has started; 1 if it does not say."""
    return _number(SIZE) or 1 if launched_rank() is not None else 1


def leave(message: str, status: int) -> None:
    """Print a message and end all ranks with this exit status. With one rank, do nothing.

    An error that all ranks have, such as a recipe that does not exist, is printed by rank 0 only:
    the others wait for a moment, in which rank 0 ends them. Without MPI it cannot end them; then
    one rank of each machine prints.
    """
    if launched_size() == 1:
        return
    mpi = sys.modules.get("mpi4py.MPI")
    if mpi and launched_rank():
        time.sleep(GRACE)
    if mpi or not _number(LOCAL):
        stream = Messages(sys.__stderr__)
        stream.write(f"{message}\n")
        stream.flush()
    if mpi:
        time.sleep(FORWARDED)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # the MPI library would add a line of its own
        mpi.COMM_WORLD.Abort(status)
    os._exit(status)


def _number(names: tuple[str, ...]) -> int | None:
    found = (os.environ.get(name, "") for name in names)
    return next((int(text) for text in found if text.isascii() and text.isdigit()), None)
