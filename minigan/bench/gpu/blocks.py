"""Checks of the block kernels: the passes of each block on a GPU, compared with the CPU.

    x, dy     whole numbers          W    whole numbers / 64          b   any numbers

A sum of such products is exact in any order, even if cuBLAS rounds its factors to 11 bits. So the
results of blocks without exp must equal those of the CPU: no difference is allowed. sigma is
compared with float64, at the logit a that the device has computed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import TypeAlias

import numpy as np

from minigan.arrays import Array
from minigan.backends.cupy import CuPyBackend
from minigan.backends.numpy import NumPyBackend
from minigan.backends.protocol import Backend
from minigan.bench.gpu.check import Check, max_difference, product_error, relative_error
from minigan.bench.gpu.workload import GPUWorkload
from minigan.layers import Dropout, Layer, Linear, Maxout, ReLU, Sigmoid
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.trace import Trace

PIECES, HALF = 5, 0.5  # keep = 1/2 multiplies what is kept by 2, which is exact
KINDS: dict[str, Callable[[int], tuple[Layer, ...]]] = {
    "linear": lambda u: (Linear(u, HALF),),
    "relu": lambda u: (Linear(u, HALF), ReLU()),
    "relu and dropout": lambda u: (Linear(u, HALF), ReLU(), Dropout(HALF)),
    "maxout": lambda u: (Linear(u * PIECES, HALF), Maxout(u, PIECES)),
    "maxout and dropout": lambda u: (Linear(u * PIECES, HALF), Maxout(u, PIECES), Dropout(HALF)),
    "dropout": lambda u: (Dropout(0.7),),
    "logit": lambda u: (Linear(1, HALF),),
}
SIGMOIDS: dict[str, Callable[[int], tuple[Layer, ...]]] = {
    "sigmoid": lambda u: (Linear(u, HALF), Sigmoid()),
    "sigmoid and dropout": lambda u: (Linear(u, HALF), Sigmoid(), Dropout(HALF)),
}
Cases: TypeAlias = Callable[[GPUWorkload], "Iterator[BlockCase]"]
EXP_TOLERANCE = 1e-6  # CUDA's expf: at most 2 units in the last place, 2.4e-7; then +, *, /
SUM_TOLERANCE = 2e-6  # 200 terms in float32, in any order


@dataclass(frozen=True)
class BlockCase:
    """A network of one block, with the inputs of a forward and a backward pass in host memory."""

    network: Network
    theta: Array
    x: Array
    dy: Array
    masks: list[Array] | None


def block_case(layers: tuple[Layer, ...], m: int, n: int, masked: bool, seed: int) -> BlockCase:
    """A case with m rows and n inputs; the module docstring describes its numbers.

    If the seed is odd, b holds whole numbers / 64 as well.
    """
    rng, network = np.random.default_rng(seed), Network(n, layers)
    theta = network.zeros()
    for name, part in theta.items():
        whole = _whole(rng, part.shape)
        part[...] = whole / 64 if name.endswith("W") or seed % 2 else rng.normal(0, 1, part.shape)
    masks = [rng.random((m, width)) < keep for width, keep in network.mask_sizes]
    dy = _whole(rng, (m, network.outputs))
    return BlockCase(network, theta.vector, _whole(rng, (m, n)), dy, masks if masked else None)


def forward_trace(case: BlockCase, backend: Backend) -> Trace:
    """The trace of a forward pass on a backend."""
    network = case.network
    theta = Parameters(network.shapes, backend.asarray(case.theta))
    masks = None if case.masks is None else [backend.asarray(mask) for mask in case.masks]
    trace = network.trace(len(case.x), xp=backend.xp)
    return backend.network(network).forward(theta, backend.asarray(case.x), masks, trace=trace)


def block_gradients(
    case: BlockCase, trace: Trace, backend: Backend, *, params: bool = True, inputs: bool = True
) -> dict[str, Array]:
    """{"dx", "linear1.W", "linear1.b"} in host memory; only what `params` and `inputs` request."""
    out = case.network.zeros(xp=backend.xp) if params else None
    dtheta, dx = backend.network(case.network).backward(
        trace, backend.asarray(case.dy), params=params, inputs=inputs, out=out
    )
    gradients = {"dx": dx} if inputs else {}
    return {name: backend.to_host(array) for name, array in (gradients | dict(dtheta)).items()}


def layer_outputs(case: BlockCase, trace: Trace, backend: Backend) -> list[Array]:
    """y of each layer that wrote one, then y of the network, in host memory.

    A dropout layer without a mask writes no y.
    """
    layers = zip(case.network.layers, trace.layers, strict=True)
    ys = [
        layer_trace.y
        for layer, layer_trace in layers
        if layer_trace.mask is not None or not isinstance(layer, Dropout)
    ]
    return [backend.to_host(y) for y in (*ys, trace.y)]


def forward_difference(cases: Cases) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """A function that returns the largest difference of any y, over all cases of the workload."""

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        cpu, largest = NumPyBackend(), 0.0
        for case in cases(workload):
            actual = layer_outputs(case, forward_trace(case, backend), backend)
            expected = layer_outputs(case, forward_trace(case, cpu), cpu)
            largest = max(largest, *map(max_difference, actual, expected))
        return largest

    return measure


def backward_difference(cases: Cases) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """A function that returns the largest difference of dx, dW and db.

    They are computed all together, then only dW and db, then only dx.
    """

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        cpu, largest = NumPyBackend(), 0.0
        for case in cases(workload):
            for params, inputs in ((True, True), (True, False), (False, True)):
                actual, expected = (
                    block_gradients(
                        case, forward_trace(case, one), one, params=params, inputs=inputs
                    )
                    for one in (backend, cpu)
                )
                differences = [max_difference(actual[name], expected[name]) for name in expected]
                largest = max([largest, *differences])
        return largest

    return measure


def sigmoid_forward_error(kind: str) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """A function that returns the relative error of sigma(a), compared with float64.

    It returns inf if a, or the output of dropout, is not exactly as expected.
    """

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        cpu, largest = NumPyBackend(), 0.0
        for case in _cases(SIGMOIDS[kind], workload):
            a, y, *_, h = layer_outputs(case, forward_trace(case, backend), backend)
            exact = max_difference(a, layer_outputs(case, forward_trace(case, cpu), cpu)[0])
            exact += max_difference(h, _after_dropout(case, y))
            largest = max(largest, relative_error(y, sigma(a)), np.inf if exact else 0.0)
        return largest

    return measure


def sigmoid_backward_error(kind: str) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """A function that returns the largest error of da, db, dW and dx.

    da is compared with float64; db, dW and dx are compared with sums of the device's own da, and
    their errors are scaled from `SUM_TOLERANCE` to `EXP_TOLERANCE`.
    """

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        largest = 0.0
        for case in _cases(SIGMOIDS[kind], workload):
            trace = forward_trace(case, backend)
            gradients = block_gradients(case, trace, backend)
            a, da = (backend.to_host(x) for x in (trace.layers[0].y, trace.layers[1].dx))
            W = Parameters(case.network.shapes, case.theta)["linear1.W"]
            ones = np.ones((1, len(da)))
            sum_errors = (
                product_error(gradients["linear1.b"][None], ones, da),
                product_error(gradients["linear1.W"], case.x.T, da),
                product_error(gradients["dx"], da, W.T),
            )
            expected = _after_dropout(case, case.dy) * (sigma(a) * sigma(-a))
            scaled = [EXP_TOLERANCE / SUM_TOLERANCE * error for error in sum_errors]
            largest = max(largest, relative_error(da, expected), *scaled)
        return largest

    return measure


def sigma(a: Array) -> Array:
    """1 / (1 + e^-a) in float64."""
    y: Array = 1 / (1 + np.exp(-a.astype(np.float64)))
    return y


def _cases(kind: Callable[[int], tuple[Layer, ...]], workload: GPUWorkload) -> Iterator[BlockCase]:
    for seed, ((m, n, u), masked) in enumerate(
        product(workload.blocks, (True, False, True, False))
    ):
        layers = kind(u)
        if masked or any(isinstance(layer, Dropout) for layer in layers):
            yield block_case(layers, m, n, masked, seed // 2)


def _whole(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.integers(-3, 4, shape).astype(np.float32)


def _after_dropout(case: BlockCase, y: Array) -> Array:
    if case.masks is None or not case.masks:
        return y
    return y * case.masks[0] * np.float32(1 / HALF)


def exact_checks(kinds: Mapping[str, Cases]) -> Iterator[Check]:
    """The checks of both passes of each kind of block, without an allowed difference."""
    for kind, cases in kinds.items():
        yield Check(f"{kind}, forward", forward_difference(cases), 0.0, EXACT)
        yield Check(f"{kind}, backward", backward_difference(cases), 0.0, EXACT)


EXACT = "largest difference from the CPU"
RELATIVE = "relative, float64"
CHECKS = (
    *exact_checks({name: partial(_cases, kind) for name, kind in KINDS.items()}),
    *(
        Check(f"{kind}, forward", sigmoid_forward_error(kind), EXP_TOLERANCE, RELATIVE)
        for kind in SIGMOIDS
    ),
    *(
        Check(f"{kind}, backward", sigmoid_backward_error(kind), EXP_TOLERANCE, RELATIVE)
        for kind in SIGMOIDS
    ),
)
