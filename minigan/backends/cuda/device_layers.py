"""Layers whose own passes are kernels, for passes that run the layers one by one.

    DeviceMaxout           the passes of a penalty; otherwise maxout is a part of a block
    DeviceConvolution,     unfold and fold are one launch each per chunk of images; the products
    DeviceDeconvolution    are those of the generic code, by cuBLAS
    DeviceMaxPooling       one launch forward, one backward; its tangent is generic

The kernels are in kernels.cu. Their results have the bits of the generic code, because each thread
adds in its order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from minigan.arrays import Array, array_module
from minigan.backends.cuda.launcher import Launcher
from minigan.layers import Convolution, Deconvolution, Layer, Maxout, MaxPooling
from minigan.layers.layer import Theta
from minigan.layers.patches import Scratch
from minigan.trace import LayerTrace


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
        # P and the product. A thread computes the place of its number in the image itself, so S and
        # the padded images are cut off: a chunk then has more images, and a pass fewer launches.
        return super()._shapes(images)[:2]


class WithDeviceScratch:
    """A layer with `launch` whose passes unfold and fold by kernels."""

    launch: Launcher

    def make(self, *sizes: Any) -> Scratch:
        """The scratch memory of a pass."""
        return DeviceScratch(self.launch, *sizes)


@dataclass(frozen=True)
class DeviceConvolution(WithDeviceScratch, Convolution):
    """`Convolution` with kernels for unfold and fold."""

    launch: Launcher = field(kw_only=True, repr=False, compare=False)


@dataclass(frozen=True)
class DeviceDeconvolution(WithDeviceScratch, Deconvolution):
    """`Deconvolution` with kernels for unfold and fold."""

    launch: Launcher = field(kw_only=True, repr=False, compare=False)


@dataclass(frozen=True)
class DeviceMaxPooling(MaxPooling):
    """`MaxPooling` with one kernel for each pass."""

    launch: Launcher = field(repr=False, compare=False)

    def forward(self, theta: Theta, trace: LayerTrace) -> Array:
        """y[p, q, c] = max_uv x[s p + u, s q + v, c]."""
        x, y = trace.x, trace.y
        self.launch.each("pool", y.size, x, y, *self._numbers(x))
        return y

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx[s p + u, s q + v, c] += dy[p, q, c] for the first (u, v) of a window with x = y."""
        x, y, dx = trace.x, trace.y, trace.dx
        self.launch.each("pool_backward", x.size, dy, x, y, dx, *self._numbers(x))
        return dx

    def _numbers(self, x: Array) -> tuple[int, ...]:
        w = self.windows
        C = w.channels(x.shape[1])
        return len(x), w.height, w.width, C, w.size, w.stride, w.rows, w.columns


@dataclass(frozen=True)
class DeviceMaxout(Maxout):
    """`Maxout` with one kernel for each pass of a penalty; generic code has four per piece."""

    launch: Launcher = field(repr=False, compare=False)

    def backward_input(self, theta: Theta, trace: LayerTrace, dy: Array) -> Array:
        """dx_pj = dy_j for the first piece p with x_pj = y_j, else 0."""
        m, u = dy.shape
        arrays = dy, None, 1.0, trace.x, trace.y, trace.dx, None
        self.launch.columns("maxout_backward", self.pieces * u, *arrays, m, self.pieces, u)
        return trace.dx

    def tangent(self, theta: Theta, trace: LayerTrace, q: Array) -> Array:
        """q_pj of the first piece p with x_pj = y_j."""
        m, u = trace.y.shape
        along: Array = array_module(q).empty(trace.y.shape, dtype=q.dtype)
        self.launch.each("maxout_tangent", m * u, q, trace.x, trace.y, along, m, self.pieces, u)
        return along


# Layers that are not a part of a block with other layers.
IMAGES = (Convolution, Deconvolution, MaxPooling)
ON_DEVICE: dict[type[Layer], Any] = {
    Convolution: DeviceConvolution,
    Deconvolution: DeviceDeconvolution,
    MaxPooling: DeviceMaxPooling,
    Maxout: DeviceMaxout,
}


def on_device(layers: Sequence[Layer], launch: Launcher) -> tuple[Layer, ...]:
    """The layers, with those of a class of `ON_DEVICE` replaced; subclasses stay as they are."""
    return tuple(
        ON_DEVICE[type(layer)](**vars(layer), launch=launch) if type(layer) in ON_DEVICE else layer
        for layer in layers
    )
