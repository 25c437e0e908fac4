"""The features of x: what a hidden layer of D computes, without dropout.

    D              x -> [dropout, linear, maxout] -> [dropout, linear, maxout] -> dropout -> linear
    layer 1, 2     the outputs of the first and of the second maxout layer

A hidden layer ends where the next layer with parameters begins, so the pooling of a convolution
belongs to it. Its features are the outputs of a network of the first layers of D, whose parameters
are the first numbers of theta_d.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from minigan.errors import UserError
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.training.networks import build_D
from minigan.training.parts import NO_PARTS, Parts
from minigan.training.runs import checkpoint
from minigan.training.runs.directory import RunDirectory


def load_discriminator(
    path: Path, which: str = "last", parts: Parts = NO_PARTS
) -> tuple[Network, Parameters]:
    """D and theta_d, on the host, from a checkpoint of the run at `path`.

    parts: the custom D that the run was trained with, if any. Raises UserError if the folder or the
    checkpoint cannot be used, or if the D is not that of the run.
    """
    run = RunDirectory.open_trained(path)
    recipe, facts = run.read_recipe(), run.read_environment()
    parts.require(facts.get("parts") or {}, path, ("D",))
    if recipe.conditional:
        raise UserError(
            f"{path} is a conditional run, and its D was trained with the label of every image: "
            "use a run without classes"
        )
    if recipe.completes:
        raise UserError(
            f"{path} completes pictures, and its D reads a mask beside each picture: use a run "
            "without data.masks"
        )
    shape = tuple(facts["data"]["shape"])
    D = parts.D or build_D(recipe.discriminator, math.prod(shape), shape)
    size, arrays = sum(map(math.prod, D.shapes.values())), run.load_checkpoint(which, ["theta_d"])
    theta_d = checkpoint.matching(arrays, "theta_d", (size,), [np.float32])
    return D, Parameters(D.shapes, theta_d)


def hidden_layer(D: Network, theta_d: Parameters, layer: int) -> tuple[Network, Parameters]:
    """The network from x to the outputs of hidden layer 1, 2, ... of D, and its parameters.

    Raises UserError if D has no such layer.
    """
    ends = [i for i, n in enumerate(D.widths[:-1]) if D.layers[i].shapes(n)][1:]
    if not 1 <= layer <= len(ends):
        has = {0: "no hidden layer", 1: "one hidden layer"}.get(
            len(ends), f"the hidden layers 1 to {len(ends)}"
        )
        raise UserError(f"D has {has}: layer {layer} does not exist")
    network = Network(D.inputs, D.layers[: ends[layer - 1]])
    size = sum(map(math.prod, network.shapes.values()))
    return network, Parameters(network.shapes, theta_d.vector[:size])
