"""A device is opened by its name; an unknown or missing device raises an error."""

from __future__ import annotations

import sys

import pytest
import tiny
from softgpu import standin

from minigan.backends import get_backend, open_backend
from minigan.backends.cuda import fused
from minigan.backends.cuda.fused import FusedBackend
from minigan.backends.cupy import CuPyBackend
from minigan.backends.numpy import NumPyBackend
from minigan.errors import UserError
from minigan.training.experiment import Experiment


@pytest.fixture
def two_gpus(monkeypatch):
    cupy = standin.CuPy(devices=2)
    standin.install(monkeypatch, cupy)
    return cupy


def test_cpu_is_numpy():
    assert isinstance(open_backend("cpu"), NumPyBackend)
    assert isinstance(get_backend("numpy"), NumPyBackend)


def test_cuda_is_cupy_or_an_error_and_never_the_cpu(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(UserError, match=r"^device cuda needs CuPy"):
        open_backend("cuda")


@pytest.mark.parametrize(("device", "number"), [("cuda", 0), ("cuda:0", 0), ("cuda:1", 1)])
def test_cuda_accepts_the_number_of_the_gpu(two_gpus, device, number):
    backend = open_backend(device)
    assert isinstance(backend, FusedBackend)
    assert backend.device == two_gpus.cuda.Device().id == number
    assert get_backend("cupy", number).name == backend.name


def test_without_the_kernel_file_the_generic_backend_is_used(two_gpus, monkeypatch, tmp_path):
    monkeypatch.setattr(fused, "KERNELS", tmp_path / "kernels.cu")
    backend = open_backend("cuda")
    assert type(backend) is CuPyBackend
    Experiment.begin(tiny.recipe(), 1, backend).iterate(0)


def test_a_missing_gpu_raises_an_error_with_the_existing_ones(two_gpus):
    with pytest.raises(UserError, match=r"no device cuda:2 on this machine: choose .*0 to cuda:1"):
        open_backend("cuda:2")


@pytest.mark.parametrize("device", ["nonsense", "", "CPU", "cuda:", "cuda:x", "cuda:-1", "gpu"])
def test_an_unknown_device_raises_an_error_with_the_choices(device):
    with pytest.raises(UserError, match=f"^there is no device '{device}': choose cpu, cuda or"):
        open_backend(device)


def test_an_unknown_backend_raises_an_error_with_the_choices():
    with pytest.raises(UserError, match=r"^there is no backend 'torch': choose numpy or cupy$"):
        get_backend("torch")
