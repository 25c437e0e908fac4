"""A chain of layers is split at its linear layers; blocks without a kernel run layer by layer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from softgpu import standin

from minigan.backends.cuda.blocks import FusedNetwork, split
from minigan.backends.cuda.fused import FusedBackend
from minigan.layers import Dropout, Layer, Linear, Maxout, ReLU, Sigmoid, linear
from minigan.network import Network

LAYERS = (
    *(Dropout(0.8), Linear(6, 0.7), Maxout(3, 2), Dropout(0.5)),
    *(Linear(4, 0.7), ReLU(), Linear(2, 0.7), Sigmoid(), Linear(1, 0.7)),
)
NET = Network(5, LAYERS)


@dataclass(frozen=True)
class Leaky(ReLU):
    """A subclass of a layer that has a kernel, with another formula: y = max(x, x / 10)."""

    def forward(self, theta, trace):
        trace.y[...] = trace.x * np.where(trace.x > 0, 1, 0.1).astype(trace.x.dtype)
        return trace.y

    def backward_input(self, theta, trace, dy):
        trace.dx[...] = dy * np.where(trace.x > 0, 1, 0.1).astype(dy.dtype)
        return trace.dx


@dataclass(frozen=True)
class Scale(Layer):
    """y = x s with one parameter s per input: a layer with parameters that is not `Linear`."""

    def shapes(self, n):
        return {"s": (n,)}

    def initial(self, theta, generator):
        theta["s"][...] = generator("s").random(theta["s"].shape, dtype=np.float32)

    def forward(self, theta, trace):
        return np.multiply(trace.x, theta["s"], out=trace.y)

    def backward_input(self, theta, trace, dy):
        return np.multiply(dy, theta["s"], out=trace.dx)

    def backward_params(self, dtheta, trace, dy):
        dtheta["s"][...] = (dy * trace.x).sum(axis=0)


def test_a_block_starts_at_each_linear_layer_and_at_the_first_layer():
    blocks = split(NET.names, NET.layers)
    kinds = [[type(layer).__name__ for layer in block.layers] for block in blocks]
    assert kinds == [
        ["Dropout"],
        ["Linear", "Maxout", "Dropout"],
        ["Linear", "ReLU"],
        ["Linear", "Sigmoid"],
        ["Linear"],
    ]
    assert [(block.start, block.stop) for block in blocks] == [
        *((0, 1), (1, 4), (4, 6), (6, 8), (8, 9))
    ]
    assert [block.name for block in blocks] == ["dropout1", *(f"linear{i}" for i in range(1, 5))]


def test_a_chain_that_starts_with_a_linear_layer_has_no_empty_block():
    net = Network(2, (Linear(3, 0.1), ReLU()))
    (block,) = split(net.names, net.layers)
    assert (block.start, block.stop, block.name) == (0, 2, "linear1")


WITHOUT_KERNEL = {
    "a subclass after a linear layer": (Linear(4, 0.7), Leaky()),
    "custom layers only": (Scale(), Leaky()),
    "parameters below the first linear layer": (Leaky(), Scale(), Linear(3, 0.7), Leaky()),
    "dropout below custom parameters": (Dropout(0.8), Scale(), Leaky(), Linear(3, 0.7), Leaky()),
    "custom parameters after a linear layer": (Linear(4, 0.7), Scale(), Leaky()),
    "dropout after a linear layer": (Linear(4, 0.7), Dropout(0.5)),
}


@pytest.mark.parametrize("inputs", [True, False])
@pytest.mark.parametrize("params", [True, False])
@pytest.mark.parametrize("layers", WITHOUT_KERNEL.values(), ids=WITHOUT_KERNEL)
def test_a_block_without_a_kernel_is_computed_by_its_layers(layers, params, inputs):
    rng, net = np.random.default_rng(4), Network(5, layers)
    fused = FusedNetwork(5, layers, xp=np, launch=None)  # a launch would raise AttributeError
    theta = net.initial(1, "theta")
    x, dy = (rng.standard_normal((7, n)).astype(np.float32) for n in (5, net.outputs))
    masks = [rng.random((7, width)) < keep for width, keep in net.mask_sizes]
    masks = None if layers[0] == Dropout(0.8) else masks  # a block of dropout alone has a kernel
    results = []
    for one in (net, fused):
        trace = one.forward(theta, x, masks)
        dtheta, dx = one.backward(trace, dy, params=params, inputs=inputs)
        results.append([trace.y.copy(), dx.copy(), dtheta.vector.copy()])
    for generic, fused_result in zip(*results, strict=True):
        np.testing.assert_array_equal(fused_result, generic)


def test_the_backward_pass_stops_inside_a_block_if_dx_is_not_requested():
    fused = FusedNetwork(5, (Leaky(), Scale()), xp=np, launch=None)
    trace = fused.forward(fused.initial(1, "theta"), np.ones((3, 5), np.float32))
    trace.layers[1].dx[...] = np.nan
    fused.backward(trace, np.ones((3, 5), np.float32), inputs=False)
    assert np.isnan(trace.layers[1].dx).all()  # nothing has computed the dx of Scale


@pytest.mark.cupy
def test_a_block_with_a_custom_layer_works_between_blocks_with_kernels():
    cupy, rng = standin.CuPy(), np.random.default_rng(4)

    @dataclass(frozen=True)
    class Double(Layer):
        def forward(self, theta, trace):
            return cupy.multiply(trace.x, np.float32(2), out=trace.y)

        def backward_input(self, theta, trace, dy):
            return cupy.multiply(dy, np.float32(2), out=trace.dx)

    net = Network(5, (Linear(4, 0.7), ReLU(), Linear(3, 0.7), Double(), Linear(2, 0.7), ReLU()))
    backend, theta = FusedBackend(cupy), net.initial(1, "theta")
    x, dy = rng.standard_normal((7, 5)).astype(np.float32), np.ones((7, 2), np.float32)
    on_device = type(theta)(net.shapes, backend.asarray(theta.vector))
    fused = backend.network(net)
    with cupy.ledger.stretch() as stretch:
        trace = fused.trace(7, xp=cupy)
        fused.forward(on_device, backend.asarray(x), trace=trace)
        dtheta, dx = fused.backward(trace, backend.asarray(dy), out=fused.zeros(xp=cupy))
    assert {"bias_relu", "relu_backward"} <= set(stretch.launches)
    h = np.maximum(0, linear.forward(x, theta["linear1.W"], theta["linear1.b"]))
    h = 2 * linear.forward(h, theta["linear2.W"], theta["linear2.b"])
    y = np.maximum(0, linear.forward(h, theta["linear3.W"], theta["linear3.b"]))
    np.testing.assert_allclose(backend.to_host(trace.y), y, rtol=1e-6, atol=1e-6)
    assert backend.to_host(dx).shape == (7, 5)
    db = (y > 0).sum(axis=0)
    np.testing.assert_allclose(backend.to_host(dtheta["linear3.b"]), db, rtol=1e-6)
