"""`minigan info` names what is missing on this machine, with the command that gets it."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import minigan
from minigan.cli import information
from minigan.training import recipes


@pytest.fixture(autouse=True)
def bare(monkeypatch, tmp_path):
    """A machine without CuPy and without MNIST."""
    monkeypatch.setitem(sys.modules, "cupy", None)
    monkeypatch.delenv("MINIGAN_DATA", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def lines(*arguments):
    return information.information(*arguments).splitlines()


def test_there_is_one_line_per_fact():
    facts = dict(line.split(maxsplit=1) for line in lines())
    assert facts["minigan"] == minigan.__version__
    assert facts["numpy"] == np.__version__
    assert (
        facts["recipes"]
        == ", ".join(recipes.names())
        == "cifar10-conv-2014, cifar10-conv-small, cifar10-fc-2014, cifar10-small, digits, "
        "digits-cae, digits-complete, digits-conditional, digits-conv, digits-dbn, digits-gsn, "
        "faces, faces-stage-2, grid, helvetica, mnist, mnist-2014, mnist-cae, mnist-conditional, "
        "mnist-dbn, mnist-gsn, mnist-gsn-2013, ring-conditional, tfd-2014, tfd-2014-stage-2, toy"
    )
    assert "kernel" in facts["blas"]
    assert "threads" in facts["blas"]


def test_a_missing_gpu_is_reported_with_the_install_command():
    assert "device cpu         available" in lines()
    (line,) = [line for line in lines() if line.startswith("device cuda")]
    assert line.startswith("device cuda        not available: device cuda needs CuPy")
    assert "-m pip install 'cupy-cuda13x[ctk]>=14'" in line


def test_an_unknown_blas_is_reported(monkeypatch):
    monkeypatch.setattr("minigan.system.environment.blas", list)
    assert "blas               not known" in lines()


def test_missing_data_is_reported_with_the_download_command(tmp_path):
    for name in ("mnist", "fashion-mnist"):
        (line,) = [line for line in lines() if line.startswith(f"data {name} ")]
        assert f"minigan data fetch {name}`" in line
        (line,) = [line for line in lines(tmp_path) if line.startswith(f"data {name} ")]
        assert f"minigan data fetch {name} --data-dir {tmp_path}`" in line


def test_a_missing_tensorboardx_is_reported_with_the_install_command(monkeypatch):
    monkeypatch.setattr(information, "version_of", lambda name: None)
    assert f"tensorboard        missing: {sys.executable} -m pip install tensorboardX" in lines()
