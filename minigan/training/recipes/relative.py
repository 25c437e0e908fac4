"""The recipe of a relative of GANs: a DBN, a stacked CAE or a GSN instead of G and D.

    [model]
    kind = "dbn"        hidden, layer_iterations; gibbs_steps, persistent
    kind = "cae"        hidden, layer_iterations; contraction, chain_sigma
    kind = "gsn"        two numbers in hidden;    walk_steps, noise, salt
    chain_steps         of the chain that each sample is the end of; for all kinds

The tables [data], [optimizer] and [log] are those of a GAN. A setting of another kind, or of GANs
only, has no effect, and only its default is accepted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import Annotated

from minigan.data.points import SHAPES
from minigan.errors import UserError
from minigan.system.fields import Limits
from minigan.system.values import one_of, within, without_effect
from minigan.training.recipes.optimizer import OptimizerSettings
from minigan.training.recipes.tables import NAME, NAME_RULE, Data, Log

LARGEST = 100_000  # units of a layer
KINDS = {"dbn": "deep belief network", "cae": "stacked CAE", "gsn": "GSN"}
OF_KIND = {  # the settings that not every kind has
    "dbn": ("layer_iterations", "gibbs_steps", "persistent"),
    "cae": ("layer_iterations", "contraction", "chain_sigma"),
    "gsn": ("walk_steps", "noise", "salt"),
}
OF_GAN = {  # the settings of GANs only, with the value that a relative accepts
    "data.order": "independent",
    "data.contrast": 0.0,
    "data.masks": (),
    "optimizer.max_column_norm": 0.0,
}


@dataclass(frozen=True)
class ModelSettings:
    """The model: its kind, the units of its hidden layers, and how it is trained and sampled.

    `layer_iterations`: a stack is trained from the bottom to the top, each layer with so many
    iterations; the top layer has the rest. 0: one layer only. A run with too few iterations has
    fewer layers.

    dbn: `gibbs_steps` is k of CD-k, and of PCD-k if `persistent` (`minigan.theory.relatives.rbm`).
    cae: `contraction` is lambda, and `chain_sigma` the deviation of the chain's noise (`cae`).
    gsn: the steps of a walk, its noise, and the share of pixels with salt and pepper (`gsn`).
    """

    kind: str
    hidden: Annotated[tuple[int, ...], Limits(1)]
    chain_steps: int
    layer_iterations: int = 0
    gibbs_steps: int = 1
    persistent: bool = False
    contraction: float = 0.0
    chain_sigma: float = 0.0
    walk_steps: int = 4
    noise: float = 0.0
    salt: float = 0.0

    def __post_init__(self) -> None:
        one_of("model.kind", self.kind, tuple(KINDS))
        for units in self.hidden:
            if not 1 <= units <= LARGEST:
                raise UserError(
                    f"each number of model.hidden must be between 1 and {LARGEST:,}, but one is "
                    f"{units}"
                )
        within("model.chain_steps", self.chain_steps, 1, 1_000_000)
        within("model.layer_iterations", self.layer_iterations, 0, 10**12)
        within("model.gibbs_steps", self.gibbs_steps, 1, 1000)
        within("model.walk_steps", self.walk_steps, 1, 100)
        for name, high in (("contraction", 1e6), ("chain_sigma", 1e6), ("noise", 1000)):
            within(f"model.{name}", getattr(self, name), 0, high)
        within("model.salt", self.salt, 0, 1)
        defaults = {field.name: field.default for field in fields(self)}
        for name in self.of_other_kinds:
            reason = f"with model.kind = {self.kind!r}"
            without_effect(f"model.{name}", getattr(self, name), defaults[name], reason)
        if self.kind == "gsn" and len(self.hidden) != 2:
            raise UserError(
                f"model.hidden has {len(self.hidden)} numbers, and a GSN has two hidden layers: "
                "give two numbers"
            )
        if self.kind != "gsn" and (len(self.hidden) > 1) != (self.layer_iterations > 0):
            raise UserError(
                "set model.layer_iterations for two or more layers in model.hidden, and set it to "
                "0 for one"
            )

    @property
    def of_other_kinds(self) -> list[str]:
        """The settings that only other kinds have."""
        every = {name for names in OF_KIND.values() for name in names}
        return sorted(every - {*OF_KIND[self.kind]})


@dataclass(frozen=True)
class ModelTraining:
    """The minibatch size m, the number of iterations of all layers together, and of BLAS threads.

    `blas_threads` is the number of threads of a matrix product; 0 uses the default of the BLAS.
    """

    m: int
    iterations: int
    blas_threads: int

    def __post_init__(self) -> None:
        within("training.m", self.m, 1, 1_000_000)
        within("training.iterations", self.iterations, 1, 10**12)
        within("training.blas_threads", self.blas_threads, 0, 1024)


@dataclass(frozen=True)
class RelativeRecipe:
    """A complete recipe of a relative, with the same tables as its file."""

    name: str
    data: Data
    model: ModelSettings
    training: ModelTraining
    optimizer: OptimizerSettings
    log: Log

    def __post_init__(self) -> None:
        if not re.fullmatch(NAME, self.name):
            raise UserError(f"name = {self.name!r} {NAME_RULE}")
        if self.data.set in SHAPES:
            raise UserError(
                f"data.set = {self.data.set!r} has points, and a {self.model_name} needs images "
                "with pixels in [0, 1]"
            )
        for name, neutral in OF_GAN.items():
            table, _, key = name.partition(".")
            settings, reason = getattr(self, table), f"on a {self.model_name}"
            required = not hasattr(type(settings), key)
            without_effect(name, getattr(settings, key), neutral, reason, required)

    @property
    def untrained(self) -> str:
        """Why the top layer is not trained, and what to do; "" if it is."""
        below = self.model.layer_iterations * (len(self.model.hidden) - 1)
        if self.training.iterations > below:
            return ""
        return (
            f"{self.training.iterations} iterations train no top layer, because the layers below "
            f"it have {below}: set training.iterations to more than {below}, or reduce "
            "model.layer_iterations; --resume with a larger --iterations trains it, too"
        )

    @property
    def unused_settings(self) -> set[str]:
        """The full names of the settings of GANs and of other kinds of models."""
        return {*OF_GAN, *(f"model.{name}" for name in self.model.of_other_kinds)}

    @property
    def model_name(self) -> str:
        """The kind of the model in words."""
        return KINDS[self.model.kind]

    @property
    def completes(self) -> bool:
        """False: only a GAN completes pictures."""
        return False

    @property
    def conditional(self) -> bool:
        """False: only a GAN is trained for p(x | c)."""
        return False
