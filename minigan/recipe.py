"""A recipe is everything that decides a run except its seed: a TOML file read into frozen values.

Each number in a recipe file has its source beside it as a comment. `load` takes the name of a
recipe that comes with minigan, or the path of a file.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from minigan.data.noise import PRIORS
from minigan.errors import UserError
from minigan.minibatches import ORDERS
from minigan.objectives import OBJECTIVES
from minigan.settings import one_of, read, within


@dataclass(frozen=True)
class Data:
    """Which images, and how a minibatch is drawn from them."""

    set: str
    order: str

    def __post_init__(self) -> None:
        one_of("data.set", self.set, ("digits",))
        one_of("data.order", self.order, ORDERS)


@dataclass(frozen=True)
class Prior:
    """p_z: its kind and the number of coordinates of z."""

    kind: str
    size: int

    def __post_init__(self) -> None:
        one_of("prior.kind", self.kind, tuple(PRIORS))
        within("prior.size", self.size, 1, 100_000)


@dataclass(frozen=True)
class Generator:
    """G: rectifier layers, then a sigmoid per pixel; and what it descends."""

    hidden: tuple[int, ...]
    spread: float
    marginal_floor: float
    objective: str

    def __post_init__(self) -> None:
        for units in self.hidden:
            within("generator.hidden", units, 1, 100_000)
        within("generator.spread", self.spread, 0, 10)
        within("generator.marginal_floor", self.marginal_floor, 1e-9, 0.5)
        one_of("generator.objective", self.objective, tuple(OBJECTIVES))


@dataclass(frozen=True)
class Discriminator:
    """D: maxout layers with dropout, then one logit; and the weight of V in what it ascends."""

    units: tuple[int, ...]
    pieces: int
    spread: float
    keep_input: float
    keep_hidden: float
    weight_of_V: float

    def __post_init__(self) -> None:
        for units in self.units:
            within("discriminator.units", units, 1, 100_000)
        within("discriminator.pieces", self.pieces, 1, 1000)
        within("discriminator.spread", self.spread, 0, 10)
        within("discriminator.keep_input", self.keep_input, 1e-3, 1)
        within("discriminator.keep_hidden", self.keep_hidden, 1e-3, 1)
        within("discriminator.weight_of_V", self.weight_of_V, 1e-6, 1e6)


@dataclass(frozen=True)
class Training:
    """The schedule of updates, the k of Algorithm 1, the minibatch size m, and how long.

    `blas_threads` is the number of threads that share one matrix product; 0 leaves it to the BLAS.
    """

    schedule: str
    k: int
    m: int
    iterations: int
    blas_threads: int

    def __post_init__(self) -> None:
        one_of("training.schedule", self.schedule, ("algorithm1", "simultaneous"))
        within("training.k", self.k, 1, 1000)
        within("training.m", self.m, 1, 1_000_000)
        within("training.iterations", self.iterations, 1, 10**12)
        within("training.blas_threads", self.blas_threads, 0, 1024)
        if self.schedule == "simultaneous" and self.k != 1:
            raise UserError(
                f"training.k = {self.k} must be 1 in the simultaneous schedule, "
                "where each player moves once"
            )


@dataclass(frozen=True)
class Optimizer:
    """eta = max(rate / rate_divisor^t, rate_floor); mu rises from momentum to momentum_final."""

    rate: float
    rate_divisor: float
    rate_floor: float
    momentum: float
    momentum_final: float
    momentum_first_epoch: int
    momentum_last_epoch: int

    def __post_init__(self) -> None:
        within("optimizer.rate", self.rate, 0, 1000)
        within("optimizer.rate_divisor", self.rate_divisor, 1, 10)
        within("optimizer.rate_floor", self.rate_floor, 0, 1000)
        within("optimizer.momentum", self.momentum, 0, 0.999999)
        within("optimizer.momentum_final", self.momentum_final, 0, 0.999999)
        within("optimizer.momentum_first_epoch", self.momentum_first_epoch, 1, 10**9)
        within(
            "optimizer.momentum_last_epoch",
            self.momentum_last_epoch,
            self.momentum_first_epoch + 1,
            10**9,
        )


@dataclass(frozen=True)
class Log:
    """Iterations between two log lines, and between two sample sheets with checkpoints."""

    every: int
    sheet_every: int

    def __post_init__(self) -> None:
        within("log.every", self.every, 1, 10**9)
        within("log.sheet_every", self.sheet_every, 1, 10**9)


@dataclass(frozen=True)
class Recipe:
    """A whole recipe, table by table as in its file."""

    name: str
    data: Data
    prior: Prior
    generator: Generator
    discriminator: Discriminator
    training: Training
    optimizer: Optimizer
    log: Log

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[\w-][\w.-]{0,99}", self.name):
            raise UserError(
                f"name = {self.name!r} must be 1 to 100 letters, digits, '-', '_' or '.', the "
                "first not a '.': the run folder is called after it"
            )


def names() -> list[str]:
    """The recipes that come with minigan."""
    folder = resources.files("minigan") / "recipes"
    return sorted(file.name[:-5] for file in folder.iterdir() if file.name.endswith(".toml"))


def load(recipe: str) -> Recipe:
    """The recipe of a name that comes with minigan, or of a path that ends in .toml.

    Raises UserError, in one sentence, for a file or a setting that cannot be used.
    """
    if recipe in names():
        text = (resources.files("minigan") / "recipes" / f"{recipe}.toml").read_text("utf-8")
    elif recipe.endswith(".toml"):
        text = _text_of(Path(recipe))
    else:
        raise UserError(
            f"there is no recipe {recipe!r}: choose one of {', '.join(names())}, "
            "or give the path of a .toml file"
        )
    return parse(text, source=recipe)


def parse(text: str, source: str) -> Recipe:
    """The recipe in a TOML text; `source` names it in error messages."""
    try:
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # also numbers too long, tables too deep
        raise UserError(f"{source} is not TOML: {error}") from None
    try:
        return read(Recipe, table)
    except UserError as error:
        raise UserError(f"{source}: {error}") from None


def to_toml(recipe: Recipe) -> str:
    """The recipe as a TOML text, which `parse` reads back to an equal recipe."""
    import tomli_w

    table: dict[str, Any] = asdict(recipe)
    return tomli_w.dumps(table)


def _text_of(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise UserError(f"the recipe {path} cannot be read: {reason}") from None
