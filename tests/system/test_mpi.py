"""mpi4py is used only under a launcher; what is missing is named. Marked `mpi`: under mpiexec."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from mpiexec import TOOLS, started

from minigan.errors import UserError
from minigan.system import launcher, mpi
from minigan.system.ranks import ALONE, PATIENCE


class World:
    """MPI.COMM_WORLD with one process."""

    def Get_rank(self):
        return 0

    def Get_size(self):
        return 1

    def Split_type(self, kind):
        assert kind == "shared"
        return self


@pytest.fixture
def launched(monkeypatch):
    for name in (*launcher.RANK, *launcher.SIZE, mpi.WAIT):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PMI_RANK", "0")
    fake = SimpleNamespace(COMM_WORLD=World(), COMM_TYPE_SHARED="shared")
    monkeypatch.setitem(sys.modules, "mpi4py.MPI", fake)
    monkeypatch.setitem(sys.modules, "mpi4py", SimpleNamespace(MPI=fake))


def test_without_a_launcher_mpi4py_is_not_imported(monkeypatch):
    for name in launcher.RANK:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setitem(sys.modules, "mpi4py", None)
    assert mpi.world() is ALONE


def test_import_minigan_and_its_commands_do_not_import_mpi4py():
    code = "import sys, minigan.training.trainer, minigan.cli; print('mpi4py' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (result.stdout, result.stderr) == ("False\n", "")


def test_one_launched_process_is_rank_0_of_1(launched):
    ranks = mpi.world()
    assert (ranks.rank, ranks.size, ranks.local, ranks.patience) == (0, 1, 0, PATIENCE)
    mpi.wait_for_all(ranks)


@pytest.mark.parametrize(("text", "seconds"), [("2.5", 2.5), ("7", 7.0)])
def test_the_longest_wait_can_be_set(launched, monkeypatch, text, seconds):
    monkeypatch.setenv(mpi.WAIT, text)
    assert mpi.world().patience == seconds


@pytest.mark.parametrize("text", ["", "0", "-1", "x", "inf", "nan"])
def test_a_wrong_wait_is_refused(launched, monkeypatch, text):
    monkeypatch.setenv(mpi.WAIT, text)
    with pytest.raises(UserError, match="MINIGAN_MPI_WAIT must be a number of seconds above 0"):
        mpi.world()


def test_without_mpi4py_the_error_says_what_to_install(launched, monkeypatch):
    monkeypatch.delitem(sys.modules, "mpi4py.MPI")

    def missing(name):
        raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    monkeypatch.setattr(importlib, "import_module", missing)
    with pytest.raises(UserError, match=r"needs mpi4py: install it with .* pip install \S*mpi"):
        mpi.world()


def test_an_mpi_library_that_cannot_be_loaded_is_named(launched, monkeypatch):
    def broken(name):
        raise RuntimeError("cannot load MPI library")

    monkeypatch.setattr(importlib, "import_module", broken)
    with pytest.raises(UserError, match="mpi4py cannot load its MPI library: cannot load MPI"):
        mpi.world()


def test_the_launcher_of_another_mpi_library_is_refused(launched, monkeypatch):
    monkeypatch.setenv("PMI_SIZE", "3")
    with pytest.raises(UserError, match=r"has started 3 processes, but the MPI library .* sees 1"):
        mpi.world()


@pytest.mark.mpi
@pytest.mark.parametrize("size", [2, 3])
def test_twenty_iterations_of_processes_are_those_of_one_to_1e_12(tmp_path, size):
    end = started(size, [str(Path(TOOLS) / "split_run.py")], tmp_path)
    assert (end.returncode, end.stderr) == (0, "")
    found = json.loads(end.stdout)
    assert len(found["differences"]) == 8
    assert np.max(found["differences"]) < 1e-12
    assert found["same bits"]
    assert found["float32"] < 1e-4
