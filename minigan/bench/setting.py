"""The games that are benchmarked: the networks of mnist-2014 and of CIFAR-10 on random images.

The images have the shape of MNIST's or of CIFAR-10's. No data set is needed, because the time of an
iteration does not depend on the content of the images.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from minigan.arrays import Array
from minigan.bench.checks import AMPLIFIED
from minigan.data.contrast import NormalisedImages
from minigan.data.images import Images
from minigan.draws.minibatches import Draws, Minibatches
from minigan.game import Game
from minigan.network import Network
from minigan.training import recipes
from minigan.training.building import game_of, minibatches
from minigan.training.networks import build_D, build_G
from minigan.training.recipes import Recipe

SIDE = 28
COLOUR = (32, 32, 3)  # height, width and channels of CIFAR-10
SEED = 1


def random_images(count: int) -> Images:
    """`count` images of 28 by 28 random bytes, without labels."""
    pixels = np.random.default_rng(0).integers(0, 256, (count, SIDE * SIDE), dtype=np.uint8)
    return images_from_pixels(pixels)


def images_from_pixels(pixels: Array) -> Images:
    """Images whose pixels are the rows of `pixels` (N, 784) uint8, an array or a memmap."""
    return Images(pixels, np.zeros(len(pixels), np.uint8), 255, SIDE, SIDE)


def mnist_2014(schedule: str, m: int, width: float = 1.0) -> Recipe:
    """The recipe mnist-2014 with this update order and minibatch size m.

    The numbers of hidden units are multiplied by `width`.
    """
    recipe = recipes.load("mnist-2014")
    hidden, units = recipe.generator.hidden, recipe.discriminator.units
    return replace(
        recipe,
        generator=replace(recipe.generator, hidden=tuple(_scaled(width, hidden))),
        discriminator=replace(recipe.discriminator, units=tuple(_scaled(width, units))),
        training=replace(recipe.training, schedule=schedule, m=m),
    )


def cifar(name: str, width: float = 1.0, m: int = 0) -> Recipe:
    """The recipe of this name without a penalty, with the units and channels times `width`.

    `m` replaces its minibatch size; 0: its own.
    """
    recipe = recipes.load(name)
    G, D = recipe.generator, recipe.discriminator
    hidden = _scaled(width, G.hidden)
    if G.map:  # the last hidden layer has the channels of the map
        positions = math.prod(G.map)
        hidden[-1] = positions * _scaled(width, (G.hidden[-1] // positions,))[0]
    convolutions = tuple(
        replace(one, channels=_scaled(width, (one.channels,))[0]) for one in D.convolutions
    )
    return replace(
        recipe,
        generator=replace(G, hidden=tuple(hidden)),
        discriminator=replace(
            D,
            units=tuple(_scaled(width, D.units)),
            convolutions=convolutions,
            penalty="",
            penalty_weight=0.0,
        ),
        training=replace(recipe.training, m=m or recipe.training.m),
    )


def random_colour_images(recipe: Recipe, count: int) -> NormalisedImages:
    """`count` images of random bytes with the shape of CIFAR-10's, normalised as in the recipe."""
    pixels = np.random.default_rng(0).integers(0, 256, (count, math.prod(COLOUR)), dtype=np.uint8)
    labels = np.zeros(count, np.uint8)
    return NormalisedImages(pixels, labels, 255, *COLOUR, contrast=recipe.data.contrast)


def _scaled(width: float, units: tuple[int, ...]) -> list[int]:
    return [max(1, round(width * n)) for n in units]


def networks(recipe: Recipe) -> tuple[Network, Network]:
    """G and D of the recipe, for images with the shape of its data set."""
    image = COLOUR if recipe.data.set == "cifar-10" else (SIDE, SIDE, 1)
    n = math.prod(image)
    return (
        build_G(recipe.generator, recipe.prior.size, n, image),
        build_D(recipe.discriminator, n, image),
    )


def new_game(recipe: Recipe, images: Images, draws: Draws | None = None) -> Game:
    """The game before its first iteration; `draws` replaces the draws of the recipe."""
    G, D = networks(recipe)
    theta = G.initial(SEED, "theta_g"), D.initial(SEED, "theta_d")
    return game_of(recipe, (G, D), theta, draws or recipe_draws(recipe, images), len(images))


def amplified_game(recipe: Recipe, images: Images, draws: Draws) -> Game:
    """The game with amplified weights of D, so that both players move far: see `checks`."""
    game = new_game(recipe, images, draws)
    theta_d = game.player_d.theta
    theta_d.assign(AMPLIFIED * theta_d.vector)
    return game


def recipe_draws(recipe: Recipe, images: Images, seed: int = SEED) -> Minibatches:
    """The draws of the recipe: minibatches of the images, noise and masks."""
    return minibatches(recipe, seed, images, networks(recipe)[1])
