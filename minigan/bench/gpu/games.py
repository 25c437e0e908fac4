"""The games that a GPU is verified with: the paper's networks on random images, on any backend.

The recipe is mnist-2014 with another schedule and minibatch; with the same seed every backend
starts from the same theta and gets the same draws.
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
from minigan.training.experiment import build_D, build_G, game_of, minibatches
from minigan.training.recipes import Recipe

IMAGES = 10_000


@dataclass(frozen=True)
class Setting:
    """What is played: a recipe and random images of side by side pixels."""

    recipe: Recipe
    images: Images

    @property
    def networks(self) -> tuple[Network, Network]:
        """G and D."""
        n = self.images.pixels.shape[1]
        G = build_G(self.recipe.generator, self.recipe.prior.size, n)
        return G, build_D(self.recipe.discriminator, n)


def setting(schedule: str, width: float, side: int, m: int) -> Setting:
    """The paper's networks, so many times as wide, for images of side by side random pixels."""
    count = max(IMAGES, m)
    pixels = np.random.default_rng(0).integers(0, 256, (count, side * side), dtype=np.uint8)
    images = Images(pixels, np.zeros(count, np.uint8), 255, side, side)
    return Setting(mnist_2014(schedule, m, width), images)


def game_on(backend: Backend, of: Setting, seed: int = 1, amplified: float = 1.0) -> Game:
    """The game before its first iteration, with D's weights amplified (see bench.checks)."""
    networks, images = of.networks, of.images
    theta = [
        Parameters(net.shapes, backend.asarray(scale * net.initial(seed, name).vector))
        for net, name, scale in zip(networks, ("theta_g", "theta_d"), (1, amplified), strict=True)
    ]
    draws = minibatches(of.recipe, seed, images, networks[1])
    return game_of(of.recipe, networks, (theta[0], theta[1]), draws, len(images), backend)


def thetas(game: Game, backend: Backend) -> tuple[Array, Array]:
    """theta_g and theta_d on the host, as copies."""
    to_host = backend.to_host
    theta_g, theta_d = game.player_g.theta.vector, game.player_d.theta.vector
    return np.array(to_host(theta_g)), np.array(to_host(theta_d))
