"""minigan itself as one of the peers, and the limit of the same iteration in the same process."""

from __future__ import annotations

from typing import Any

import numpy as np
from peers.task import Task

from minigan import __version__
from minigan.bench.fixed_draws import FixedDraws
from minigan.bench.iteration import player
from minigan.bench.limit import Limit
from minigan.bench.reference import vectors
from minigan.bench.setting import game, images_of, own_draws
from minigan.training.recipes import Recipe

VERSION = f"minigan {__version__}"


class Peer:
    """A game of minigan; `iterate(drawn)` plays the next iteration."""

    def __init__(self, task: Task, recipe: Recipe) -> None:
        self.task, self.recipe = task, recipe
        self.images = images_of(task.pixels)
        self.given = FixedDraws(own_draws(recipe, self.images), task.settings.cycle)
        self.given.make(task.settings.m)
        played = game(recipe, self.images)
        self.limit = Limit(task.settings.schedule, played.G, played.D, task.settings.m)
        self.restart()

    def restart(self, amplified: float = 1.0) -> None:
        """Back to the first theta, with theta_d (whose biases are 0) amplified."""
        self.games = [game(self.recipe, self.images, draws) for draws in (self.given, None)]
        for played in self.games:
            played.player_d.theta.assign(amplified * played.player_d.theta.vector)
        self.play = [player(self.recipe, played) for played in self.games]

    def iterate(self, drawn: bool) -> None:
        """The next iteration; the two variants have a game each."""
        self.play[drawn]()

    def wait(self) -> None:
        """NumPy has done its work when a call returns."""

    def theta(self) -> np.ndarray[Any, Any]:
        """theta_g and theta_d of the game with given draws, one after the other."""
        return np.concatenate(vectors(self.games[0]))
