"""Checks of the kernels for images: unfold, fold and pooling, in the passes of their layers.

The numbers are those of the checks of blocks, so no difference from the CPU is allowed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from minigan.bench.gpu.blocks import BlockCase, block_case, exact_checks
from minigan.bench.gpu.workload import GPUWorkload
from minigan.layers import Convolution, Deconvolution, Layer, MaxPooling, Windows

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


CHECKS = tuple(exact_checks({kind: partial(_cases, kind) for kind in KINDS}))
