"""The limit of one iteration: the time of its matrix products and of its memory traffic in NumPy.

    products   every matrix product that the update order needs, by `np.matmul`, preallocated
    unfolding  one read and one write of the patches of every product of a convolution
    stream     one pass over all parameters: read g, read and write v, read and write theta
    limit      products + unfolding + stream

A linear layer n -> u has three products for m rows, of 2 m n u floating-point operations each:

    forward  y = x W  (m, n)(n, u)      input  dx = dy W^T  (m, u)(u, n)      params  dW = x^T dy

An iteration with k = 1 needs these products:

    Algorithm 1    G forward on m rows; D forward on 2m rows, its params, its input above layer 1;
                   G forward on m rows; D forward and input on m rows; G's params, G's input above
                   layer 1
    simultaneous   G forward on m rows; D forward on 2m rows, its params, its input above layer 1;
                   D's input on the m fake rows; G's params, G's input above layer 1

With the networks of mnist-2014 and m = 100 these are 3.57 and 2.82 GFLOP. (The simultaneous update
order needs only 2.76. The gradients of both players go back through D's upper layers over the same
fake rows, and the gradients of the logits differ by one factor per row. So the second pass could be
computed by scaling the first. The code computes both passes, and the limit counts both.) The memory
layouts are those of `layers/linear.py`. A convolution or deconvolution has the same three
products, with a row for each image and position. They are made for `IMAGES` images at a time, since
the patches of a whole minibatch would not fit into the memory of a small machine.

The stream is v += g; theta += v over blocks of `BLOCK` numbers. The three blocks stay in the cache
between the two calls, so each number of g, v and theta is read from memory once, and v and theta
are written once: 20 bytes per parameter. The additions take less time than the reading. The stream
runs in one thread, like everything in NumPy except its BLAS.

The limit is the time of these two parts one after the other. Code that does element-wise work in
parallel with the products can be faster than the limit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array
from minigan.network import Network
from minigan.training.workload import WeightMatrix, weight_matrices

BLOCK = 1 << 14
IMAGES = 16
KINDS = ("forward", "input", "params")


@dataclass(frozen=True)
class Product:
    """One matrix product of a linear layer n -> u on m rows; `layer` is its name, such as "G 2".

    The `patches` of a convolution are its x, those of a deconvolution its y; "" if there are none.
    """

    kind: str
    layer: str
    m: int
    n: int
    u: int
    patches: str = ""

    @property
    def flop(self) -> int:
        """2 m n u floating-point operations: a multiplication and an addition for each m, n, u."""
        return 2 * self.m * self.n * self.u

    @property
    def numbers_of_patches(self) -> int:
        """How many numbers the patches have: those of x, of y, or 0."""
        return self.m * {"x": self.n, "y": self.u, "": 0}[self.patches]


def products_of(schedule: str, G: Network, D: Network, m: int, k: int = 1) -> list[Product]:
    """All products of one iteration of "algorithm1" or "simultaneous", in order."""
    D_step = [
        *_forward("G", G, m),
        *_forward("D", D, 2 * m),
        *_backward("D", D, 2 * m, inputs=False),
    ]
    if schedule == "simultaneous":
        through_D = _backward("D", D, m, params=False)
        return [*D_step, *through_D, *_backward("G", G, m, inputs=False)]
    G_step = [
        *_forward("G", G, m),
        *_forward("D", D, m),
        *_backward("D", D, m, params=False),
        *_backward("G", G, m, inputs=False),
    ]
    return k * D_step + G_step


def _weights(name: str, network: Network) -> list[tuple[str, WeightMatrix, bool]]:
    """(name, W, whether its layer is the first one with weights), from the first to the last."""
    matrices = list(weight_matrices(network))
    return [(f"{name} {i}", W, W.layer == matrices[0].layer) for i, W in enumerate(matrices, 1)]


def _products(kind: str, layer: str, W: WeightMatrix, m: int) -> Iterator[Product]:
    """The products of one kind for m rows; those of a convolution for a few images each."""
    step = IMAGES if W.patches else m
    for start in range(0, m, step):
        rows = min(step, m - start) * W.positions
        yield Product(kind, layer, rows, W.n, W.u, W.patches)


def _forward(name: str, network: Network, m: int) -> list[Product]:
    layers = _weights(name, network)
    return [p for layer, W, _ in layers for p in _products("forward", layer, W, m)]


def _backward(
    name: str, network: Network, m: int, *, params: bool = True, inputs: bool = True
) -> list[Product]:
    """The products from the last layer to the first; without `inputs`, not dx of the first."""
    products: list[Product] = []
    for layer, W, first in reversed(_weights(name, network)):
        products += _products("params", layer, W, m) if params else []
        products += _products("input", layer, W, m) if inputs or not first else []
    return products


class Limit:
    """The products, the unfolding and the stream of one iteration, on preallocated arrays.

    `products()`, `unfolding()`, `stream()` and `whole()` do the work. `flop` is its number of
    floating-point operations. `bytes_of_unfolding` and `bytes_of_stream` are the memory traffic.
    """

    def __init__(self, schedule: str, G: Network, D: Network, m: int, k: int = 1) -> None:
        products = products_of(schedule, G, D, m, k)
        self.flop = sum(product.flop for product in products)
        self._operands = operands(products)
        sizes_of_P = [product.numbers_of_patches for product in products if product.patches]
        self.bytes_of_unfolding = 8 * sum(sizes_of_P)
        P, copy = (np.ones(max(sizes_of_P, default=0), np.float32) for _ in range(2))
        self._patches = [(copy[:size], P[:size]) for size in sizes_of_P]
        sizes = [_size(G)] + [_size(D)] * (1 if schedule == "simultaneous" else k)
        self.bytes_of_stream = 20 * sum(sizes)
        vectors = {size: _vectors(size) for size in sizes}
        self._blocks = [block for size in sizes for block in _blocks(*vectors[size])]

    def products(self) -> None:
        """All products of the iteration."""
        for a, b, out in self._operands:
            np.matmul(a, b, out=out)

    def unfolding(self) -> None:
        """One copy of the patches for each product with them."""
        for copy, P in self._patches:
            np.copyto(copy, P)

    def stream(self) -> None:
        """One pass over theta, v and the gradient of each player, for each of its updates."""
        for theta, v, g in self._blocks:
            np.add(v, g, out=v)
            np.add(theta, v, out=theta)

    def whole(self) -> None:
        """The products, then the unfolding, then the stream."""
        self.products()
        self.unfolding()
        self.stream()


def operands(
    products: list[Product], asarray: Callable[[Array], Array] = np.asarray
) -> list[tuple[Array, Array, Array]]:
    """(a, b, out) of each product; passes of a layer with the same number of rows share arrays.

    asarray: copies an array of NumPy to the device.
    """
    rng, arrays = np.random.default_rng(0), dict[tuple[str, str, int], Array]()

    def array(what: str, layer: str, rows: int, columns: int) -> Array:
        key = (what, layer, rows)
        if key not in arrays:
            arrays[key] = asarray(rng.standard_normal((rows, columns), dtype=np.float32))
        return arrays[key]

    found = []
    for p in products:
        x, dx = array("x", p.layer, p.m, p.n), array("dx", p.layer, p.m, p.n)
        y, dy = array("y", p.layer, p.m, p.u), array("dy", p.layer, p.m, p.u)
        W, dW = array("W", p.layer, p.n, p.u), array("dW", p.layer, p.n, p.u)
        by_kind = {"forward": (x, W, y), "input": (dy, W.T, dx), "params": (x.T, dy, dW)}
        found.append(by_kind[p.kind])
    return found


def _size(network: Network) -> int:
    return sum(math.prod(shape) for shape in network.shapes.values())


def _vectors(size: int) -> tuple[Array, Array, Array]:
    """theta, v and g. g is so small that v does not change: no number gets large or denormal."""
    rng = np.random.default_rng(0)
    v = rng.random(size, dtype=np.float32) + np.float32(1)
    return rng.random(size, dtype=np.float32), v * np.float32(1e-6), v * np.float32(1e-18)


def _blocks(*vectors: Array) -> list[tuple[Array, ...]]:
    """Corresponding blocks of BLOCK numbers of each vector."""
    starts = range(0, len(vectors[0]), BLOCK)
    return [tuple(vector[i : i + BLOCK] for vector in vectors) for i in starts]
