"""The settings of a recipe: all settings of a run except its seed, in frozen dataclasses.

Each class checks its values and raises UserError, with the name of the setting, for an invalid one.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Annotated

from minigan.data.points import SHAPES
from minigan.data.sets import SETS
from minigan.draws.minibatches import ORDERS
from minigan.draws.noise import PRIORS
from minigan.errors import UserError
from minigan.objectives import EVERY_ROW, OBJECTIVES, UNBOUNDED, value
from minigan.objectives.penalties import PENALTIES
from minigan.system.fields import Limits, one_of, within, without_effect
from minigan.training.completion.masks import MASKS
from minigan.training.recipes.image_layers import ConvolutionSettings, DeconvolutionSettings
from minigan.training.recipes.optimizer import OptimizerSettings

OUTPUTS = ("sigmoid", "linear")
ACTIVATIONS = ("relu", "sigmoid")
UPDATE_ORDERS = ("algorithm1", "simultaneous")
MONITORS = ("none", "validation_distance", "parzen")
NAME = r"[\w-][\w.-]{0,99}"
NAME_RULE = (
    "must be 1 to 100 letters, digits, '-', '_' or '.', and must not start with '.': the name of "
    "the run folder contains it"
)


@dataclass(frozen=True)
class Data:
    """The data set, and the order in which minibatches are drawn from it.

    `height`, `width` and `channels` apply to set = "folder" only. Images are scaled to height and
    width in pixels (0: not scaled) and converted to grey (channels = 1) or colour (3; 0: not
    converted). `contrast` is the norm of each image after global contrast normalisation
    (`minigan.data.contrast`); 0: pixels in [0, 1]. `masks`: the kinds of masks in a run that trains
    G to complete pictures (`minigan.training.completion`); none: a run without masks.
    """

    set: str
    order: str
    height: int = 0
    width: int = 0
    channels: int = 0
    contrast: float = 0.0
    masks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        one_of("data.set", self.set, SETS)
        one_of("data.order", self.order, ORDERS)
        within("data.height", self.height, 0, 4096)
        within("data.width", self.width, 0, 4096)
        within("data.contrast", self.contrast, 0, 1e6)
        for kind in self.masks:
            one_of("data.masks", kind, tuple(MASKS))
        if self.contrast and self.masks:
            raise UserError("data.masks is for pixels in [0, 1]: leave out data.contrast")
        if self.contrast and self.set in SHAPES:
            raise UserError(f"data.contrast is for images: leave it out for {self.set!r}")
        if self.channels not in (0, 1, 3):
            raise UserError(
                f"data.channels = {self.channels} must be 1 (grey), 3 (colour) or 0 (not converted)"
            )
        if self.set != "folder":
            for name in ("height", "width", "channels"):
                reason = f"with data.set = {self.set!r}"
                without_effect(f"data.{name}", getattr(self, name), 0, reason)
        if (self.height == 0) != (self.width == 0):
            raise UserError("set both data.height and data.width, or neither")


@dataclass(frozen=True)
class Prior:
    """The prior p_z: its kind, and `size`, the number of coordinates of z."""

    kind: str
    size: int

    def __post_init__(self) -> None:
        one_of("prior.kind", self.kind, tuple(PRIORS))
        within("prior.size", self.size, 1, 100_000)


@dataclass(frozen=True)
class Generator:
    """G: its hidden layers, its output (sigmoid or linear), its initial weights and its objective.

    `activations`: one of ACTIVATIONS for each hidden layer; by default ReLU in all.
    `output_spread`: of the last layer, or of all deconvolutions; by default `spread`. With
    `deconvolutions`, G reads its last hidden layer as a `map` of [rows, columns], and they replace
    its last linear layer (`minigan.training.image_networks`).

    `average_keep` and `average_every`: draw samples from an average of theta_g, which departs from
    the paper (`minigan.training.averaging`). 0 and 0: draw samples from theta_g.

    `class_units`: units of the branch for c, beside the first hidden layer, in a run that trains
    p(x | c) (`minigan.training.conditional`). 0: a run without classes.

    `hidden_bias`: the initial bias of hidden layers with a sigmoid. `sparse_output`: the number of
    initial weights of each unit of the last layer that are not 0; 0: all, from `spread`. `upper`:
    the folder of a run whose G the last layers begin with (`minigan.training.initial`).

    `margin`: G learns only from samples with D < 1/2 + margin (`minigan.objectives.margin`). 1/2:
    from all, as in the paper.
    """

    hidden: Annotated[tuple[int, ...], Limits(1)]
    output: str
    spread: float
    marginal_floor: float
    objective: str
    average_keep: float = 0.0
    average_every: int = 0
    activations: tuple[str, ...] = ()
    output_spread: float = 0.0
    map: tuple[int, ...] = ()
    deconvolutions: tuple[DeconvolutionSettings, ...] = ()
    class_units: int = 0
    hidden_bias: float = 0.0
    sparse_output: int = 0
    upper: str = ""
    margin: float = EVERY_ROW

    def __post_init__(self) -> None:
        for units in self.hidden:
            within("generator.hidden", units, 1, 100_000)
        one_of("generator.output", self.output, OUTPUTS)
        within("generator.spread", self.spread, 0, 10)
        within("generator.marginal_floor", self.marginal_floor, 1e-9, 0.5)
        one_of("generator.objective", self.objective, tuple(OBJECTIVES))
        within("generator.average_keep", self.average_keep, 0, 0.999999)
        within("generator.average_every", self.average_every, 0, 10**9)
        if (self.average_keep == 0) != (self.average_every == 0):
            raise UserError(
                "set both generator.average_keep and generator.average_every, or neither"
            )
        for activation in self.activations:
            one_of("generator.activations", activation, ACTIVATIONS)
        if len(self.activations) not in (0, len(self.hidden)):
            raise UserError(
                f"generator.activations has {len(self.activations)} names for the "
                f"{len(self.hidden)} layers of generator.hidden: name one for each, or leave it out"
            )
        within("generator.output_spread", self.output_spread, 0, 10)
        within("generator.class_units", self.class_units, 0, 100_000)
        within("generator.hidden_bias", self.hidden_bias, -100, 100)
        within("generator.sparse_output", self.sparse_output, 0, 100_000)
        if self.hidden_bias and "sigmoid" not in self.activations:
            raise UserError(
                "generator.hidden_bias is for hidden layers with a sigmoid: leave it out, or name "
                "them in generator.activations"
            )
        for name in ("hidden_bias", "sparse_output", "upper"):
            if getattr(self, name) and self.deconvolutions:
                raise UserError(
                    f"generator.{name} is for a G of linear layers: leave it out, or "
                    "generator.deconvolutions"
                )
        within("generator.margin", self.margin, 0, EVERY_ROW)
        if (len(self.map) == 2) != bool(self.deconvolutions) or len(self.map) not in (0, 2):
            raise UserError(
                "set both generator.map, [rows, columns], and generator.deconvolutions, or neither"
            )
        for size in self.map:
            within("generator.map", size, 1, 4096)
        if self.map and self.hidden[-1] % math.prod(self.map):
            raise UserError(
                f"the last of generator.hidden, {self.hidden[-1]}, must be a multiple of the "
                f"{self.map[0]} * {self.map[1]} places of generator.map"
            )


@dataclass(frozen=True)
class Discriminator:
    """D: its maxout layers, its initial weights, its dropout, and the weight of V in its objective.

    `keep_input`, `keep_hidden`: the probabilities that dropout keeps an input of the first layer
    and of the other layers. `convolutions`: for images, the layers before the maxout layers.
    `class_units`: maxout units of the branch for c, beside the first layer; 0: without classes.

    `penalty` and `penalty_weight`: D descends this penalty on its input gradient in addition
    (`minigan.objectives.penalties`). The weight is max(penalty_weight / penalty_divisor^t,
    penalty_floor) in D step t = 0, 1, ... `clip`: after each update, theta_d is limited to
    [-clip, clip]; 0: no limit. None of them is in the paper.

    `margin`: D learns only from examples with D < 1/2 + margin and samples with D > 1/2 - margin;
    1/2: from all. `instance_noise`: the standard deviation of the noise that is added to all that D
    sees (`minigan.training.instance_noise`); 0: none. `rate_factor`: D's learning rate is that of
    the recipe, times this. The paper has none of them; the authors' code has the first two.
    """

    units: Annotated[tuple[int, ...], Limits(1)]
    pieces: int
    spread: float
    keep_input: float
    keep_hidden: float
    weight_of_V: float
    convolutions: tuple[ConvolutionSettings, ...] = ()
    class_units: int = 0
    penalty: str = ""
    penalty_weight: float = 0.0
    penalty_divisor: float = 1.0
    penalty_floor: float = 0.0
    clip: float = 0.0
    margin: float = EVERY_ROW
    instance_noise: float = 0.0
    rate_factor: float = 1.0

    def __post_init__(self) -> None:
        for units in self.units:
            within("discriminator.units", units, 1, 100_000)
        within("discriminator.pieces", self.pieces, 1, 1000)
        within("discriminator.spread", self.spread, 0, 10)
        within("discriminator.keep_input", self.keep_input, 1e-3, 1)
        within("discriminator.keep_hidden", self.keep_hidden, 1e-3, 1)
        within("discriminator.weight_of_V", self.weight_of_V, 1e-6, 1e6)
        within("discriminator.class_units", self.class_units, 0, 100_000)
        if self.class_units and self.convolutions:
            raise UserError(
                "discriminator.class_units is for a D without convolutions: leave one of them out"
            )
        if self.penalty:
            one_of("discriminator.penalty", self.penalty, tuple(PENALTIES))
        within("discriminator.penalty_weight", self.penalty_weight, 0, 1e6)
        within("discriminator.penalty_divisor", self.penalty_divisor, 1, 10)
        within("discriminator.penalty_floor", self.penalty_floor, 0, self.penalty_weight)
        within("discriminator.clip", self.clip, 0, 1e6)
        within("discriminator.margin", self.margin, 0, EVERY_ROW)
        within("discriminator.instance_noise", self.instance_noise, 0, 1000)
        within("discriminator.rate_factor", self.rate_factor, 1e-3, 1000)
        if bool(self.penalty) != (self.penalty_weight > 0):
            raise UserError(
                "set both discriminator.penalty and a discriminator.penalty_weight above 0, or "
                "neither"
            )
        if self.penalty_divisor != 1 and not self.penalty:
            raise UserError(
                f"discriminator.penalty_divisor = {self.penalty_divisor} has no effect without a "
                "penalty: set discriminator.penalty and discriminator.penalty_weight, or leave it "
                "out"
            )

    @property
    def bounded(self) -> bool:
        """Whether a penalty or a limit of theta_d bounds the slopes of D."""
        return bool(self.penalty) or self.clip > 0


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
class Log:
    """How often to log and to save, in iterations.

    every: a log line.
    save_every: a save, which writes a checkpoint and a sample sheet.
    keep_every: a save whose checkpoint is kept, instead of being overwritten by the next; 0: none.
    monitor: the metric that selects the best checkpoint, computed at each save.
    """

    every: int
    save_every: int
    keep_every: int
    monitor: str

    def __post_init__(self) -> None:
        within("log.every", self.every, 1, 10**9)
        within("log.save_every", self.save_every, 1, 10**9)
        within("log.keep_every", self.keep_every, 0, 10**9)
        one_of("log.monitor", self.monitor, MONITORS)
        if self.keep_every % self.save_every:
            raise UserError(
                f"log.keep_every = {self.keep_every} must be a multiple of log.save_every = "
                f"{self.save_every}, because only a saved checkpoint can be kept"
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
