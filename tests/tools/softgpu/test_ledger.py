"""The ledger counts events by name, since the last reset and within a stretch."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from softgpu.ledger import KINDS, Ledger
from softgpu.standin import CuPy

NOTHING = dict.fromkeys(KINDS, 0)


@pytest.fixture
def cupy():
    return CuPy()


@pytest.fixture
def x(cupy):
    return cupy.asarray(np.arange(12, dtype=np.float32).reshape(3, 4))


def cost_of(cupy, action):
    with cupy.ledger.stretch() as seen:
        action()
    return seen


def test_a_stretch_has_only_the_events_inside_of_it():
    ledger = Ledger()
    ledger.note("launch", "before")
    with ledger.stretch() as outer:
        ledger.note("launch", "add")
        with ledger.stretch() as inner:
            ledger.note("allocation", "made", 8)
            ledger.reset()
        ledger.note("launch", "exp")
    ledger.note("launch", "after")
    assert outer.launches == ["add", "exp"]
    assert inner.launches == []
    assert inner.allocated == outer.allocated == 8
    assert ledger.launches == ["exp", "after"]  # since the reset
    assert outer.counts == NOTHING | {"launch": 2, "allocation": 1}
    assert outer.by_name() == {"add": 1, "exp": 1}


def test_a_stretch_that_ends_in_an_error_is_over_too():
    ledger = Ledger()
    with pytest.raises(ZeroDivisionError), ledger.stretch() as seen:
        raise ZeroDivisionError
    ledger.note("launch", "add")
    assert seen.events == []


@pytest.mark.parametrize(
    "free",
    [
        lambda cupy, x: x.T,
        lambda cupy, x: x[1:, ::2],
        lambda cupy, x: x[1, 2],
        lambda cupy, x: x.reshape(2, 6).ravel(),
        lambda cupy, x: x[None].squeeze().swapaxes(0, 1).transpose(),
        lambda cupy, x: (x.real, x.shape, x.flags, x.data.ptr, len(x)),
        lambda cupy, x: cupy.asarray(x),
        lambda cupy, x: x.astype(np.float32, copy=False),
        lambda cupy, x: cupy.broadcast_to(x, (5, 3, 4)),
        lambda cupy, x: list(x),
    ],
)
def test_views_and_shape_attributes_cost_nothing(cupy, x, free):
    assert cost_of(cupy, lambda: free(cupy, x)).counts == NOTHING


@pytest.mark.parametrize(
    ("action", "launches", "allocated"),
    [
        (lambda cupy, x: x + 1, ["add"], 48),
        (lambda cupy, x: cupy.add(x, 1, out=x), ["add"], 0),
        (lambda cupy, x: x.__imul__(2), ["multiply"], 0),
        (lambda cupy, x: x.sum(axis=0), ["sum"], 16),
        (lambda cupy, x: x @ x.T, ["product"], 36),
        (lambda cupy, x: cupy.vdot(x, x), ["product"], 4),
        (lambda cupy, x: cupy.empty(5), [], 40),
        (lambda cupy, x: cupy.zeros(5), ["memset"], 40),
        (lambda cupy, x: cupy.ones(5, dtype=bool), ["fill"], 5),
        (lambda cupy, x: x.__setitem__(0, 0), ["memset"], 0),
        (lambda cupy, x: x[:, 0].__setitem__(..., 0), ["fill"], 0),
        (lambda cupy, x: x.__setitem__(0, x[1]), ["copy"], 0),
        (lambda cupy, x: x.copy(), ["copy"], 48),
        (lambda cupy, x: x.astype(np.float32), ["astype"], 48),
        (lambda cupy, x: x.T.reshape(12), ["copy"], 48),
        (lambda cupy, x: x[:0] + 1, [], 0),
    ],
)
def test_an_operation_is_one_launch_and_its_result_one_allocation(
    cupy, x, action, launches, allocated
):
    seen = cost_of(cupy, lambda: action(cupy, x))
    assert seen.launches == launches
    assert seen.allocated == allocated
    rest = {kind: 0 for kind in KINDS if kind not in ("launch", "allocation")}
    assert seen.counts | rest == seen.counts


def test_an_operation_on_a_slice_in_place_writes_nothing_twice(cupy, x):
    """x[0] *= 2 also assigns x[0] to itself; CuPy skips this copy."""

    def action():
        x[0] *= 2

    assert cost_of(cupy, action).launches == ["multiply"]


@pytest.mark.parametrize("ask", [float, int, bool, repr, str, "{}".format])
def test_a_number_on_the_host_is_a_copy_that_the_host_waits_for(cupy, ask):
    x = cupy.asarray(np.float32(1))
    seen = cost_of(cupy, lambda: ask(x))
    assert seen.counts == NOTHING | {"to_host": 1, "synchronisation": 1}


def test_copies_between_host_and_device_are_counted_in_bytes(cupy, x):
    host = np.ones((3, 4), np.float32)
    seen = cost_of(cupy, lambda: (cupy.asarray(host), x.set(host)))
    assert [event.size for event in seen.events if event.kind == "to_device"] == [48, 48]
    seen = cost_of(cupy, lambda: (x.get(), cupy.asnumpy(x), x.get(blocking=False, out=host)))
    assert [event.size for event in seen.events if event.kind == "to_host"] == [48, 48, 48]
    assert seen.count("synchronisation") == 2
    assert seen.count("allocation") == 0


def test_waiting_for_a_device_or_a_stream_is_a_synchronisation(cupy):
    def wait():
        cupy.cuda.Device(0).synchronize()
        cupy.cuda.get_current_stream().synchronize()
        cupy.cuda.Stream(non_blocking=True).synchronize()

    names = ["Device.synchronize", "Stream.synchronize", "Stream.synchronize"]
    assert cost_of(cupy, wait).names("synchronisation") == names


def test_a_boolean_mask_makes_the_host_wait_for_how_many_there_are(cupy, x):
    mask = x > 5
    seen = cost_of(cupy, lambda: x[mask])
    assert seen.names("synchronisation") == ["boolean mask"]


@pytest.mark.parametrize(
    "action",
    [
        lambda cupy, x: x[:, :2].T @ x,  # the columns have gaps between their rows
        lambda cupy, x: x @ x.astype(np.float64).T,
        lambda cupy, x: cupy.vdot(x[:, 0], x[:, 1]),
        lambda cupy, x: cupy.multiply(x[:, :2], 2, out=x[:, 2:]),  # interleaved: the ranges overlap
        lambda cupy, x: cupy.add(x[0], 1, out=x[0]),  # the same memory, but another object
        lambda cupy, x: x.__setitem__(slice(0, 2), x[1:]),
        lambda cupy, x: x[:, 0].get(),
    ],
)
def test_a_hidden_copy_is_named_and_costs_a_launch_and_an_allocation(cupy, x, action):
    seen = cost_of(cupy, lambda: action(cupy, x))
    (name,) = set(seen.names("hidden_copy"))
    copies = seen.count("hidden_copy")
    assert "shape (" in name or copies == 2
    assert seen.launches.count("hidden copy") == copies
    assert seen.names("allocation").count("hidden copy") == copies


def test_a_product_of_rows_or_of_transposed_matrices_hides_no_copy(cupy, x):
    seen = cost_of(cupy, lambda: (x[1:] @ x.T, x.T @ x, x[:, :1][:1] @ x[:1], x[0] @ x[1]))
    assert seen.names("hidden_copy") == []
    assert seen.launches == ["product"] * 4


def test_the_pool_holds_freed_memory_until_free_all_blocks(cupy):
    pool = cupy.get_default_memory_pool()
    x, y = cupy.empty(1000, dtype=np.uint8), cupy.empty(1, dtype=np.uint8)
    assert pool.used_bytes() == pool.total_bytes() == 1024 + 512
    view = x[:10]
    del x
    gc.collect()
    assert pool.used_bytes() == 1024 + 512  # the view keeps it alive
    del view
    gc.collect()
    assert (pool.used_bytes(), pool.free_bytes(), pool.total_bytes()) == (512, 1024, 1536)
    pool.free_all_blocks()
    assert pool.total_bytes() == 512
    assert y.nbytes == 1
