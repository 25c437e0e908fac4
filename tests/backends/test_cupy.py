"""CuPy: the error message names the missing part; the generic code runs on the device.

The tests marked `cupy` need CuPy but no GPU; the others use a stand-in that is as strict
(tests/tools/softgpu).
"""

from __future__ import annotations

import importlib
import sys
from types import SimpleNamespace

import numpy as np
import pytest
import tiny
from softgpu import standin

from minigan.arrays import array_module
from minigan.backends.cupy import CuPyBackend, import_cupy
from minigan.errors import UserError
from minigan.layers import (
    ChannelMaxout,
    Convolution,
    Deconvolution,
    Linear,
    MaxPooling,
    ReLU,
    Windows,
)
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.training.experiment import Experiment
from minigan.training.metrics import compute_metrics

UPDATE_ORDERS = [
    {"training__schedule": "algorithm1", "training__k": 2},
    {"training__schedule": "simultaneous", "training__k": 1, "generator__objective": "minimax"},
    {"training__schedule": "algorithm1", **tiny.CONDITIONAL},
]


def test_without_cupy_the_error_contains_the_command_that_installs_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(UserError) as caught:
        import_cupy()
    text = str(caught.value)
    assert text.startswith("device cuda needs CuPy, which cannot be imported here (")
    assert "-m pip install 'cupy-cuda13x[ctk]>=14', or" in text


def test_a_missing_library_of_cupy_is_named_in_one_line(monkeypatch):
    """CuPy raises ImportError with a page of advice; its cause names the missing library."""

    def broken(name):
        try:
            raise ImportError("libcublas.so.13: cannot open shared object file")
        except ImportError as error:
            raise ImportError(f"{'=' * 60}\nFailed to import CuPy.\n\nadvice\n") from error

    monkeypatch.setattr(importlib, "import_module", broken)
    with pytest.raises(UserError) as caught:
        import_cupy()
    assert "(libcublas.so.13: cannot open shared object file)" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("library", ["cublas", "nvrtc"])
def test_a_wheel_without_the_libraries_of_cuda_raises_an_error(monkeypatch, library):
    """`import cupy` succeeds without them; the first product or kernel would fail."""
    installed(monkeypatch, 13020)
    monkeypatch.setitem(sys.modules, f"cupy_backends.cuda.libs.{library}", None)
    with pytest.raises(UserError, match=rf"imported here \(.*{library}.*cupy-cuda13x"):
        import_cupy()


def installed(monkeypatch, driver, runtime=13020, available=True):
    """A CuPy that finds this driver; version numbers are those of CUDA: 13.2 is 13020."""
    versions = SimpleNamespace(driverGetVersion=lambda: driver, runtimeGetVersion=lambda: runtime)
    cupy = SimpleNamespace(is_available=lambda: available, cuda=SimpleNamespace(runtime=versions))
    standin.install(monkeypatch, cupy)
    return cupy


@pytest.mark.parametrize(
    ("machine", "message"),
    [
        (
            {"driver": 0, "available": False},
            "finds no driver on this machine: use --device cpu, or",
        ),
        (
            {"driver": 12080, "available": False},
            "the driver supports CUDA 12, and this CuPy needs CUDA 13: install a newer driver, or "
            f"CuPy for CUDA 12 with {sys.executable} -m pip install 'cupy-cuda12x[ctk]>=14'",
        ),
        (
            {"driver": 13000, "available": False},
            "the driver finds none on this machine: use --device cpu, or check that nvidia-smi",
        ),
    ],
)
def test_the_error_names_the_missing_part_in_one_line(monkeypatch, machine, message):
    installed(monkeypatch, **machine)
    with pytest.raises(UserError) as caught:
        import_cupy()
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("driver", "runtime"), [(13000, 13020), (13020, 12090), (12040, 12090)])
def test_a_driver_of_the_same_or_a_later_cuda_is_accepted(monkeypatch, driver, runtime):
    cupy = installed(monkeypatch, driver, runtime)
    assert import_cupy() is cupy


@pytest.fixture
def cupy(monkeypatch):
    cupy = standin.CuPy(devices=2)
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    return cupy


def test_the_backend_has_the_name_of_the_gpu_and_moves_arrays_both_ways(cupy):
    backend = CuPyBackend(cupy)
    assert backend.name.startswith("cuda (")
    assert CuPyBackend(cupy, 1).name.startswith("cuda:1 (")
    assert cupy.cuda.Device().id == 1
    moved = CuPyBackend(cupy).asarray(np.arange(3.0))
    assert isinstance(moved, cupy.ndarray)
    assert array_module(moved) is cupy
    back = backend.to_host(moved)
    assert type(back) is np.ndarray
    assert back.tolist() == [0, 1, 2]


@pytest.mark.parametrize("changes", UPDATE_ORDERS)
@pytest.mark.parametrize("prior", ["uniform", "gaussian"])
def test_the_generic_code_mixes_nothing_and_gives_the_numbers_of_the_cpu(cupy, changes, prior):
    changes = changes | {"prior__kind": prior}
    begun = Experiment.begin(tiny.recipe(**changes), 1, CuPyBackend(cupy))
    on_cpu = tiny.experiment(**changes)
    for t in range(3):
        logits, expected = begun.iterate(t), on_cpu.iterate(t)
        assert {type(a) for a in logits} == {cupy.ndarray}
        objective = begun.game.objective
        assert compute_metrics(logits, objective) == compute_metrics(expected, objective)
    state = begun.state()
    for name, array in on_cpu.state().items():
        assert type(state[name]) is np.ndarray
        np.testing.assert_array_equal(state[name], array)
    fresh = Experiment.begin(tiny.recipe(**changes), 1, CuPyBackend(cupy))
    fresh.restore(state)
    samples = fresh.samples(5)
    assert type(samples) is np.ndarray
    np.testing.assert_array_equal(samples, on_cpu.samples(5))


def test_the_layers_for_images_give_the_numbers_of_the_cpu_and_copy_nothing_in_secret(cupy):
    network = Network(
        12,
        (
            *(Linear(5 * 6 * 2, 0.5), ReLU(), Deconvolution(Windows(9, 11, 3, 2, 1), 2, 0.5)),
            *(Convolution(Windows(9, 11, 4, 1, 1), 6, 0.5), ChannelMaxout(3, 2)),
            *(MaxPooling(Windows(8, 10, 3, 2)), Linear(1, 0.5)),
        ),
    )
    theta = network.initial(0, "theta")
    rng = np.random.default_rng(0)
    z, dy = rng.standard_normal((3, 12), np.float32), rng.standard_normal((3, 1), np.float32)
    on_device = Parameters(network.shapes, cupy.asarray(theta.vector))
    trace, expected = network.forward(on_device, cupy.asarray(z)), network.forward(theta, z)
    np.testing.assert_array_equal(cupy.asnumpy(trace.y), expected.y)
    gradients = network.backward(trace, cupy.asarray(dy)), network.backward(expected, dy)
    for found, right in zip(*((dtheta.vector, dz) for dtheta, dz in gradients), strict=True):
        np.testing.assert_array_equal(cupy.asnumpy(found), right)


def test_networks_too_large_for_the_gpu_raise_an_error_before_any_allocation(cupy):
    recipe = tiny.recipe(generator__hidden=[40_000, 40_000])
    with pytest.raises(
        UserError, match=r"need 19.\d GB and cuda:1 \(.*\) has 8.59 GB: reduce gener"
    ):
        Experiment.begin(recipe, 1, CuPyBackend(cupy, 1))


def test_draws_may_be_written_to_a_given_array(cupy):
    game = Experiment.begin(tiny.recipe(), 1, CuPyBackend(cupy)).game
    assert game.draws.data(0, out=game.x) is game.x
    np.testing.assert_array_equal(cupy.asnumpy(game.x), tiny.experiment().game.draws.data(0))
    assert game.draws.data(0) is not game.x


@pytest.mark.cupy
def test_cupy_reports_whether_there_is_a_gpu_without_raising():
    cupy = importlib.import_module("cupy")
    if cupy.is_available():
        assert import_cupy() is cupy
    else:
        with pytest.raises(UserError, match="needs an NVIDIA GPU"):
            import_cupy()
