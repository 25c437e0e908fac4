"""minigan itself as a peer, and the limit of the same iteration in the same process."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from peers.task import Task, images_of

from minigan import __version__
from minigan.bench.fixed_draws import FixedDraws
from minigan.bench.iteration import iteration_runner
from minigan.bench.limit import Limit
from minigan.bench.reference import theta_vectors
from minigan.bench.setting import new_game, recipe_draws
from minigan.training.recipes import Recipe

VERSION = f"minigan {__version__}"


class Peer:
    """A game of minigan; `iterate(drawn)` runs the next iteration."""

    def __init__(self, task: Task, recipe: Recipe) -> None:
        self.task, self.recipe = task, recipe
        self.images = replace(images_of(recipe, len(task.pixels)), pixels=task.pixels)
        self.fixed = FixedDraws(recipe_draws(recipe, self.images), task.settings.cycle)
        self.fixed.make(task.settings.m)
        game = new_game(recipe, self.images)
        self.limit = Limit(task.settings.schedule, game.G, game.D, task.settings.m)
        self.restart()

    def restart(self, amplified: float = 1.0) -> None:
        """Go back to the initial theta, with theta_d multiplied by `amplified`."""
        self.games = [new_game(self.recipe, self.images, draws) for draws in (self.fixed, None)]
        for game in self.games:
            game.player_d.theta.assign(amplified * game.player_d.theta.vector)
        self.runners = [iteration_runner(self.recipe, game) for game in self.games]

    def iterate(self, drawn: bool) -> None:
        """Run the next iteration; each of the two variants has its own game."""
        self.runners[drawn]()

    def wait(self) -> None:
        """Does nothing: NumPy has finished when a call returns."""

    def theta(self) -> np.ndarray[Any, Any]:
        """theta_g and theta_d of the game with fixed draws, as one vector."""
        return np.concatenate(theta_vectors(self.games[0]))
