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

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from minigan import draws
from minigan.arrays import Array
from minigan.data.images import Images
from minigan.parameters import Parameters
from minigan.theory.relatives.rbm import RBM, gibbs, hidden_means, train_rbm, visible_means
from minigan.theory.relatives.vae import binarised

M = 100


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
    dbn, n, marginals = DBN(()), images.pixels.shape[1], images.mean()
    for i, hidden in enumerate(sizes):
        below = dbn

        def batch(t: int, rng: np.random.Generator, below: DBN = below) -> Array:
            x = images.gather(rng.integers(len(images), size=M))
            return below.up(binarised(x, rng), rng)

        stream = f"dbn/{i}"
        theta = RBM(n, hidden).initial(seed, stream, marginals)
        train_rbm(theta, batch, updates, rate, seed, stream, k, persistent)
        dbn = DBN((*dbn.thetas, theta))
        rng = draws.generator(seed, f"{stream}/marginals", 0)
        n, marginals = hidden, dbn.up(binarised(images.all(), rng), rng).mean(axis=0)
    return dbn
