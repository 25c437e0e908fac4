"""Traces store one pass, and raise an error if they no longer match their parameters."""

from __future__ import annotations

import weakref

import numpy as np
import pytest

from minigan.layers import Dropout, Linear
from minigan.network import Network
from minigan.trace import StaleTraceError, Trace

NET = Network(2, (Dropout(0.5), Linear(1, 0.1)))


def passed() -> Trace:
    theta = NET.initial(1, "t")
    masks = [np.array([[True, False], [True, True], [False, True]])]
    return NET.forward(theta, np.ones((3, 2), dtype=np.float32), masks)


def test_an_empty_trace_is_refused() -> None:
    with pytest.raises(StaleTraceError, match="call forward before backward"):
        NET.backward(NET.trace(3), np.ones((3, 1), dtype=np.float32))


def test_rows_of_an_empty_trace_are_empty_too() -> None:
    part = NET.trace(3).rows(0, 2)
    assert len(part) == 2
    with pytest.raises(StaleTraceError, match="call forward before backward"):
        part.theta()


def test_before_the_first_pass_y_is_the_buffer_of_the_last_layer() -> None:
    trace = NET.trace(3)
    assert trace.y is trace.layers[-1].y
    assert trace.y.shape == (3, 1)


def test_a_trace_has_its_rows_output_and_parameters() -> None:
    trace = passed()
    assert len(trace) == 3
    assert trace.y.shape == (3, 1)
    assert trace.theta().shapes == NET.shapes
    assert trace.passes == 1


def test_rows_are_views_of_every_array() -> None:
    trace = passed()
    part = trace.rows(1, 3)
    assert len(part) == 2
    for whole_layer, layer in zip(trace.layers, part.layers, strict=True):
        for name in ("x", "y", "dx"):
            assert np.shares_memory(getattr(layer, name), getattr(whole_layer, name)[1:3])
            assert len(getattr(layer, name)) == 2
    assert part.layers[0].mask is not None
    np.testing.assert_array_equal(part.layers[0].mask, [[True, True], [False, True]])
    np.testing.assert_array_equal(part.y, trace.y[1:3])


def test_rows_of_a_trace_that_was_used_again_are_refused() -> None:
    trace = passed()
    part, theta = trace.rows(0, 2), trace.theta()
    NET.forward(theta, np.zeros((3, 2), dtype=np.float32), trace=trace)
    with pytest.raises(StaleTraceError, match="used again"):
        part.theta()
    assert trace.rows(0, 2).theta() is theta


def test_changes_are_counted_from_the_forward_pass_on() -> None:
    theta = NET.initial(1, "t")
    for _ in range(3):
        theta.changed()
    trace = NET.forward(theta, np.ones((3, 2), dtype=np.float32))
    assert trace.rows(0, 2).theta() is theta
    theta.changed()
    theta.changed()
    with pytest.raises(StaleTraceError, match=r"changed 2 time\(s\)"):
        trace.theta()


def test_rows_of_a_stale_trace_are_stale() -> None:
    trace = passed()
    part = trace.rows(0, 2)
    trace.theta().changed()
    with pytest.raises(StaleTraceError, match="changed 1 time"):
        part.theta()
    with pytest.raises(StaleTraceError, match="changed 1 time"):
        trace.theta()


def test_a_dropped_trace_frees_its_buffers_at_once() -> None:
    # A trace with a reference to itself would be freed only by the next garbage collection.
    gone = weakref.ref(passed())
    assert gone() is None


def test_rows_of_rows_are_refused_when_the_whole_trace_was_used_again() -> None:
    trace = passed()
    part, theta = trace.rows(0, 2).rows(1, 2), trace.theta()
    assert part.theta() is theta
    NET.forward(theta, np.zeros((3, 2), dtype=np.float32), trace=trace)
    with pytest.raises(StaleTraceError, match="used again"):
        part.theta()
