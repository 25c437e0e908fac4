"""The stand-in computes NumPy's numbers, and raises CuPy's errors and some more."""

from __future__ import annotations

import inspect
import sys
from types import ModuleType

import numpy as np
import pytest
import tiny

from minigan.arrays import array_module
from minigan.backends.cupy import CuPyBackend
from minigan.training.experiment import Experiment
from minigan.training.metrics import compute_metrics
from softgpu.entries import signature
from softgpu.operators import BINARY, COMPARISONS, UNARY
from softgpu.refusals import MissedByCuPy, NotInStandIn, RefusedByCuPy
from softgpu.signature_table import committed
from softgpu.standin import CuPy, implemented
from softgpu.standin_array import FUNCTIONS, ndarray

HOST = np.arange(1, 13, dtype=np.float32).reshape(3, 4) / 8


@pytest.fixture
def cupy():
    return CuPy()


@pytest.fixture
def x(cupy):
    return cupy.asarray(HOST)


def test_every_stand_in_is_a_fresh_module_whose_arrays_are_known_by_it(monkeypatch, cupy, x):
    assert isinstance(cupy, ModuleType)
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    assert array_module(x) is cupy
    assert array_module(HOST) is np
    assert isinstance(x, cupy.ndarray)
    assert CuPy().ledger.events == []
    assert cupy.__version__ == committed().version


@pytest.mark.parametrize(
    "compute",
    [
        lambda xp, x: x * 2 + 1 - 3 / x,
        lambda xp, x: 2 - x,
        lambda xp, x: -(x**2) // 3 % 2,
        lambda xp, x: (x > 1) & ~(x <= 2) | (x == 1) ^ (x != 0.5),
        lambda xp, x: x @ x.T,
        lambda xp, x: xp.matmul(x.T, x, out=xp.empty((4, 4), dtype=xp.float32)),
        lambda xp, x: xp.exp(xp.maximum(x, 1, out=xp.empty_like(x))),
        lambda xp, x: xp.add(x, xp.float64(1)),
        lambda xp, x: xp.where(x > 1, x, 0),
        lambda xp, x: xp.sum(x, axis=0, keepdims=True) + x.mean(axis=1)[:, None],
        lambda xp, x: x.max() + x.argmax(axis=0).astype(xp.float32) * x.std(),
        lambda xp, x: xp.concatenate([x, xp.zeros_like(x)], axis=1),
        lambda xp, x: xp.take(x, xp.asarray([2, 0, -1]), axis=0),
        lambda xp, x: x[xp.asarray([2, 0]), 1:],
        lambda xp, x: x[x > 1],
        lambda xp, x: x[1:, ::-2].reshape(-1).copy(),
        lambda xp, x: x.T.reshape(2, 6),
        lambda xp, x: x[1, 2],
        lambda xp, x: xp.vdot(x, x),
        lambda xp, x: xp.full((2, 3), 7, dtype=xp.int32) + xp.arange(3),
        lambda xp, x: x.astype(xp.int64).view(xp.uint8),
        lambda xp, x: xp.isfinite(x / 0),
        lambda xp, x: np.add(x, 1) + np.mean(x),  # NumPy calls CuPy's functions
    ],
)
def test_the_numbers_are_those_of_numpy_bit_for_bit(cupy, x, compute):
    found = compute(cupy, x)
    with np.errstate(all="ignore"):
        expected = np.asarray(compute(np, HOST))
    assert isinstance(found, ndarray)
    assert found.dtype == expected.dtype
    np.testing.assert_array_equal(found.get(), expected)


@pytest.mark.parametrize(
    "assign",
    [
        lambda xp, x: x.__setitem__((slice(None), 1), 7),
        lambda xp, x: x.__setitem__(0, x[2]),
        lambda xp, x: x.__setitem__((xp.asarray([2, 0]), 3), 7),
        lambda xp, x: x.__setitem__(x > 1, 0),
        lambda xp, x: x[1:].__iadd__(x[0]),
        lambda xp, x: x.fill(3),
        lambda xp, x: xp.copyto(x, 3),
    ],
)
def test_what_is_assigned_is_what_numpy_assigns(cupy, assign):
    x, host = cupy.asarray(HOST), HOST.copy()
    assign(cupy, x)
    assign(np, host)
    np.testing.assert_array_equal(x.get(), host)


def test_views_are_the_same_memory_and_copies_are_not(cupy, x):
    row, copy = x[1], x.copy()
    row *= 0
    assert x.get()[1].tolist() == [0, 0, 0, 0]
    assert cupy.may_share_memory(x, row)
    assert copy.get().tolist() == HOST.tolist()
    assert row.data.ptr == x.data.ptr + 16
    assert copy.data.ptr % 512 == 0
    x.get()[...] = 5
    assert float(x[0, 0]) == HOST[0, 0]


REFUSED = {
    "a host array as an operand": lambda cupy, x: x + HOST,
    "a host array on the left": lambda cupy, x: HOST * x,
    "a host array as out": lambda cupy, x: cupy.add(x, 1, out=HOST.copy()),
    "out on the host, from NumPy": lambda cupy, x: np.add(x, 1, out=HOST.copy()),
    "a host array that is assigned": lambda cupy, x: x.__setitem__(slice(None), HOST),
    "a host number that is an array": lambda cupy, x: x.__setitem__(0, np.array(1.0)),
    "a host array as an index": lambda cupy, x: x[np.array([0, 1])],
    "a host array in a list": lambda cupy, x: cupy.concatenate([x, HOST]),
    "a host array in NumPy's list": lambda cupy, x: np.concatenate([HOST, x]),
    "a host array in a product": lambda cupy, x: cupy.matmul(x, HOST.T),
    "a host array that is reduced": lambda cupy, x: cupy.sum(HOST),
    "a list as an operand": lambda cupy, x: x * [1, 2, 3, 4],
    "a list that is assigned": lambda cupy, x: x.__setitem__(0, [1, 2, 3, 4]),
    "an implicit conversion": lambda cupy, x: np.asarray(x),
    "a list of device arrays for NumPy": lambda cupy, x: np.array([x[0], x[1]]),
    "where= of a ufunc": lambda cupy, x: cupy.exp(x, where=x > 1),
    "order= of a ufunc": lambda cupy, x: cupy.exp(x, order="F"),
    "a ufunc with too few arguments": lambda cupy, x: cupy.add(x),
    "a ufunc with too many arguments": lambda cupy, x: cupy.exp(x, x, x),
    "out twice": lambda cupy, x: cupy.exp(x, x, out=x),
    "reduce of a ufunc": lambda cupy, x: np.add.reduce(x),
    "a keyword that CuPy does not have": lambda cupy, x: cupy.sum(x, where=x > 1),
    "a method's keyword that CuPy does not have": lambda cupy, x: x.sum(initial=3),
    "take with a mode": lambda cupy, x: cupy.take(x, x, mode="clip"),
    "positional where CuPy has none": lambda cupy, x: cupy.matmul(x, x.T, x),
    "out of a narrower kind": lambda cupy, x: cupy.add(x, 1, out=cupy.empty((3, 4), dtype=int)),
    "complex numbers into real ones": lambda cupy, x: x.__setitem__(0, 1j),
    "a product into another dtype": lambda cupy, x: cupy.matmul(x, x.T, out=cupy.empty((3, 3))),
    "a product into columns": lambda cupy, x: cupy.matmul(
        x, x.T, out=cupy.empty((3, 6), dtype=np.float32)[:, ::2]
    ),
    "a reduction into another dtype": lambda cupy, x: x.sum(axis=0, out=cupy.empty(4)),
    "objects": lambda cupy, x: cupy.asarray(["a"]),
    "set from another dtype": lambda cupy, x: x.set(HOST.astype(np.float64)),
    "set from the device": lambda cupy, x: x.set(x),
    "set from a list": lambda cupy, x: x.set(HOST.tolist()),
    "hash": lambda cupy, x: hash(x),
}
MISSED = {
    "memory that was never written": lambda cupy, x: cupy.empty(3) + 1,
    "unwritten memory that is copied to the host": lambda cupy, x: cupy.empty_like(x).get(),
    "a view of unwritten memory": lambda cupy, x: float(cupy.empty((2, 2))[1, 1]),
    "a sum with one unwritten element": lambda cupy, x: with_a_hole(cupy).sum(),
    "an index out of range": lambda cupy, x: cupy.take(x, cupy.asarray([0, 3]), axis=0),
    "an index out of range below": lambda cupy, x: x[cupy.asarray([-4])],
    "an assignment out of range": lambda cupy, x: x.__setitem__(cupy.asarray([3]), 1),
    "a repeated index": lambda cupy, x: x.__setitem__(cupy.asarray([0, 0]), x[:2]),
    "a repeated index from both ends": lambda cupy, x: x.__setitem__(cupy.asarray([0, -3]), 1),
    "a product into its operand": lambda cupy, x: square_into_itself(cupy),
    "a reduction into its operand": lambda cupy, x: x.sum(axis=0, out=x[0]),
}


def with_a_hole(cupy):
    hole = cupy.empty(4)
    hole[:2] = 0
    hole[3] = 0
    return hole


def square_into_itself(cupy):
    square = cupy.ones((2, 2))
    return cupy.matmul(square, cupy.ones((2, 2)), out=square)


@pytest.mark.parametrize("what", REFUSED)
def test_what_cupy_refuses_is_refused(cupy, x, what):
    with pytest.raises(TypeError) as caught:
        REFUSED[what](cupy, x)
    assert type(caught.value) is (TypeError if what == "hash" else RefusedByCuPy)
    np.testing.assert_array_equal(x.get(), HOST)


@pytest.mark.parametrize("what", MISSED)
def test_what_cupy_lets_pass_with_a_wrong_number_is_found(cupy, x, what):
    with pytest.raises(MissedByCuPy):
        MISSED[what](cupy, x)
    np.testing.assert_array_equal(x.get(), HOST)


def test_a_name_is_unknown_to_cupy_or_not_implemented():
    cupy = CuPy()
    for unknown in ("no_such_function", "asfortran", "_core"):
        with pytest.raises(AttributeError, match="has no attribute") as caught:
            getattr(cupy, unknown)
        assert not isinstance(caught.value, NotInStandIn)
    x = cupy.ones(3)
    for of, name in ((cupy, "unique"), (x, "cumsum"), (cupy.cuda, "Graph"), (cupy, "divmod")):
        with pytest.raises(NotInStandIn):
            getattr(of, name)
    for of, name in ((x, "setflags"), (cupy.cuda, "Strem"), (cupy.cuda.runtime, "getDevices")):
        with pytest.raises(AttributeError, match="has no attribute"):
            getattr(of, name)
    with pytest.raises(NotInStandIn, match="order"):
        cupy.zeros_like(x, order="C")


def test_what_the_stand_in_takes_is_what_cupy_takes():
    """The stand-in's functions and methods have CuPy's parameter names, in the same order."""
    functions, methods = committed().functions, committed().methods
    known = [name for name, text in functions.items() if text.startswith("(") and implemented(name)]
    assert len(known) > 30
    for name in known:
        _, *own = inspect.signature(implemented(name)).parameters
        real = [*signature(functions[name]).parameters, "options"]
        assert sorted(own, key=real.index) == own or "options" in own, name
    for name, method in vars(ndarray).items() | vars(ndarray.__mro__[1]).items():
        if inspect.isfunction(method) and name in methods:
            _, *own = inspect.signature(method).parameters
            real = [*signature(methods[name]).parameters]
            assert [word for word in real if word in own] == own, name
    assert methods.keys() >= FUNCTIONS
    ufuncs = {*BINARY.values(), *COMPARISONS.values(), *UNARY.values()} - {"matmul"}
    assert {functions[name].split()[0] for name in ufuncs} == {"ufunc"}


@pytest.mark.parametrize("dtype", [np.float32, np.complex128, np.uint8, np.int64, bool])
def test_new_memory_is_poisoned_and_a_mask_has_the_written_bytes(cupy, dtype):
    x = cupy.empty((2, 3), dtype=dtype)
    if x.dtype.kind in "fc":
        assert np.isnan(x.host).all()
    else:
        assert (x.allocation.bytes == 0xAB).all()
    assert not x.allocation.written.any()
    x[1, 1:] = 1
    x[0, :1] = cupy.ones(1, dtype=dtype)
    size = x.itemsize
    assert x.allocation.written.reshape(6, size).all(axis=1).tolist() == [1, 0, 0, 0, 1, 1]
    assert x[1, 1:].get().tolist() == [1, 1]
    assert x[::-1, ::-1][0, 0] == 1
    for hole in (x[0, 1], x[0], x[:, 0], x.T):
        with pytest.raises(MissedByCuPy, match="before it was written"):
            hole.copy()
    x.set(np.zeros((2, 3), dtype))
    assert not x.copy().get().any()


def test_ranges_meet_where_they_share_a_byte(cupy):
    x = cupy.zeros(8, dtype=np.uint8)
    assert not cupy.may_share_memory(x[:4], x[4:])
    assert cupy.may_share_memory(x[:5], x[4:])
    assert cupy.may_share_memory(x[::2], x[1::2])  # the ranges overlap, but share no byte
    assert not cupy.may_share_memory(x[:0], x)
    assert not cupy.may_share_memory(x, cupy.zeros(8, dtype=np.uint8))


def test_an_array_of_another_device_is_refused_until_its_device_is_the_current_one():
    cupy = CuPy(devices=2)
    Device = cupy.cuda.Device
    x = cupy.ones(3)
    with Device(1):
        assert Device().id == 1
        y = cupy.ones(3)
        assert y.device == Device(1)
        with pytest.raises(RefusedByCuPy, match="same as the current device"):
            x + y
        with pytest.raises(RefusedByCuPy, match="array device = 0 while current = 1"):
            x.fill(0)
        assert x.get().tolist() == [1, 1, 1]  # a copy uses the device of the array
    assert Device().id == 0
    with pytest.raises(RefusedByCuPy, match="array device = 1"):
        x + y
    Device(1).use()
    assert (y + 1).get().tolist() == [2, 2, 2]
    with pytest.raises(cupy.cuda.runtime.CUDARuntimeError, match="InvalidDevice"):
        Device(2).use()


def test_the_runtime_returns_the_properties_that_a_backend_reads():
    cupy, none = CuPy(devices=2), CuPy(devices=0)
    runtime = cupy.cuda.runtime
    assert (cupy.is_available(), none.is_available()) == (True, False)
    assert runtime.getDeviceCount() == 2
    assert runtime.getDeviceProperties(0)["name"] == b"Pretended GPU"
    assert runtime.driverGetVersion() == runtime.runtimeGetVersion() == 13020
    assert none.cuda.runtime.driverGetVersion() == 0
    for ask in (none.cuda.runtime.getDeviceCount, lambda: runtime.getDeviceProperties(2)):
        with pytest.raises(cupy.cuda.runtime.CUDARuntimeError):
            ask()


@pytest.mark.parametrize(
    "changes",
    [
        {"training__schedule": "algorithm1", "training__k": 2},
        {"training__schedule": "simultaneous", "training__k": 1},
    ],
)
def test_an_experiment_on_the_stand_in_has_the_bits_of_the_cpu(monkeypatch, cupy, changes):
    monkeypatch.setitem(sys.modules, "cupy", cupy)
    begun = Experiment.begin(tiny.recipe(**changes), 1, CuPyBackend(cupy))
    on_cpu = tiny.experiment(**changes)
    for t in range(3):
        logits, expected = begun.iterate(t), on_cpu.iterate(t)
        assert {type(a) for a in logits} == {ndarray}
        objective = begun.game.objective
        assert compute_metrics(logits, objective) == compute_metrics(expected, objective)
    state = begun.state()
    for name, array in on_cpu.state().items():
        assert type(state[name]) is np.ndarray
        np.testing.assert_array_equal(state[name], array)
    begun.restore(state)
    np.testing.assert_array_equal(begun.samples(5), on_cpu.samples(5))
    assert cupy.ledger.count("hidden_copy") == 0


def test_the_time_between_two_events_is_that_of_the_host(cupy):
    start, stop = cupy.cuda.Event(), cupy.cuda.Event()
    start.record()
    stop.record()
    stop.synchronize()
    assert cupy.cuda.get_elapsed_time(start, stop) >= 0
    assert cupy.ledger.names("synchronisation") == ["Event.synchronize"]


def test_events_without_a_time_are_refused(cupy):
    start, stop, untimed = cupy.cuda.Event(), cupy.cuda.Event(), cupy.cuda.Event(False, True)
    start.record()
    untimed.record()
    for end in (stop, untimed):
        with pytest.raises(RuntimeError, match="cudaErrorInvalidResourceHandle"):
            cupy.cuda.get_elapsed_time(start, end)


def test_the_memory_pool_can_be_disabled_and_not_replaced(cupy):
    cupy.cuda.set_allocator(None)
    with pytest.raises(NotInStandIn, match="an allocator"):
        cupy.cuda.set_allocator(lambda size: None)
