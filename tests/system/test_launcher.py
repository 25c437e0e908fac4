"""The rank from the environment of each launcher, and the end of all ranks."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from minigan.system import launcher

NAMES = [*launcher.RANK, *launcher.SIZE]


@pytest.fixture(autouse=True)
def no_launcher(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("variables", "rank", "size"),
    [
        ({}, None, 1),
        ({"PMI_RANK": "1", "PMI_SIZE": "4"}, 1, 4),  # MPICH, Intel MPI
        ({"OMPI_COMM_WORLD_RANK": "0", "OMPI_COMM_WORLD_SIZE": "2"}, 0, 2),  # Open MPI
        ({"MV2_COMM_WORLD_RANK": "3", "MV2_COMM_WORLD_SIZE": "5"}, 3, 5),
        ({"PMIX_RANK": "2", "SLURM_STEP_NUM_TASKS": "8"}, 2, 8),  # srun --mpi=pmix
        ({"SLURM_STEP_NUM_TASKS": "8"}, None, 1),  # a batch script of Slurm without srun
        ({"PMI_RANK": "x"}, None, 1),
        ({"PMIX_RANK": "0"}, 0, 1),
    ],
)
def test_the_rank_is_that_of_the_launcher(monkeypatch, variables, rank, size):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert (launcher.launched_rank(), launcher.launched_size()) == (rank, size)


def test_a_process_that_is_alone_does_not_leave(monkeypatch, capsys):
    launcher.leave("x", 2)
    monkeypatch.setenv("PMI_RANK", "0")
    monkeypatch.setenv("PMI_SIZE", "1")
    launcher.leave("x", 2)
    assert capsys.readouterr().err == ""


CODE = """
import os, sys, types
from minigan.system import launcher
launcher.GRACE = 0.01
if sys.argv[1] == "mpi":
    abort = lambda status: (print("abort", status), sys.stdout.flush(), os.write(2, b"x"))
    sys.modules["mpi4py.MPI"] = types.SimpleNamespace(
        COMM_WORLD=types.SimpleNamespace(Abort=abort)
    )
sys.stdout.flush()
sys.stderr = None
launcher.leave("one sentence", 3)
print("not reached")
"""


@pytest.mark.parametrize("rank", ["0", "1"])
@pytest.mark.parametrize(("how", "out"), [("mpi", "abort 3\n"), ("none", "")])
def test_the_sentence_is_printed_and_all_ranks_are_ended(rank, how, out):
    environment = {**os.environ, "PMI_RANK": rank, "PMI_SIZE": "2"}
    result = subprocess.run(
        [sys.executable, "-c", CODE, how], capture_output=True, text=True, env=environment
    )
    assert (result.stderr, result.stdout, result.returncode) == ("one sentence\n", out, 3)
