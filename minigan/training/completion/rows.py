"""The completion game is the game of the paper on longer rows: [x, s] for x, and [z, k, s] for z.

    p(missing | observed)    D(x, s) gets rows [x, s]
                             G(z, k, s) gets rows [z, k, s], k = s x, and returns [k + (1 - s) g, s]
    s                        the mask: 1 where a value is observed, 0 where it is missing

x and s are independent in the rows of the data. In the rows of G, x is another training example and
s a mask of the same distribution. D compares them for each s, so the game has its equilibrium where
the missing values have the distribution that they have in the data, given the observed ones: for
every mask, with one G. So Algorithm 1, the objectives and the optimizers need no change.

For samples without a picture, z is followed by zeros: k = 0 and s = 0, so everything is missing,
and G(z, 0, 0) is a sample.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array
from minigan.draws.minibatches import Examples
from minigan.training.completion.masks import draw_masks


@dataclass(frozen=True)
class BesideMasks:
    """Rows [x, s]: a `change` of `Minibatches`, for examples of this shape."""

    shape: tuple[int, ...]
    kinds: tuple[str, ...]

    def __call__(self, rng: np.random.Generator, x: Array) -> Array:
        """[x, s] (m, 2n) float32, with a mask of its own for each row."""
        return np.hstack([x, draw_masks(rng, len(x), self.shape, self.kinds)])


@dataclass(frozen=True)
class PriorOfCompletions:
    """A prior of rows [z, k, s]: z ~ p_z, k = s x for a random training example x, and its s."""

    prior: Callable[[np.random.Generator, int, int], Array]
    examples: Examples
    kinds: tuple[str, ...]

    def __call__(self, rng: np.random.Generator, m: int, size: int) -> Array:
        """[z, k, s] (m, size), float32."""
        examples = self.examples
        x = examples.gather(rng.integers(len(examples), size=m))
        s = draw_masks(rng, m, tuple(examples.shape), self.kinds)
        return np.hstack([self.prior(rng, m, size - 2 * x.shape[1]), s * x, s])
