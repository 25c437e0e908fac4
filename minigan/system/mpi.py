"""The ranks of a run that mpiexec has started, by mpi4py.

    world()             all ranks; `ALONE` without a launcher, and mpi4py is not imported
    communicator()      their MPI communicator

mpi4py must be built for the MPI library of the launcher; otherwise every process would be alone,
and all would train the same run.
"""

from __future__ import annotations

import faulthandler
import importlib
import os
from typing import Any

import numpy as np

from minigan.errors import UserError
from minigan.system.install import install_command
from minigan.system.launcher import launched_rank, launched_size
from minigan.system.ranks import ALONE, PATIENCE, Ranks

WAIT = "MINIGAN_MPI_WAIT"  # seconds


def world() -> Ranks:
    """All ranks of this start. Initialises MPI if a launcher has started this process.

    Raises UserError if mpi4py or its MPI library cannot be used.
    """
    if launched_rank() is None:
        return ALONE
    patience = _patience()
    # Python handles no signal while it waits in MPI. A thread of its own ends the process.
    faulthandler.dump_traceback_later(patience, exit=True, file=2)
    try:
        comm = communicator()
        local = comm.Split_type(_mpi().COMM_TYPE_SHARED)
    finally:
        faulthandler.cancel_dump_traceback_later()
    return Ranks(comm, local.Get_rank(), patience)


def communicator() -> Any:
    """MPI.COMM_WORLD. Raises UserError as `world`."""
    comm, expected = _mpi().COMM_WORLD, launched_size()
    if comm.Get_size() < expected:
        raise UserError(
            f"the launcher has started {expected} processes, but the MPI library of mpi4py sees "
            f"{comm.Get_size()}: use the mpiexec of the MPI library that mpi4py was built for"
        )
    return comm


def ranks_of_this_machine() -> int:
    """The number of ranks on this machine. All ranks call this."""
    size: int = communicator().Split_type(_mpi().COMM_TYPE_SHARED).Get_size()
    return size


def wait_for_all(ranks: Ranks) -> None:
    """Return when every rank has come here: the end of MPI waits for the others without a limit."""
    if ranks.size > 1:
        ranks.all_of(np.zeros(1))


def _mpi() -> Any:
    """The module MPI. Its first import starts MPI, and waits for the other ranks."""
    try:
        return importlib.import_module("mpi4py.MPI")
    except ModuleNotFoundError:
        raise UserError(
            "a launcher such as mpiexec has started minigan, which then needs mpi4py: install it "
            f"with {install_command('mpi')}, or start minigan without the launcher"
        ) from None
    except (ImportError, RuntimeError) as error:
        raise UserError(
            f"mpi4py cannot load its MPI library: {error}; load the MPI module of your cluster, or "
            "install one with pip install mpich"
        ) from None


def _patience() -> float:
    text = os.environ.get(WAIT, str(PATIENCE))
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise UserError(f"{WAIT} must be a number of seconds above 0, not {text!r}")
    return seconds
