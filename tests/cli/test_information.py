"""What is missing on this machine is said, with the command that gets it."""

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


def test_it_is_one_line_per_fact():
    facts = dict(line.split(maxsplit=1) for line in lines())
    assert facts["minigan"] == minigan.__version__
    assert facts["numpy"] == np.__version__
    assert (
        facts["recipes"]
        == ", ".join(recipes.names())
        == "digits, helvetica, mnist, mnist-2014, toy"
    )
    assert "kernel" in facts["blas"]
    assert "threads" in facts["blas"]


def test_what_the_gpu_lacks_is_said():
    assert "device cpu         available" in lines()
    (line,) = [line for line in lines() if line.startswith("device cuda")]
    assert line.startswith("device cuda        not available: device cuda needs CuPy")
    assert "pip install 'minigan[cuda13x]'" in line


def test_a_blas_that_nobody_knows_is_said(monkeypatch):
    monkeypatch.setattr("minigan.system.environment.blas", list)
    assert "blas               not known" in lines()


def test_data_that_is_not_here_comes_with_the_command_that_gets_it(tmp_path):
    for name in ("mnist", "fashion-mnist"):
        (line,) = [line for line in lines() if line.startswith(f"data {name} ")]
        assert f"minigan data fetch {name}`" in line
        (line,) = [line for line in lines(tmp_path) if line.startswith(f"data {name} ")]
        assert f"minigan data fetch {name} --data-dir {tmp_path}`" in line


def test_what_tensorboard_needs_is_said(monkeypatch):
    monkeypatch.setattr(information, "version_of", lambda name: None)
    assert "tensorboard        missing: pip install 'minigan[tensorboard]'" in lines()
