"""The initial parameters of a run: those of each layer, then what the recipe changes in G.

    b of the last layer     logit of the mean of each pixel, for images with a sigmoid at the end;
                            of each channel, for a tied bias
    b of sigmoid layers     `hidden_bias`, for each hidden layer of G with a sigmoid
    W of the last layer     `sparse_output` weights of each unit are N(0, 1), all others 0
    the last layers of G    all of theta_g of another run: `upper`

The second and third are in the published TFD configuration, and so is the fourth: its second stage
puts two new layers under the whole G of its first stage, and trains all of them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.data.images import Images
from minigan.data.sets import DataSet
from minigan.errors import UserError
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.training.networks import logit_of_marginals
from minigan.training.recipes.players import Generator
from minigan.training.sampling import load_sampler


def initial_theta_g(
    recipe: Generator, G: Network, seed: int, data: DataSet, with_upper: bool = True
) -> Parameters:
    """theta_g of the G that the recipe describes, before the first iteration.

    Without `with_upper`, the run of `upper` is not read: its parameters are not needed where a
    checkpoint replaces them. Raises UserError if that run cannot be read or does not fit.
    """
    theta = G.initial(seed, "theta_g")
    W, b = [*G.shapes][-2:]
    for number, activation in enumerate(recipe.activations, 1):
        if activation == "sigmoid":
            theta[f"linear{number}.b"][...] = recipe.hidden_bias
    if recipe.sparse_output:
        _make_sparse(theta[W], recipe.sparse_output, seed)
    if recipe.output == "sigmoid" and isinstance(data.train, Images):
        # As in the published configuration: the first samples have about the mean brightness
        # of each pixel.
        mean = data.train.mean()
        if mean.size != theta[b].size:  # a bias tied over places: the mean of each channel
            mean = mean.reshape(-1, theta[b].size).mean(axis=0)
        theta[b][...] = logit_of_marginals(mean, recipe.marginal_floor)
    if recipe.upper and with_upper:
        _copy_upper(theta, Path(recipe.upper))
    return theta


def _make_sparse(W: Array, count: int, seed: int) -> None:
    """Set `count` numbers of each column of W (n, u) to draws from N(0, 1), the others to 0.

    Raises UserError if a column has fewer numbers.
    """
    n, u = W.shape
    if count > n:
        raise UserError(
            f"generator.sparse_output = {count} is more than the {n} inputs of the last layer of G"
        )
    rng = draws.generator(seed, "theta_g/sparse", 0)
    chosen = rng.permuted(np.tile(np.arange(n, dtype=np.int32)[:, None], u), axis=0)[:count]
    W[...] = 0
    np.put_along_axis(W, chosen, rng.standard_normal((count, u), dtype=np.float32), axis=0)


def _copy_upper(theta: Parameters, path: Path) -> None:
    """Copy theta_g of the run at `path` to the last tensors of theta."""
    upper = load_sampler(path, averaged=False).theta_g
    own, others = list(theta.values())[-len(upper) :], list(upper.values())
    if [one.shape for one in own] != [other.shape for other in others]:
        raise UserError(
            f"the last layers of generator.hidden do not fit the G of {path}, with the matrices "
            f"{', '.join(str(other.shape) for other in others if other.ndim == 2)}: change "
            "generator.hidden, or name another run in generator.upper"
        )
    theta.vector[-len(upper.vector) :] = upper.vector
