"""Convolutions, "deconvolutions" and max pooling on a GPU: unfold, fold and pooling are kernels.

    unfold, fold     one launch each per chunk of images; the generic code copies line by line
    products         those of the generic code, by cuBLAS
    max pooling      one launch forward, one backward

The kernels are in kernels.cu. Their results have the bits of the generic code, because each thread
adds in its order. Second-order passes (tangents) run the generic code.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from minigan.arrays import Array
from minigan.backends.cuda.launcher import Launcher
from minigan.layers import Convolution, Deconvolution, Layer, MaxPooling, convolution, deconvolution
from minigan.layers.layer import Theta
from minigan.layers.patches import Scratch
from minigan.trace import LayerTrace

KINDS = (Convolution, Deconvolution, MaxPooling)


class DeviceScratch(Scratch):
    """`Scratch` that unfolds and folds by one kernel each, without arrays between two stages."""

    def __init__(self, launch: Launcher, *sizes: Any) -> None:
        super().__init__(*sizes)
        self.launch = launch

    def unfold(self, x: Array) -> Array:
        """P of the images x, which are a chunk or fewer."""
        P = self.P(len(x))
        self.launch.each("unfold", P.size, x, P, *self._numbers(len(x)))
        return P

    def fold(self, P: Array, *, out: Array) -> Array:
        """x, each image the sum of its P."""
        self.launch.each("fold", out.size, P, out, *self._numbers(len(out)))
        return out

    def _numbers(self, images: int) -> tuple[int, ...]:
        w = self.windows
        return images, w.height, w.width, self.C, w.size, w.stride, w.pad, w.rows, w.columns

    def _shapes(self, images: int) -> list[tuple[int, ...]]:
        return super()._shapes(images)[:2]


def forward(launch: Launcher, layer: Layer, theta: Theta, trace: LayerTrace) -> Array:
    """y of a layer of `KINDS`."""
    x, y, make = trace.x, trace.y, partial(DeviceScratch, launch)
    match layer:
        case Convolution(windows=windows):
            convolution.forward(x, theta["W"], theta["b"], windows, out=y, make=make)
        case Deconvolution(windows=windows):
            deconvolution.forward(x, theta["W"], theta["b"], windows, out=y, make=make)
        case MaxPooling():
            launch.each("pool", y.size, x, y, *_of_pooling(layer, x))
    return y


def backward(
    launch: Launcher,
    layer: Layer,
    theta: Theta,
    trace: LayerTrace,
    dy: Array,
    dtheta: Theta | None,
    inputs: bool,
) -> Array:
    """dx of a layer of `KINDS`, or dy if it is not requested; writes dtheta if it is given."""
    x, y, dx, make = trace.x, trace.y, trace.dx, partial(DeviceScratch, launch)
    match layer:
        case Convolution(windows=windows):
            if dtheta is not None:
                out = dtheta["W"], dtheta["b"]
                convolution.backward_params(dy, x, windows, out=out, make=make)
            if inputs:
                convolution.backward_input(dy, theta["W"], windows, out=dx, make=make)
        case Deconvolution(windows=windows, tied=tied):
            if dtheta is not None:
                out = dtheta["W"], dtheta["b"]
                deconvolution.backward_params(dy, x, windows, tied=tied, out=out, make=make)
            if inputs:
                deconvolution.backward_input(dy, theta["W"], windows, out=dx, make=make)
        case MaxPooling():
            if inputs:
                launch.each("pool_backward", x.size, dy, x, y, dx, *_of_pooling(layer, x))
    return dx if inputs else dy


def _of_pooling(layer: MaxPooling, x: Array) -> tuple[int, ...]:
    """The numbers of the kernels: images, height, width, C, size, stride, rows, columns."""
    w = layer.windows
    C = w.channels(x.shape[1])
    return len(x), w.height, w.width, C, w.size, w.stride, w.rows, w.columns
