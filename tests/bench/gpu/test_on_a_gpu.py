"""On a GPU: every parity check, two equal trainings, and the command line (pytest -m gpu)."""

from __future__ import annotations

import pytest

from minigan import cli
from minigan.algorithm_1 import UPDATE_ORDERS
from minigan.backends import open_backend
from minigan.backends.cuda.fused import FusedBackend
from minigan.bench.gpu.check import run_check
from minigan.bench.gpu.parity import CHECKS
from minigan.bench.gpu.repeat import run_twice
from minigan.bench.gpu.workload import FULL

# CuPy warns about missing optional parts, such as a CUDA toolkit, and continues.
pytestmark = [pytest.mark.gpu, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def gpu():
    backend = open_backend("cuda")
    assert isinstance(backend, FusedBackend)
    return backend


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_the_gpu_computes_the_same_as_the_cpu(gpu, check):
    found = run_check(check, gpu, FULL)
    assert found.passed, f"{found.error:.2g} > {found.allowed:g} ({found.metric}) {found.fault}"


@pytest.mark.parametrize("schedule", UPDATE_ORDERS)
def test_two_trainings_of_a_hundred_iterations_end_in_the_same_bits(gpu, schedule):
    assert run_twice(gpu, schedule, FULL).passed


def test_a_run_is_trained_sampled_and_resumed_on_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    train = ["train", "digits", "--device", "cuda", "--iterations", "20", "--out", "run", "--quiet"]
    assert cli.main(train) == 0
    assert cli.main(["sample", "run", "--out", "samples.png"]) == 0
    assert cli.main(["train", "--resume", "run", "--iterations", "30", "--device", "cpu"]) == 0
    assert (tmp_path / "samples.png").is_file()
