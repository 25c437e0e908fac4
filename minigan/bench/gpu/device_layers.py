"""Checks of the layers with kernels of their own: unfold, fold, pooling, and maxout in a penalty.

The numbers are those of the checks of blocks, so no difference from the CPU is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from minigan.backends.cupy import CuPyBackend
from minigan.backends.numpy import NumPyBackend
from minigan.bench.gpu.blocks import EXACT, PIECES, BlockCase, block_case, exact_checks
from minigan.bench.gpu.check import Check, max_difference
from minigan.bench.gpu.workload import GPUWorkload
from minigan.layers import Convolution, Deconvolution, Layer, Maxout, MaxPooling, Windows
from minigan.network import Network

# The layer of an image with these windows, and the number of its inputs.
KINDS: dict[str, Callable[[Windows, int, int], tuple[Layer, int]]] = {
    "convolution": lambda w, C, units: (Convolution(w, units, 1.0), w.height * w.width * C),
    "deconvolution": lambda w, C, units: (Deconvolution(w, C, 1.0), w.positions * units),
    "tied deconvolution": lambda w, C, units: (
        Deconvolution(w, C, 1.0, tied=True),
        w.positions * units,
    ),
    "pooling": lambda w, C, units: (
        MaxPooling(Windows(w.height, w.width, w.size, w.stride)),
        w.height * w.width * C,
    ),
}


def _cases(kind: str, workload: GPUWorkload) -> Iterator[BlockCase]:
    for seed, (m, windows, C, units) in enumerate(workload.images):
        layer, n = KINDS[kind](windows, C, units)
        yield block_case((layer,), m, n, False, 2 * seed + 1)  # odd: b can be added exactly


def maxout_difference(backend: CuPyBackend, workload: GPUWorkload) -> float:
    """The largest difference of the tangent of maxout, and of its dx in the passes of a penalty."""
    largest = 0.0
    for m, _, u in workload.blocks:
        network = Network(PIECES * u, (Maxout(u, PIECES),))
        x, q = np.random.default_rng(u).integers(-3, 4, (2, m, PIECES * u)).astype(np.float32)
        found = []
        for one in (backend, NumPyBackend()):
            theta, its_x, its_q = network.zeros(xp=one.xp), one.asarray(x), one.asarray(q)
            adapted, trace = one.network(network), network.trace(m, xp=one.xp)
            along = adapted.tangent(adapted.forward(theta, its_x, trace=trace), its_q)[-1]
            dx = adapted.one_by_one[0].backward_input({}, trace.layers[0], along)
            found.append([one.to_host(array) for array in (along, dx)])
        largest = max(largest, *map(max_difference, *found))
    return largest


CHECKS = (
    *exact_checks({kind: partial(_cases, kind) for kind in KINDS}),
    Check("maxout, penalty", maxout_difference, 0.0, EXACT),
)
