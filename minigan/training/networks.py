"""The networks of section 5, as a recipe describes them.

G    z -> [linear, ReLU or sigmoid] for each hidden layer -> linear -> sigmoid for images in [0, 1]
D    x -> [dropout, linear, maxout] for each hidden layer -> dropout -> linear: one logit

A hidden layer of G may have a sigmoid instead of ReLU. G may end with deconvolutions, and D begin
with convolutions: `image_networks`. With classes, both get a branch for c: `conditional`. Games on
longer rows of other kinds have these networks with further inputs: `completion`, `instance_noise`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from minigan.arrays import Array
from minigan.errors import UserError
from minigan.layers import Dropout, Layer, Linear, Maxout, ReLU, Sigmoid, sigmoid
from minigan.network import Network
from minigan.training.completion.networks import completing_D, completing_G
from minigan.training.conditional.networks import conditional_D, conditional_G
from minigan.training.image_networks import convolution_layers, deconvolution_layers
from minigan.training.instance_noise import noisy_G
from minigan.training.recipes import Recipe
from minigan.training.recipes.players import Discriminator, Generator

ACTIVATIONS: dict[str, Layer] = {"relu": ReLU(), "sigmoid": Sigmoid()}


def networks_of(
    recipe: Recipe, n: int, image: Sequence[int], classes: int = 0
) -> tuple[Network, Network]:
    """(G, D) of a recipe for examples of n values; `image` and `classes` are as in `build_G`."""
    G = build_G(recipe.generator, recipe.prior.size, n, image, classes)
    D = build_D(recipe.discriminator, n, image, classes)
    if recipe.completes:
        return completing_G(G, n), completing_D(D)
    if recipe.discriminator.instance_noise:
        return noisy_G(G, n), D
    return G, D


def build_G(
    recipe: Generator, z_size: int, n: int, image: Sequence[int] = (), classes: int = 0
) -> Network:
    """G: z -> hidden layers -> n outputs, then a sigmoid if recipe.output says so (section 5).

    If the shape of an `image` is given, deconvolutions to another are refused. With `classes`, G
    maps rows [z, c] to rows [x, c].
    """
    layers: list[Layer] = []
    activations = recipe.activations or ("relu",) * len(recipe.hidden)
    for units, activation in zip(recipe.hidden, activations, strict=True):
        layers += [Linear(units, recipe.spread), ACTIVATIONS[activation]]
    if recipe.deconvolutions:
        layers += deconvolution_layers(recipe, image)
    else:
        layers.append(Linear(n, recipe.output_spread or recipe.spread))
    if recipe.output == "sigmoid":
        layers.append(Sigmoid())
    if not classes:
        return Network(z_size, tuple(layers))
    branch = Linear(recipe.class_units, recipe.spread * math.sqrt(z_size))
    return Network(z_size + classes, conditional_G(layers, z_size, classes, branch))


def build_D(recipe: Discriminator, n: int, image: Sequence[int] = (), classes: int = 0) -> Network:
    """D: n inputs -> maxout layers -> one logit, with dropout before each layer (section 5).

    A D with convolutions needs the shape of an `image`: height, width, channels. With `classes`, D
    reads rows [x, c].
    """
    layers: list[Layer] = []
    keep = recipe.keep_input
    for stage in convolution_layers(recipe, image) if recipe.convolutions else ():
        layers += [*_dropout(keep), *stage]
        keep = recipe.keep_hidden
    for units in recipe.units:
        layers += _dropout(keep)
        layers += [Linear(units * recipe.pieces, recipe.spread), Maxout(units, recipe.pieces)]
        keep = recipe.keep_hidden
    layers += [*_dropout(keep), Linear(1, recipe.spread)]
    if not classes:
        return Network(n, tuple(layers))
    units, pieces = recipe.class_units, recipe.pieces
    branch = Linear(units * pieces, recipe.spread * math.sqrt(n)), Maxout(units, pieces)
    return Network(n + classes, conditional_D(layers, n, classes, branch))


def _dropout(keep: float) -> list[Layer]:
    return [Dropout(keep)] if keep < 1 else []


def bytes_of(recipe: Recipe, G: Network, D: Network) -> int:
    """The bytes of a game in float32: theta, gradient, optimizer; y and dx of each trace.

    The optimizer has one vector of the size of theta, Adam two. G has two traces of m rows; D has
    one of m rows and one of 2m rows. The largest penalty, WGAN-GP, needs one more gradient of D, a
    trace of m rows, and the tangent of each layer.
    """
    m, vectors = recipe.training.m, 4 if recipe.optimizer.kind == "adam" else 3
    of_G, of_D = (sum(math.prod(shape) for shape in net.shapes.values()) for net in (G, D))
    activations = 2 * m * (2 * sum(G.widths) + 3 * sum(D.widths))
    penalty = of_D + 3 * m * sum(D.widths) if recipe.discriminator.penalty else 0
    return 4 * (vectors * (of_G + of_D) + activations + penalty)


def check_sizes(G: Network, D: Network, n: int) -> None:
    """Raises UserError unless G makes n values, D takes n, and D gives one logit."""
    if G.mask_sizes:
        raise UserError("G has a layer with a mask, but masks are drawn for D only: leave it out")
    if (G.outputs, D.inputs, D.outputs) != (n, n, 1):
        raise UserError(
            f"an example has {n} values, but G has {G.outputs} outputs, and D has {D.inputs} "
            f"inputs and {D.outputs} outputs: G needs {n} outputs, and D needs {n} inputs and 1 "
            "output, the logit"
        )


def require_second_order(D: Network) -> None:
    """Raises UserError, which names the layer, unless a penalty can be computed for D."""
    for layer, n in zip(D.layers, D.widths, strict=False):
        needed = ["tangent", "curvature", *(["backward_params_along"] if layer.shapes(n) else [])]
        kind = type(layer)
        for method in needed:
            if getattr(kind, method, None) in (None, getattr(Layer, method)):
                raise UserError(
                    f"discriminator.penalty needs the derivative of D's gradient, and "
                    f"{kind.__name__} has no {method}: set discriminator.penalty = '', or use "
                    "another layer"
                )


def logit_of_marginals(mean: Array, floor: float) -> Array:
    """log(p / (1 - p)) for the mean p (n,) of each pixel, with p clipped to [floor, 1 - floor]."""
    return sigmoid.logit(np.clip(mean, floor, 1 - floor))
