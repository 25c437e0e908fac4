"""The recipe of a GAN: all settings of a run except its seed, in frozen dataclasses.

Each table checks its own values; `Recipe` checks that they fit each other. Both raise UserError.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from minigan.errors import UserError
from minigan.objectives import EVERY_ROW, OBJECTIVES, UNBOUNDED, value
from minigan.system.values import one_of, within
from minigan.training.recipes.optimizer import OptimizerSettings
from minigan.training.recipes.players import Discriminator, Generator, Prior
from minigan.training.recipes.tables import NAME, NAME_RULE, Data, Log

UPDATE_ORDERS = ("algorithm1", "simultaneous")


@dataclass(frozen=True)
class Training:
    """The update order, k of Algorithm 1, the minibatch size m, and the number of iterations.

    `schedule` is the update order: "algorithm1" or "simultaneous". `blas_threads` is the number of
    threads of a matrix product; 0 uses the default of the BLAS. `g_steps` is the number of G steps
    per iteration; 1 in the paper.
    """

    schedule: str
    k: int
    m: int
    iterations: int
    blas_threads: int
    g_steps: int = 1

    def __post_init__(self) -> None:
        one_of("training.schedule", self.schedule, UPDATE_ORDERS)
        within("training.k", self.k, 1, 1000)
        within("training.m", self.m, 1, 1_000_000)
        within("training.iterations", self.iterations, 1, 10**12)
        within("training.blas_threads", self.blas_threads, 0, 1024)
        within("training.g_steps", self.g_steps, 1, 1000)
        for name, steps in (("k", self.k), ("g_steps", self.g_steps)):
            if self.schedule == "simultaneous" and steps != 1:
                raise UserError(
                    f"training.{name} = {steps} must be 1 with training.schedule = 'simultaneous', "
                    "where each player makes one update per iteration"
                )


@dataclass(frozen=True)
class Recipe:
    """A complete recipe, with the same tables as its file."""

    name: str
    data: Data
    prior: Prior
    generator: Generator
    discriminator: Discriminator
    training: Training
    optimizer: OptimizerSettings
    log: Log

    def __post_init__(self) -> None:
        objective = self.generator.objective
        if OBJECTIVES[objective] in UNBOUNDED and not self.discriminator.bounded:
            raise UserError(
                f"generator.objective = {objective!r} has no maximum in D unless the slopes of D "
                "are bounded: set discriminator.penalty and discriminator.penalty_weight, or "
                "discriminator.clip"
            )
        margins = self.generator.margin, self.discriminator.margin
        if min(margins) < EVERY_ROW and OBJECTIVES[objective].value is not value:
            raise UserError(
                "generator.margin and discriminator.margin are for objectives with the V of Eq. 1, "
                f"not for {objective!r}: leave them out, or use 'minimax' or 'non_saturating'"
            )
        kinds = {
            "data.masks": self.completes,
            "generator.class_units": self.conditional,
            "discriminator.instance_noise": self.discriminator.instance_noise > 0,
        }
        given = [name for name, used in kinds.items() if used]
        plain = ("hidden_bias", "sparse_output", "upper")  # they name the layers of a plain G
        given += [f"generator.{name}" for name in plain if given and getattr(self.generator, name)]
        if len(given) > 1:
            raise UserError(f"{' and '.join(given)} cannot be combined: set only one of them")
        if self.completes and self.discriminator.convolutions:
            raise UserError(
                "data.masks is for a D without convolutions, because D gets a mask beside each "
                "picture: leave one of them out"
            )
        if self.optimizer.max_column_norm and (
            self.discriminator.convolutions or self.generator.deconvolutions
        ):
            raise UserError(
                "optimizer.max_column_norm limits the columns of linear layers only: leave it out "
                "for networks with convolutions or deconvolutions"
            )
        if self.data.contrast and self.generator.output != "linear":
            raise UserError(
                "data.contrast gives numbers below 0 and above 1, which a sigmoid cannot generate: "
                "set generator.output = 'linear'"
            )
        if (self.generator.class_units > 0) != (self.discriminator.class_units > 0):
            raise UserError(
                "set both generator.class_units and discriminator.class_units, or neither"
            )
        if not re.fullmatch(NAME, self.name):
            raise UserError(f"name = {self.name!r} {NAME_RULE}")

    @property
    def completes(self) -> bool:
        """Whether the run trains G to complete pictures."""
        return bool(self.data.masks)

    @property
    def conditional(self) -> bool:
        """Whether the run trains p(x | c)."""
        return self.generator.class_units > 0
