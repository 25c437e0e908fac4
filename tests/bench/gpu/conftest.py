"""A simulated GPU: a stand-in replaces CuPy and runs the kernels in a PTX interpreter."""

from __future__ import annotations

import pytest
from softgpu import standin

from minigan.backends.cuda import fused
from minigan.backends.cuda.fused import FusedBackend


@pytest.fixture
def cupy(monkeypatch):
    cupy = standin.CuPy()
    standin.install(monkeypatch, cupy)
    return cupy


@pytest.fixture
def backend(cupy):
    return FusedBackend(cupy)


@pytest.fixture
def broken(cupy, monkeypatch):
    """A function that returns a backend with one text in kernels.cu replaced."""

    def broken(old, new):
        source = fused.source()
        assert source.count(old) == 1, old
        monkeypatch.setattr(fused, "source", lambda: source.replace(old, new))
        return FusedBackend(cupy)

    return broken
