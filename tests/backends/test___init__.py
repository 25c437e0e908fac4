"""A device is opened by name, or refused in one sentence."""

from __future__ import annotations

import sys

import pytest

from minigan.backends import open_backend
from minigan.backends.numpy import NumPyBackend
from minigan.errors import UserError


def test_cpu_is_numpy():
    assert isinstance(open_backend("cpu"), NumPyBackend)


def test_cuda_is_cupy_or_an_error_and_never_the_cpu(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(UserError, match=r"^device cuda needs CuPy"):
        open_backend("cuda")


@pytest.mark.parametrize("device", ["nonsense", "", "CPU", "cuda:0", "gpu"])
def test_an_unknown_device_is_refused_with_the_choices(device):
    with pytest.raises(UserError, match=f"^there is no device '{device}': choose one of cpu, cuda"):
        open_backend(device)
