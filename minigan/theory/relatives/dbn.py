"""A deep belief network (DBN): RBMs on top of each other, trained one after the other.

    layer 1      an RBM on binary x
    layer l + 1  an RBM on h_l ~ p(h_l | h_(l-1)), with the layers below fixed
    a sample     h_(L-1), h_L: a Gibbs chain of the top RBM, from noise
                 h_(l-1) ~ p(h_(l-1) | h_l) down to h_1, then x = E[x | h_1]

The last line returns means of pixels, and no binary x: the Parzen score of section 5 is about
images with grey pixels, and black-and-white samples have a far lower score.

Source: Hinton, Osindero and Teh 2006. Table 1 of the paper cites a DBN with 138 nats on MNIST; its
sizes are not published there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.data.images import Images
from minigan.optimizers import Momentum
from minigan.parameters import Parameters
from minigan.schedules import Constant
from minigan.theory.relatives.rbm import (
    RBM,
    cd_gradient,
    gibbs,
    hidden_means,
    reconstruction_cross_entropy,
    visible_means,
)
from minigan.theory.relatives.vae import binarised

M, MOMENTUM = 100, 0.5


@dataclass(frozen=True)
class DBN:
    """The parameters of each RBM, from the bottom to the top."""

    thetas: tuple[Parameters, ...]

    def up(self, v: Array, rng: np.random.Generator) -> Array:
        """The binary states of the highest layer, drawn layer by layer from binary v (m, n)."""
        for theta in self.thetas:
            v = binarised(hidden_means(theta, v), rng)
        return v

    def samples(self, count: int, steps: int, seed: int) -> Array:
        """x (count, n), means of pixels, from one chain of `steps` steps for each sample."""
        rng = draws.generator(seed, "dbn/samples", 0)
        top = self.thetas[-1]
        start = rng.integers(2, size=(count, len(top["b"]))).astype(np.float32)
        h = binarised(hidden_means(top, gibbs(top, start, steps, rng)), rng)
        for theta in reversed(self.thetas[1:]):
            h = binarised(visible_means(theta, h), rng)
        return visible_means(self.thetas[0], h)


def initial_layer(below: DBN, images: Images, hidden: int, seed: int) -> Parameters:
    """theta of a new RBM on top of `below`; b has the logits of the means of its visible units.

    These are the means of the pixels, or those of the states of the highest layer of `below`.
    """
    means, i = images.mean(), len(below.thetas)
    if i:
        rng = draws.generator(seed, f"dbn/{i - 1}/marginals", 0)
        means = below.up(binarised(images.all(), rng), rng).mean(axis=0)
    return RBM(len(means), hidden).initial(seed, f"dbn/{i}", means)


def dbn_update(
    below: DBN,
    theta: Parameters,
    images: Images,
    m: int,
    k: int,
    seed: int,
    t: int,
    chains: Array | None = None,
) -> tuple[Parameters, Array, Callable[[], float]]:
    """The estimate of the gradient that the RBM on top of `below` ascends in update t.

    Its Gibbs chains take k steps from a minibatch of m images (CD-k), or from `chains`, where those
    of the update before ended (PCD-k). Returns the gradient, the new ends of the chains, and a
    function that returns the cross-entropy of the reconstruction of the minibatch in nats per row,
    at the value of theta when the function is called.
    """
    rng = draws.generator(seed, f"dbn/{len(below.thetas)}", t)
    x = images.gather(rng.integers(len(images), size=m))
    v = below.up(binarised(x, rng), rng)
    ends = gibbs(theta, v if chains is None else chains, k, rng)
    return cd_gradient(theta, v, ends), ends, lambda: reconstruction_cross_entropy(theta, v)


def train_dbn(
    images: Images,
    sizes: Sequence[int],
    updates: int,
    rate: float,
    seed: int,
    k: int = 1,
    persistent: bool = False,
) -> DBN:
    """A DBN with hidden layers of these sizes, `updates` updates of CD-k or PCD-k for each."""
    dbn = DBN(())
    for hidden in sizes:
        theta = initial_layer(dbn, images, hidden, seed)
        player = Momentum(theta, Constant(rate), Constant(MOMENTUM))
        chains = None
        for t in range(updates):
            gradient, ends, _ = dbn_update(dbn, theta, images, M, k, seed, t, chains)
            player.ascend(gradient)
            chains = ends if persistent else None
        dbn = DBN((*dbn.thetas, theta))
    return dbn
