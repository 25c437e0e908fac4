"""Blocks: a chain of layers is cut at its linear layers, and walked block by block."""

from __future__ import annotations

import numpy as np
import pytest

from minigan.backends import blocks
from minigan.layers import dropout, linear, maxout
from minigan.layers.descriptions import Dropout, Linear, Maxout, ReLU, Sigmoid
from minigan.network import Network

LAYERS = (
    *(Dropout(0.8), Linear(6, 0.7), Maxout(3, 2), Dropout(0.5)),
    *(Linear(4, 0.7), ReLU(), Linear(2, 0.7), Sigmoid(), Linear(1, 0.7)),
)
NET = Network(5, LAYERS)


def test_a_block_begins_at_each_linear_layer_and_at_the_first_layer():
    kinds = [[type(layer).__name__ for layer in block.layers] for block in NET.blocks]
    assert kinds == [
        ["Dropout"],
        ["Linear", "Maxout", "Dropout"],
        ["Linear", "ReLU"],
        ["Linear", "Sigmoid"],
        ["Linear"],
    ]
    assert [(block.start, block.stop) for block in NET.blocks] == [
        *((0, 1), (1, 4), (4, 6), (6, 8), (8, 9))
    ]
    assert [name for block in NET.blocks for name in block.names] == NET.names


def test_a_chain_that_begins_with_a_linear_layer_has_no_empty_block():
    (block,) = Network(2, (Linear(3, 0.1), ReLU())).blocks
    assert (block.start, block.stop, block.names) == (0, 2, ("linear1", "relu1"))


@pytest.fixture
def pass_through_a_block():
    """The block Linear, Maxout, Dropout by hand: its pages and every number that it has."""
    rng = np.random.default_rng(4)
    theta, trace = NET.initial(1, "theta", np.float64), NET.trace(7, np.float64)
    theta["linear1.b"][...] = rng.standard_normal(6)
    x, dh = rng.standard_normal((7, 5)), rng.standard_normal((7, 3))
    block, pages = NET.blocks[1], trace.pages[1:4]
    pages[2].mask = mask = rng.random((7, 3)) < 0.5
    h = blocks.forward(block, theta, pages, x)
    return block, theta, pages, x, mask, h, dh


def test_forward_is_the_layers_one_after_the_other(pass_through_a_block):
    _, theta, pages, x, mask, h, _ = pass_through_a_block
    a = linear.forward(x, theta["linear1.W"], theta["linear1.b"])
    y = maxout.forward(a, 2)
    for page, (read, written) in zip(
        pages, [(x, a), (a, y), (y, dropout.forward(y, mask, 0.5))], strict=True
    ):
        np.testing.assert_array_equal(page.x, read)
        np.testing.assert_array_equal(page.y, written)
    assert h is pages[2].y


@pytest.mark.parametrize("inputs", [True, False])
@pytest.mark.parametrize("params", [True, False])
def test_backward_is_the_layers_the_other_way_and_only_what_is_asked_for(
    pass_through_a_block, params, inputs
):
    block, theta, pages, x, mask, _, dh = pass_through_a_block
    a, y = pages[0].y, pages[1].y
    da = maxout.backward_input(dropout.backward_input(dh, mask, 0.5), a, y, 2)
    dtheta = NET.zeros(np.float64)
    pages[0].dx[...] = np.nan
    dx = blocks.backward(block, theta, pages, dh, dtheta=dtheta if params else None, inputs=inputs)
    if inputs:
        np.testing.assert_array_equal(dx, linear.backward_input(da, theta["linear1.W"]))
    else:
        assert np.isnan(pages[0].dx).all()
    dW, db = linear.backward_params(da, x) if params else (0, 0)
    np.testing.assert_array_equal(dtheta["linear1.W"], dW + np.zeros((5, 6)))
    np.testing.assert_array_equal(dtheta["linear1.b"], db + np.zeros(6))
    assert not dtheta["linear2.W"].any()


def test_a_network_asks_whoever_the_trace_names_for_every_block():
    asked = []

    class Listening:
        def forward(self, block, theta, pages, x):
            asked.append(("forward", block.start, len(pages)))
            return blocks.forward(block, theta, pages, x)

        def backward(self, block, theta, pages, dy, *, dtheta, inputs):
            asked.append(("backward", block.start, len(pages), dtheta is not None, inputs))
            return blocks.backward(block, theta, pages, dy, dtheta=dtheta, inputs=inputs)

    theta, x = NET.initial(1, "theta"), np.ones((3, 5), np.float32)
    trace = NET.forward(theta, x, trace=NET.trace(3, by=Listening()))
    NET.backward(trace.rows(1, 3), np.ones((2, 1), np.float32), inputs=False)
    NET.backward(trace, np.ones((3, 1), np.float32), params=False)
    places = [(0, 1), (1, 3), (4, 2), (6, 2), (8, 1)]
    assert asked == [
        *(("forward", *place) for place in places),
        *(("backward", *place, True, place[0] > 1) for place in places[:0:-1]),
        *(("backward", *place, False, True) for place in places[::-1]),
    ]
