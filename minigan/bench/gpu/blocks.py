"""The kernels of blocks on a GPU beside the layers on the CPU, forward and backward.

    x, dy     whole numbers          W    whole numbers / 64          b   any numbers

A sum of such products is exact in whatever order cuBLAS takes it, also where it rounds its factors
to 11 bits. So everything around it is either the CPU's number or wrong: without exp no difference
is allowed. sigma is held against float64 at the device's own a.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from minigan.arrays import Array
from minigan.backends.cupy import CuPyBackend
from minigan.backends.numpy import NumPyBackend
from minigan.backends.protocol import Backend
from minigan.bench.gpu.check import Check, apart, of_terms, relative_error
from minigan.bench.gpu.workload import GPUWorkload
from minigan.layers import Dropout, Layer, Linear, Maxout, ReLU, Sigmoid
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.trace import Trace

PIECES, HALF = 5, 0.5  # keep 1/2 doubles what it keeps, which is exact
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
OF_EXP = 1e-6  # CUDA's expf is off by 2 units at most, 2.4e-7; then +, * and / round once each
OF_SUMS = 2e-6  # 200 terms in float32, in any order


@dataclass(frozen=True)
class BlockCase:
    """A network of one block with what a pass through it is given, on the host."""

    network: Network
    theta: Array
    x: Array
    dy: Array
    masks: list[Array] | None


def given(layers: tuple[Layer, ...], m: int, n: int, masked: bool, seed: int) -> BlockCase:
    """Numbers as this file's first lines have them; b is whole too where the seed is odd."""
    rng, network = np.random.default_rng(seed), Network(n, layers)
    theta = network.zeros()
    for name, part in theta.items():
        whole = _whole(rng, part.shape)
        part[...] = whole / 64 if name.endswith("W") or seed % 2 else rng.normal(0, 1, part.shape)
    masks = [rng.random((m, width)) < keep for width, keep in network.mask_sizes]
    dy = _whole(rng, (m, network.outputs))
    return BlockCase(network, theta.vector, _whole(rng, (m, n)), dy, masks if masked else None)


def forward(of: BlockCase, backend: Backend) -> Trace:
    """The trace of a pass on a backend."""
    net, put = of.network, backend.asarray
    theta = Parameters(net.shapes, put(of.theta))
    masks = None if of.masks is None else [put(mask) for mask in of.masks]
    trace = net.trace(len(of.x), xp=backend.xp)
    return backend.network(net).forward(theta, put(of.x), masks, trace=trace)


def backward(
    of: BlockCase, trace: Trace, backend: Backend, *, params: bool = True, inputs: bool = True
) -> dict[str, Array]:
    """{"dx", "linear1.W", "linear1.b"} on the host: what was asked for."""
    out = of.network.zeros(xp=backend.xp) if params else None
    dtheta, dx = backend.network(of.network).backward(
        trace, backend.asarray(of.dy), params=params, inputs=inputs, out=out
    )
    left = {"dx": dx} if inputs else {}
    return {name: backend.to_host(array) for name, array in (left | dict(dtheta)).items()}


def written(of: BlockCase, trace: Trace, backend: Backend) -> list[Array]:
    """y of each layer that wrote one, then y of the network, on the host."""
    layers = zip(of.network.layers, trace.layers, strict=True)
    wrote = [p.y for layer, p in layers if p.mask is not None or not isinstance(layer, Dropout)]
    return [backend.to_host(y) for y in (*wrote, trace.y)]


def forward_apart(kind: str) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """The largest difference of any y of any size, with masks and without."""

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        cpu, worst = NumPyBackend(), 0.0
        for of in _every(KINDS[kind], workload):
            ours = written(of, forward(of, backend), backend)
            theirs = written(of, forward(of, cpu), cpu)
            worst = max(worst, *map(apart, ours, theirs))
        return worst

    return measure


def backward_apart(kind: str) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """The largest difference of dx, dW and db, all together and each half alone."""

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        cpu, worst = NumPyBackend(), 0.0
        for of in _every(KINDS[kind], workload):
            for params, inputs in ((True, True), (True, False), (False, True)):
                ours, theirs = (
                    backward(of, forward(of, by), by, params=params, inputs=inputs)
                    for by in (backend, cpu)
                )
                worst = max(worst, *(apart(ours[name], theirs[name]) for name in theirs), 0.0)
        return worst

    return measure


def sigmoid_forward(kind: str) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """sigma(a) against float64; inf where a, or what dropout makes of y, is not the CPU's."""

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        cpu, worst = NumPyBackend(), 0.0
        for of in _every(SIGMOIDS[kind], workload):
            a, y, *_, h = written(of, forward(of, backend), backend)
            exact = apart(a, written(of, forward(of, cpu), cpu)[0])
            exact += apart(h, _after_dropout(of, y))
            worst = max(worst, relative_error(y, sigma(a)), np.inf if exact else 0.0)
        return worst

    return measure


def sigmoid_backward(kind: str) -> Callable[[CuPyBackend, GPUWorkload], float]:
    """da against float64, then db, dW and dx against sums of the device's own da."""

    def measure(backend: CuPyBackend, workload: GPUWorkload) -> float:
        worst = 0.0
        for of in _every(SIGMOIDS[kind], workload):
            trace = forward(of, backend)
            left = backward(of, trace, backend)
            a, da = (backend.to_host(x) for x in (trace.layers[0].y, trace.layers[1].dx))
            W = Parameters(of.network.shapes, of.theta)["linear1.W"]
            ones = np.ones((1, len(da)))
            sums = (
                of_terms(left["linear1.b"][None], ones, da),
                of_terms(left["linear1.W"], of.x.T, da),
                of_terms(left["dx"], da, W.T),
            )
            wanted = _after_dropout(of, of.dy) * (sigma(a) * sigma(-a))
            worst = max(worst, relative_error(da, wanted), *(OF_EXP / OF_SUMS * s for s in sums))
        return worst

    return measure


def sigma(a: Array) -> Array:
    """1 / (1 + e^-a) in float64."""
    y: Array = 1 / (1 + np.exp(-a.astype(np.float64)))
    return y


def _every(kind: Callable[[int], tuple[Layer, ...]], workload: GPUWorkload) -> Iterator[BlockCase]:
    for seed, ((m, n, u), masked) in enumerate(
        product(workload.blocks, (True, False, True, False))
    ):
        layers = kind(u)
        if masked or any(isinstance(layer, Dropout) for layer in layers):
            yield given(layers, m, n, masked, seed // 2)


def _whole(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    return rng.integers(-3, 4, shape).astype(np.float32)


def _after_dropout(of: BlockCase, y: Array) -> Array:
    if of.masks is None or not of.masks:
        return y
    return y * of.masks[0] * np.float32(1 / HALF)


EQUAL = "largest difference from the CPU"
CHECKS = (
    *(Check(f"{kind}, forward", forward_apart(kind), 0.0, EQUAL) for kind in KINDS),
    *(Check(f"{kind}, backward", backward_apart(kind), 0.0, EQUAL) for kind in KINDS),
    *(Check(f"{k}, forward", sigmoid_forward(k), OF_EXP, "relative, float64") for k in SIGMOIDS),
    *(Check(f"{k}, backward", sigmoid_backward(k), OF_EXP, "relative, float64") for k in SIGMOIDS),
)
