"""The networks of a conditional game: a branch for c beside the first layer of G and of D.

    G(z, c)    [linear, activation] of z and [linear, activation] of c, joined; then as G(z)
    D(x, c)    [linear, maxout] of x and [linear, maxout] of c, joined; then as D(x)

These are the networks of Mirza and Osindero, Conditional Generative Adversarial Nets (2014). The
functions get the layers of G(z) and D(x), and put the branch for c beside them. D's dropout on its
input drops values of x only.

At the start, W of the branch for c is uniform on (-s, s) with s = spread sqrt(n), where n is the
number of values of z or x. Only one of the values of c is not 0, so with this factor the first
outputs of both branches are about equally large.
"""

from __future__ import annotations

from collections.abc import Sequence

from minigan.layers import Branch, Dropout, Identity, Layer, Linear, Maxout, Parallel
from minigan.training.passing_on import passing_on


def conditional_G(
    layers: Sequence[Layer], z_size: int, classes: int, branch: Linear
) -> tuple[Layer, ...]:
    """The layers of G(z, c) for rows [z, c]; every layer passes c on, and G returns [G(z, c), c].

    layers: those of G(z), of which the first is linear. branch: the linear layer for c.
    """
    c = slice(z_size, z_size + classes)
    parts = (Branch(0, z_size, layers[0]), Branch(c.start, c.stop, branch), Branch(c.start, c.stop))
    first = Parallel(parts)
    return first, *passing_on(layers[1:], first.width(c.stop) - classes, classes)


def conditional_D(
    layers: Sequence[Layer], n: int, classes: int, branch: tuple[Linear, Maxout]
) -> tuple[Layer, ...]:
    """The layers of D(x, c) for rows [x, c].

    layers: those of D(x), which begin with linear and maxout, or with dropout, linear and maxout.
    branch: the linear layer for c, and the maxout of its outputs.
    """
    linear, maxout = branch
    beside: list[Layer] = [linear, maxout]
    if isinstance(layers[0], Dropout):
        beside.insert(0, Identity())
    conditional: list[Layer] = []
    width, of_c = n, classes
    for layer, one in zip(layers, beside, strict=False):
        branches = (Branch(0, width, layer), Branch(width, width + of_c, one))
        conditional.append(Parallel(branches))
        width, of_c = (each.width for each in branches)
    return (*conditional, *layers[len(beside) :])
