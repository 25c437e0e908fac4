"""CuPy: what is missing is said in one sentence, and no host array meets an array of the GPU.

The tests marked `cupy` need CuPy but no GPU. Those marked `gpu` are deselected by default: they
were written on a machine without a GPU and have never run on one.
"""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest
import tiny

import minigan
from minigan.arrays import array_module
from minigan.backends import open_backend
from minigan.backends.cupy import CuPyBackend, open_cupy
from minigan.backends.numpy import NumPyBackend
from minigan.errors import UserError
from minigan.experiment import Experiment
from minigan.measures import measure

SCHEDULES = [
    {"training__schedule": "algorithm1", "training__k": 2},
    {"training__schedule": "simultaneous", "training__k": 1, "generator__objective": "minimax"},
]


def test_without_cupy_the_sentence_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(UserError) as caught:
        open_cupy()
    text = str(caught.value)
    assert text.startswith("device cuda needs CuPy, which cannot be imported here (")
    assert text.endswith("): install it with pip install 'minigan[cuda]'")


def test_where_a_library_of_cupy_is_missing_the_sentence_names_it_alone(monkeypatch):
    """CuPy raises ImportError with a page of advice, from the error that says what is missing."""

    def broken(name):
        try:
            raise ImportError("libcublas.so.13: cannot open shared object file")
        except ImportError as error:
            raise ImportError(f"{'=' * 60}\nFailed to import CuPy.\n\nadvice\n") from error

    monkeypatch.setattr(importlib, "import_module", broken)
    with pytest.raises(UserError) as caught:
        open_cupy()
    assert "(libcublas.so.13: cannot open shared object file)" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_with_cupy_but_no_gpu_the_sentence_says_what_to_do(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", SimpleNamespace(is_available=lambda: False))
    with pytest.raises(UserError, match=r"^device cuda needs an NVIDIA GPU .*use --device cpu"):
        open_backend("cuda")


class DeviceArray(np.ndarray):
    """An array that, like CuPy's, refuses to be mixed with a NumPy array."""

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **options):
        refuse_host((*inputs, *(out or ())))
        if out is not None:
            options["out"] = tuple(host(x) for x in out)
        result = getattr(ufunc, method)(*(host(x) for x in inputs), **options)
        return out[0] if out is not None and len(out) == 1 else device(result)

    def __array_function__(self, function, types, arguments, options):
        refuse_host((*arguments, *options.values()))
        plain = [host(x) for x in arguments]
        return device(function(*plain, **{key: host(x) for key, x in options.items()}))

    def __setitem__(self, index, value):
        refuse_host((value,))
        super().__setitem__(index, value)


def refuse_host(values):
    for x in values:
        if isinstance(x, np.ndarray) and not isinstance(x, DeviceArray):
            raise TypeError("a host array meets an array of the device")


def host(x):
    return x.view(np.ndarray) if isinstance(x, DeviceArray) else x


def device(x):
    return np.asarray(x).view(DeviceArray) if isinstance(x, np.ndarray | np.generic) else x


class FakeCuPy(ModuleType):
    """NumPy under CuPy's name: what it makes are arrays of the device."""

    def __init__(self):
        super().__init__("cupy")
        self.moved = []
        properties = SimpleNamespace(getDeviceProperties=lambda number: {"name": b"Fake GPU"})
        self.cuda = SimpleNamespace(runtime=properties, Device=lambda: SimpleNamespace(id=0))
        self.is_available = lambda: True
        self.asnumpy = lambda x: np.array(host(x))

    def asarray(self, x):
        self.moved.append(x)
        return np.array(x).view(DeviceArray)

    def get_array_module(self, *arrays):
        return self if any(isinstance(x, DeviceArray) for x in arrays) else np

    def __getattr__(self, name):
        function = getattr(np, name)
        return lambda *arguments, **options: device(function(*arguments, **options))


@pytest.fixture
def fake(monkeypatch):
    fake = FakeCuPy()
    monkeypatch.setitem(sys.modules, "cupy", fake)
    return fake


def test_the_fake_refuses_a_mixture_like_the_real_one(fake):
    x = fake.asarray(np.ones(3))
    assert isinstance(x + 1, DeviceArray)
    assert isinstance(fake.zeros(3), DeviceArray)
    assert isinstance(x.sum(), DeviceArray)
    for mix in (
        lambda: x + np.ones(3),
        lambda: np.ones(3) * x,
        lambda: np.add(x, 1, out=np.ones(3)),
        lambda: np.concatenate([x, x], out=np.ones(6)),
        lambda: x.__setitem__(slice(None), np.ones(3)),
    ):
        with pytest.raises(TypeError, match="a host array meets"):
            mix()


def test_the_backend_has_the_name_of_the_gpu_and_moves_arrays_both_ways(fake):
    backend = open_backend("cuda")
    assert isinstance(backend, CuPyBackend)
    assert backend.name == "cuda (Fake GPU)"
    assert backend.xp is fake
    x = np.arange(3.0)
    moved = backend.asarray(x)
    assert isinstance(moved, DeviceArray)
    assert array_module(moved) is fake
    back = backend.to_host(moved)
    assert type(back) is np.ndarray
    assert back.tolist() == x.tolist()


@pytest.mark.parametrize("changes", SCHEDULES)
def test_a_whole_game_on_a_device_mixes_nothing_and_gives_the_numbers_of_the_cpu(fake, changes):
    begun = Experiment.begin(tiny.recipe(**changes), 1, open_backend("cuda"))
    on_cpu = tiny.experiment(**changes)
    for t in range(3):
        logits, expected = begun.iterate(t), on_cpu.iterate(t)
        assert {type(a) for a in logits} == {DeviceArray}
        objective = begun.game.objective
        assert measure(logits, objective) == measure(expected, objective)
    state = begun.state()
    for name, array in on_cpu.state().items():
        assert type(state[name]) is np.ndarray
        np.testing.assert_array_equal(state[name], array)
    fresh = Experiment.begin(tiny.recipe(**changes), 1, open_backend("cuda"))
    fresh.restore(state)
    samples = fresh.samples(5)
    assert type(samples) is np.ndarray
    np.testing.assert_array_equal(samples, on_cpu.samples(5))


def names_asked_of_xp():
    """Every `name` of `xp.name` or `array_module(x).name` outside of the backends."""
    pattern = re.compile(r"\b(?:xp|array_module\([^()]*\))\.(\w+)")
    sources = Path(minigan.__file__).parent.rglob("*.py")
    generic = [path.read_text("utf-8") for path in sources if path.parent.name != "backends"]
    return {name for text in generic for name in pattern.findall(text)}


def test_numpy_has_every_function_that_the_generic_code_asks_for():
    assert {"empty", "maximum", "where", "zeros"} <= names_asked_of_xp()
    assert [name for name in sorted(names_asked_of_xp()) if not hasattr(np, name)] == []


@pytest.mark.cupy
def test_cupy_has_every_function_that_the_generic_code_asks_for():
    cupy = importlib.import_module("cupy")
    ours = {"asarray", "asnumpy", "is_available", "get_array_module", "cuda"}
    names = sorted(names_asked_of_xp() | ours)
    assert [name for name in names if not hasattr(cupy, name)] == []


@pytest.mark.cupy
def test_cupy_says_whether_there_is_a_gpu_without_raising():
    cupy = importlib.import_module("cupy")
    if cupy.is_available():
        assert open_cupy().name.startswith("cuda (")
    else:
        with pytest.raises(UserError, match="needs an NVIDIA GPU"):
            open_cupy()


@pytest.mark.gpu
@pytest.mark.parametrize("changes", SCHEDULES)
def test_an_iteration_on_the_gpu_gives_the_numbers_of_the_cpu(changes):
    """Never run yet: no GPU was at hand. float32 sums in another order differ by about 1e-6."""
    recipe = tiny.recipe(**changes)
    cpu = Experiment.begin(recipe, 1, NumPyBackend())
    gpu = Experiment.begin(recipe, 1, open_cupy())
    for a, expected in zip(gpu.iterate(0), cpu.iterate(0), strict=True):
        np.testing.assert_allclose(gpu.backend.to_host(a), expected, rtol=1e-4, atol=1e-5)
    state = gpu.state()
    for name, array in cpu.state().items():
        np.testing.assert_allclose(state[name], array, rtol=1e-4, atol=1e-5, err_msg=name)
    samples = gpu.samples(gpu.noise(20))
    np.testing.assert_allclose(samples, cpu.samples(cpu.noise(20)), rtol=1e-4, atol=1e-5)


@pytest.mark.gpu
def test_a_state_saved_on_the_gpu_goes_on_there_as_if_nothing_had_happened():
    """Never run yet: no GPU was at hand."""
    straight = Experiment.begin(tiny.recipe(), 1, open_cupy())
    first, second = (Experiment.begin(tiny.recipe(), 1, open_cupy()) for _ in range(2))
    for t in range(4):
        straight.iterate(t)
    for t in range(2):
        first.iterate(t)
    second.restore(first.state())
    for t in range(2, 4):
        second.iterate(t)
    state = second.state()
    for name, array in straight.state().items():
        np.testing.assert_allclose(state[name], array, rtol=1e-4, atol=1e-5, err_msg=name)
