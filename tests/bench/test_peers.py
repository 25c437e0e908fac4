"""PyTorch and JAX compute the same iteration as minigan, with the same draws."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from minigan import __version__
from minigan.bench import tables

BENCHMARKS = Path(__file__).parent.parent.parent / "benchmarks"


@pytest.mark.oracle
@pytest.mark.parametrize("name", ["jax jit", "torch eager"])
def test_a_peer_is_verified_with_the_reference_and_then_timed(name: str, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    options = ["--quick", "--only", "peers", "--peers", name, "--batches", "4", "--threads", "1"]
    options += ["--recipes", "mnist-2014,cifar10-conv-small"]
    command = [sys.executable, str(BENCHMARKS), *options, "--json", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    of_mnist, of_images = tables.read(file).tables
    # schedules; minigan and peer, drawn and given; products and limit
    assert len(of_mnist.rows) == 2 * (2 * 2 + 2)
    assert of_images.column("recipe") == ["cifar10-conv-small"] * (2 * 2 + 2)
    for table in (of_mnist, of_images):
        differences = table.column("max difference")
        for who, difference in zip(table.column("who"), differences, strict=True):
            if who in ("minigan", name):
                assert isinstance(difference, float)
                assert difference < 1e-3


def test_another_checkout_is_a_peer_that_imports_its_own_minigan(tmp_path: Path) -> None:
    root = BENCHMARKS.parent
    checkout, file = tmp_path / "before", tmp_path / "report.json"
    shutil.copytree(root / "minigan", checkout / "minigan")
    shutil.copytree(BENCHMARKS, checkout / "benchmarks")
    with (checkout / "minigan" / "__init__.py").open("a") as package:
        package.write('\n__version__ = "before"\n')
    options = ["--quick", "--only", "peers", "--peers", "minigan", "--batches", "4"]
    options += ["--recipes", "mnist-2014"]
    command = [sys.executable, str(BENCHMARKS), *options, "--beside", str(checkout)]
    subprocess.run([*command, "--json", str(file)], check=True, capture_output=True)
    report = tables.read(file)
    assert report.environment["peers"] == f"minigan {__version__}, minigan before"
    (table,) = report.tables
    assert table.column("who").count(f"minigan in {checkout}") == 2 * 2


def test_a_folder_without_minigan_is_not_a_checkout(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCHMARKS), "--only", "peers", "--beside", str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert f"{tmp_path} is not a checkout of minigan" in done.stderr


def test_minigan_alone_is_timed_by_its_worker(tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    options = ["--quick", "--only", "peers", "--peers", "minigan", "--batches", "4"]
    options += ["--recipes", "mnist-2014"]
    command = [sys.executable, str(BENCHMARKS), *options, "--json", str(file)]
    subprocess.run(command, check=True, capture_output=True)
    (table,) = tables.read(file).tables
    assert len(table.rows) == 2 * (2 + 2)
    assert all(table.column("check"))
