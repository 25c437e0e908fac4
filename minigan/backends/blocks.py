"""A block is a linear layer with the activation and the dropout that follow it.

    forward     x -> linear -> activation -> dropout -> y
    backward    dx <- linear <- activation <- dropout <- dy        dW and db on the way

It is the unit that a GPU may take over: there the products cost little, and what counts is how
often the numbers between them are read and written. These two functions are what it takes over
(minigan.backends.cuda.fused): the layers' own functions, one after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from minigan.arrays import Array
from minigan.layers.descriptions import Layer, Linear, Page
from minigan.parameters import Parameters


@dataclass(frozen=True)
class Block:
    """Neighbouring layers of a network with their names; `start` is the place of the first."""

    start: int
    names: tuple[str, ...]
    layers: tuple[Layer, ...]

    @property
    def stop(self) -> int:
        """The place after the last layer."""
        return self.start + len(self.layers)


class Blocks(Protocol):
    """Whoever takes a pass through a block: this module, or the kernels of a device."""

    def forward(self, block: Block, theta: Parameters, pages: Sequence[Page], x: Array) -> Array:
        """y of x (m, n); leaves in each page what the layers read and wrote."""

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
        """dx (m, n), where `inputs` asks for it; the block's part of dtheta, where it is given."""


def split(names: Sequence[str], layers: Sequence[Layer]) -> tuple[Block, ...]:
    """The blocks of a chain of layers: a new one begins at each linear layer."""
    starts = {0, *(i for i, layer in enumerate(layers) if isinstance(layer, Linear))}
    return tuple(
        Block(start, tuple(names[start:stop]), tuple(layers[start:stop]))
        for start, stop in pairwise(sorted({*starts, len(layers)}))
    )


def forward(block: Block, theta: Parameters, pages: Sequence[Page], x: Array) -> Array:
    """`Blocks.forward` by the layers' functions."""
    h = x
    for name, layer, page in zip(block.names, block.layers, pages, strict=True):
        page.x = h
        h = layer.forward(theta.of(name), page)
    return h


def backward(
    block: Block,
    theta: Parameters,
    pages: Sequence[Page],
    dy: Array,
    *,
    dtheta: Parameters | None,
    inputs: bool,
) -> Array:
    """`Blocks.backward` by the layers' functions."""
    for i in reversed(range(len(block.layers))):
        name, layer, page = block.names[i], block.layers[i], pages[i]
        if dtheta is not None:
            layer.backward_params(dtheta.of(name), page, dy)
        if inputs or i > 0:
            dy = layer.backward_input(theta.of(name), page, dy)
    return dy
