"""The task of every peer: the recipe's numbers, the images, the initial theta, and fixed draws.

The benchmark writes one .npz file, and the process of each peer reads it:

    settings               JSON: schedule, m, G, D (the layers), keep, eta, mu, objective, ...
    pixels (N, n)          uint8
    G0, G1, ... D0, ...    W, b, W, b, ... of each player, float32
    x (c, m, n)            c minibatches; z_D and z_G (c, m, z_size) noise;
    mask_D_0 (c, 2m, n)    the masks of D's first, second, ... dropout layer in the D step,
    mask_G_0 (c, m, n)     and in the G step
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from peers.layers import layers_of

from minigan.arrays import Array
from minigan.bench.fixed_draws import FixedDraws
from minigan.bench.setting import (
    cifar,
    mnist_2014,
    new_game,
    random_colour_images,
    random_images,
    recipe_draws,
)
from minigan.data.images import Images
from minigan.training.recipes import Recipe


@dataclass(frozen=True)
class Settings:
    """The numbers of the recipe that define an iteration, under their names in the recipe.

    G and D are lists of layers (`peers.layers`). `uniform`: z is uniform, and normal otherwise.
    `contrast` is the norm of a normalised image; 0: pixels in [0, 1].
    """

    schedule: str
    m: int
    cycle: int
    z_size: int
    keep: tuple[float, ...]
    G: list[list[Any]]
    D: list[list[Any]]
    uniform: bool
    contrast: float
    weight_of_V: float
    objective: str
    rate: float
    rate_divisor: float
    rate_floor: float
    momentum: float
    momentum_final: float
    momentum_first_epoch: int
    momentum_last_epoch: int
    updates_per_epoch: int

    def eta(self, t: int) -> float:
        """The learning rate of update t."""
        return max(self.rate * self.rate_divisor**-t, self.rate_floor)

    def mu(self, t: int) -> float:
        """The momentum of update t."""
        first, last = self.momentum_first_epoch, self.momentum_last_epoch
        done = (t // self.updates_per_epoch + 1 - first) / (last - first)
        return self.momentum + (self.momentum_final - self.momentum) * min(max(done, 0.0), 1.0)


@dataclass(frozen=True)
class Task:
    """The content of a task file; the module docstring lists its arrays."""

    settings: Settings
    pixels: Array
    theta_g: list[Array]
    theta_d: list[Array]
    x: Array
    z: dict[str, Array]
    masks: dict[str, list[Array]]


def recipe(schedule: str, m: int, width: float, name: str = "mnist-2014") -> Recipe:
    """A recipe with independent minibatches, which every library can draw in the same way."""
    if name == "mnist-2014":
        result = mnist_2014(schedule, m, width)
    else:
        result = cifar(name, width, m)
        result = replace(result, training=replace(result.training, schedule=schedule))
    return replace(result, data=replace(result.data, order="independent"))


def images_of(recipe: Recipe, count: int) -> Images:
    """`count` random images with the shape of those of the recipe."""
    if recipe.data.set == "cifar-10":
        return random_colour_images(recipe, count)
    return random_images(count)


def write(file: Path, recipe: Recipe, images: Images, cycle: int) -> None:
    """Write the task of a recipe with k = 1: its initial theta, and the first `cycle` draws."""
    game = new_game(recipe, images)
    draws, m = FixedDraws(recipe_draws(recipe, images), cycle), recipe.training.m
    steps = range(cycle)
    names = {field.name for field in fields(Settings)}
    momentum = {name: v for name, v in asdict(recipe.optimizer).items() if name in names}
    settings = Settings(
        schedule=recipe.training.schedule,
        m=m,
        cycle=cycle,
        z_size=recipe.prior.size,
        keep=tuple(keep for _, keep in game.D.mask_sizes),
        G=layers_of(game.G),
        D=layers_of(game.D),
        uniform=recipe.prior.kind != "gaussian",
        contrast=recipe.data.contrast,
        weight_of_V=recipe.discriminator.weight_of_V,
        objective=recipe.generator.objective,
        updates_per_epoch=len(images) // m,
        **momentum,
    )
    arrays = {"pixels": images.pixels, "x": np.stack([draws.data(step) for step in steps])}
    for player, theta, rows in (
        ("G", game.player_g.theta, m),
        ("D", game.player_d.theta, 2 * m),
    ):
        arrays |= {f"{player}{i}": part for i, part in enumerate(theta.values())}
        arrays[f"z_{player}"] = np.stack([draws.noise(player, step) for step in steps])
        masks = [draws.masks(player, step, rows) for step in steps]
        for layer, layer_masks in enumerate(zip(*masks, strict=True)):
            arrays[f"mask_{player}_{layer}"] = np.stack(layer_masks)
    np.savez(file, settings=np.array(json.dumps(asdict(settings))), **arrays)


def read(file: Path) -> Task:
    """The task in a file of `write`."""
    with np.load(file) as arrays:
        found = json.loads(str(arrays["settings"]))
        found["keep"] = tuple(found["keep"])
        settings = Settings(**found)

        def several(name: str) -> list[Array]:
            names = sorted(
                (key for key in arrays if key.startswith(name)), key=lambda k: int(k[len(name) :])
            )
            return [arrays[key] for key in names]

        return Task(
            settings=settings,
            pixels=arrays["pixels"],
            theta_g=several("G"),
            theta_d=several("D"),
            x=arrays["x"],
            z={player: arrays[f"z_{player}"] for player in "DG"},
            masks={player: several(f"mask_{player}_") for player in "DG"},
        )
