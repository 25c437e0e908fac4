"""On a GPU a block is a product and one kernel, and so are the objective, the update, the draws.

    forward     a = x W by cuBLAS, then one kernel: a += b, activation, dropout
    backward    one kernel: dropout, activation, db; then dW = x^T da and dx = da W^T by cuBLAS

The kernels stand in kernels.cu, each under the lines that it replaces. Whatever they do not know
(another chain of layers, another objective) is left to the generic code.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from itertools import pairwise
from typing import Any

from minigan import objectives
from minigan.arrays import Array
from minigan.backends import blocks as layer_by_layer
from minigan.backends.blocks import Block
from minigan.backends.cuda.deferred import LateGuard
from minigan.backends.cuda.device_draws import Resident
from minigan.backends.cuda.launcher import Launcher
from minigan.backends.cupy import CuPyBackend
from minigan.draws.minibatches import Draws, Minibatches
from minigan.layers.descriptions import Dropout, Linear, Maxout, Page, ReLU, Sigmoid
from minigan.objectives import GeneratorObjective
from minigan.parameters import Parameters

SIGN = {objectives.minimax: 1.0, objectives.non_saturating: -1.0}  # of the logit in G's loss


KERNELS = resources.files("minigan.backends.cuda") / "kernels.cu"


def source() -> str:
    """The CUDA source of the kernels."""
    return KERNELS.read_text("utf-8")


class FusedBlocks:
    """`minigan.backends.blocks.Blocks` by kernels; theta, x and dy are float32."""

    def __init__(self, xp: Any, launch: Launcher) -> None:
        self._xp, self._launch = xp, launch

    def forward(self, block: Block, theta: Parameters, pages: Sequence[Page], x: Array) -> Array:
        """y of x (m, n); leaves in each page what `layer_by_layer.forward` leaves there."""
        match block.layers:
            case (Dropout() as dropout,) if pages[0].mask is not None:
                pages[0].x = x
                self._drop(x, pages[0].mask, 1 / dropout.keep, pages[0].y)
                return pages[0].y
            case (Linear(units=1),):
                return self._logit(block, theta, pages[0], x)
            case (Linear(), *rest) if _known(rest):
                return self._product(block, theta, pages, x)
        return layer_by_layer.forward(block, theta, pages, x)

    def backward(
        self,
        block: Block,
        theta: Parameters,
        pages: Sequence[Page],
        dy: Array,
        *,
        dtheta: Parameters | None,
        inputs: bool,
    ) -> Array:
        """dx, and dtheta of the block; numbers that only pass through are not written."""
        match block.layers:
            case (Dropout() as dropout,) if pages[0].mask is not None and inputs:
                self._drop(dy, pages[0].mask, 1 / dropout.keep, pages[0].dx)
                return pages[0].dx
            case (Linear(units=1),):
                return self._logit_backward(block, theta, pages[0], dy, dtheta, inputs)
            case (Linear(), *rest) if _known(rest):
                return self._product_backward(block, theta, pages, dy, dtheta, inputs)
        return layer_by_layer.backward(block, theta, pages, dy, dtheta=dtheta, inputs=inputs)

    def _drop(self, x: Array, mask: Array, scale: float, y: Array) -> None:
        self._launch.each("dropout", x.size, x, mask, scale, y, x.size)

    def _logit(self, block: Block, theta: Parameters, page: Page, x: Array) -> Array:
        m, u = x.shape
        W, b = _of(theta, block)
        page.x = x
        self._launch.rows("logit", m, x, W, b, page.y, m, u)
        return page.y

    def _logit_backward(
        self,
        block: Block,
        theta: Parameters,
        page: Page,
        dy: Array,
        dtheta: Parameters | None,
        inputs: bool,
    ) -> Array:
        m, u = page.x.shape
        W, _ = _of(theta, block)
        dW, db = (None, None) if dtheta is None else _of(dtheta, block)
        dx = page.dx if inputs else None
        self._launch.columns("logit_backward", u + 1, dy, page.x, W, dx, dW, db, m, u)
        return page.dx if inputs else dy

    def _product(self, block: Block, theta: Parameters, pages: Sequence[Page], x: Array) -> Array:
        W, b = _of(theta, block)
        a: Array = self._xp.matmul(x, W, out=pages[0].y)
        pages[0].x = x
        for above, page in pairwise(pages):
            page.x = above.y
        m, u = pages[-1].y.shape
        if len(pages) == 1:
            self._launch.each("bias", m * u, a, b, m, u)
            return a
        mask, scale, h = _dropout(block, pages)
        y = pages[1].y
        match block.layers[1]:
            case ReLU():
                self._launch.each("bias_relu", m * u, a, b, mask, scale, y, h, m, u)
            case Sigmoid():
                self._launch.each("bias_sigmoid", m * u, a, b, mask, scale, y, h, m, u)
            case Maxout(pieces=pieces):
                self._launch.each("bias_maxout", m * u, a, b, mask, scale, y, h, m, pieces, u)
        return y if h is None else h

    def _product_backward(
        self,
        block: Block,
        theta: Parameters,
        pages: Sequence[Page],
        dy: Array,
        dtheta: Parameters | None,
        inputs: bool,
    ) -> Array:
        W, _ = _of(theta, block)
        dW, db = (None, None) if dtheta is None else _of(dtheta, block)
        da = self._through_activation(block, pages, dy, db)
        if dW is not None:
            self._xp.matmul(pages[0].x.T, da, out=dW)
        if not inputs:
            return da
        dx: Array = self._xp.matmul(da, W.T, out=pages[0].dx)
        return dx

    def _through_activation(
        self, block: Block, pages: Sequence[Page], dh: Array, db: Array | None
    ) -> Array:
        """da (m, units of the product), and db where it is given."""
        m, u = dh.shape
        if len(pages) == 1:
            if db is not None:
                self._launch.columns("bias_backward", u, dh, db, m, u)
            return dh
        mask, scale, _ = _dropout(block, pages)
        a, y, da = pages[1].x, pages[1].y, pages[1].dx
        match block.layers[1]:
            case ReLU():
                self._launch.columns("relu_backward", u, dh, mask, scale, y, da, db, m, u)
            case Sigmoid():
                self._launch.columns("sigmoid_backward", u, dh, mask, scale, a, da, db, m, u)
            case Maxout(pieces=pieces):
                self._launch.columns(
                    "maxout_backward", pieces * u, dh, mask, scale, a, y, da, db, m, pieces, u
                )
        return da


class FusedBackend(CuPyBackend):
    """`minigan.backends.protocol.Backend` for CuPy, with kernels.cu."""

    def __init__(self, cupy: Any, device: int = 0) -> None:
        super().__init__(cupy, device)
        self._launch = Launcher(cupy, source())
        self.blocks = FusedBlocks(cupy, self._launch)
        self.late = LateGuard(cupy)
        self.guard = self.late

    def draws(self, host: Minibatches) -> Draws:
        """The same draws, made on the device."""
        return Resident(host, self.xp, self._launch)

    def value_with_gradient(self, a: Array, weight: float, *, out: Array) -> Array:
        """V in the guard's next slot, and weight dV/da into out (2m, 1)."""
        V, m = self.late.slot, len(a) // 2
        self._launch.together("value_with_gradient", a, weight, out, V, m)
        return V

    def loss_with_gradient(self, objective: GeneratorObjective, a: Array, *, out: Array) -> Any:
        """G's loss in the guard's next slot; its gradient into out (m, 1)."""
        if objective not in SIGN:
            return super().loss_with_gradient(objective, a, out=out)
        loss, sign = self.late.slot, SIGN[objective]
        self._launch.together("loss_with_gradient", a, sign, out, loss, len(a))
        return loss

    def descend(self, theta: Parameters, g: Parameters, v: Array, *, eta: float, mu: float) -> None:
        """v <- mu v - eta g; theta <- theta + v."""
        self._launch.each("descend", v.size, theta.vector, g.vector, v, eta, mu, v.size)
        theta.changed()


def _known(rest: Sequence[Any]) -> bool:
    """Whether a kernel does what follows a linear layer: an activation, then dropout, or less."""
    match rest:
        case [] | [ReLU() | Sigmoid() | Maxout()] | [ReLU() | Sigmoid() | Maxout(), Dropout()]:
            return True
    return False


def _of(theta: Parameters, block: Block) -> tuple[Array, Array]:
    """W and b of the block's linear layer."""
    parts = theta.of(block.names[0])
    return parts["W"], parts["b"]


def _dropout(block: Block, pages: Sequence[Page]) -> tuple[Array | None, float, Array | None]:
    """The mask of the block's dropout, its scale 1 / keep, and where it writes; or no mask."""
    *_, last = block.layers
    mask = pages[-1].mask
    if not isinstance(last, Dropout) or mask is None:
        return None, 1.0, None
    return mask, 1 / last.keep, pages[-1].y
