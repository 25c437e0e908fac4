"""The games that verify a GPU: the paper's networks on random images, on any backend.

The recipe is mnist-2014 with another update order, minibatch size and width. With the same seed
every backend starts from the same theta and uses the same draws.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minigan.arrays import Array
from minigan.backends.protocol import Backend
from minigan.bench.setting import mnist_2014
from minigan.data.images import Images
from minigan.game import Game
from minigan.network import Network
from minigan.parameters import Parameters
from minigan.training.building import game_of, minibatches
from minigan.training.networks import build_D, build_G
from minigan.training.recipes import Recipe

IMAGES = 10_000


@dataclass(frozen=True)
class GameSetup:
    """The recipe of a game, and its random images of side x side pixels."""

    recipe: Recipe
    images: Images

    @property
    def networks(self) -> tuple[Network, Network]:
        """G and D."""
        n = self.images.pixels.shape[1]
        G = build_G(self.recipe.generator, self.recipe.prior.size, n)
        return G, build_D(self.recipe.discriminator, n)


def game_setup(schedule: str, width: float, side: int, m: int) -> GameSetup:
    """The paper's networks for random images of side x side pixels.

    The numbers of hidden units are multiplied by `width`.
    """
    count = max(IMAGES, m)
    pixels = np.random.default_rng(0).integers(0, 256, (count, side * side), dtype=np.uint8)
    images = Images(pixels, np.zeros(count, np.uint8), 255, side, side)
    return GameSetup(mnist_2014(schedule, m, width), images)


def game_on(backend: Backend, setup: GameSetup, seed: int = 1, amplified: float = 1.0) -> Game:
    """The game on a backend before its first iteration.

    The weights of D are multiplied by `amplified` (see `minigan.bench.checks`).
    """
    networks, images = setup.networks, setup.images
    theta = [
        Parameters(net.shapes, backend.asarray(scale * net.initial(seed, name).vector))
        for net, name, scale in zip(networks, ("theta_g", "theta_d"), (1, amplified), strict=True)
    ]
    draws = minibatches(setup.recipe, seed, images, networks[1])
    return game_of(setup.recipe, networks, (theta[0], theta[1]), draws, len(images), backend)


def host_thetas(game: Game, backend: Backend) -> tuple[Array, Array]:
    """Copies of theta_g and theta_d in host memory."""
    to_host = backend.to_host
    theta_g, theta_d = game.player_g.theta.vector, game.player_d.theta.vector
    return np.array(to_host(theta_g)), np.array(to_host(theta_d))
