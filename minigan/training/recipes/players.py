"""The tables of the players of a GAN: the prior of z, G and D.

Each class checks its values and raises UserError, with the name of the setting, for an invalid one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from minigan.draws.noise import PRIORS
from minigan.errors import UserError
from minigan.objectives import EVERY_ROW, OBJECTIVES
from minigan.objectives.penalties import PENALTIES
from minigan.system.fields import Limits
from minigan.system.values import SHORT, one_of, within
from minigan.training.recipes.image_layers import ConvolutionSettings, DeconvolutionSettings

OUTPUTS = ("sigmoid", "linear")
ACTIVATIONS = ("relu", "sigmoid")


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
        if len(self.map) not in (0, 2):
            raise UserError(
                f"generator.map = {SHORT.repr([*self.map])} must have two numbers, [rows, columns]"
            )
        if bool(self.map) != bool(self.deconvolutions):
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
