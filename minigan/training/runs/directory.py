"""The folder of a run, with these files:

recipe.toml         the recipe with all changes; `minigan train RUN/recipe.toml` repeats the run
environment.json    seed, data, versions, BLAS kernel, threads, processor; the same per resumption
log.jsonl           one line of JSON per logged iteration (log.csv, tensorboard/: on request)
samples/*.png       sample sheets for a fixed z, named by iteration
samples.png         the latest sample sheet
animation.png       all sample sheets as an animation
checkpoint.npz      the last state: theta_g, theta_d, the optimizers' arrays, the iteration
best.npz            the state with the best value of the monitored metric
checkpoints/*.npz   the states kept every `log.keep_every` iterations, named by iteration
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minigan.arrays import Array
from minigan.data import points
from minigan.errors import UserError
from minigan.system import files
from minigan.training import pictures, recipes
from minigan.training.pictures.animation import animation
from minigan.training.runs import checkpoint, pretrained

LARGEST_ENVIRONMENT = 10_000_000  # bytes


@dataclass(frozen=True)
class RunDirectory:
    """The files of one run. Every write is atomic: it succeeds, or leaves the previous file."""

    path: Path

    @classmethod
    def create(cls, name: str, path: Path | None) -> RunDirectory:
        """Create the folder `path`, or, if it is None, the first free of runs/NAME-1, -2, ...

        Raises UserError if the folder already exists or cannot be created.
        """
        try:
            if path is None:
                path = _first_free(Path("runs"), name)
            else:
                path.mkdir(parents=True)
            (path / "samples").mkdir()
        except OSError as error:
            if isinstance(error, FileExistsError) and path is not None:
                resume = f", or resume it with minigan train --resume {path}"
                raise UserError(
                    f"{path} already exists: choose another --out"
                    f"{resume if (path / 'checkpoint.npz').exists() else ''}"
                ) from None
            raise UserError(
                f"the run folder {path or error.filename} cannot be created: {error.strerror}; "
                "choose another --out"
            ) from None
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """Open an existing run folder, or a pretrained generator by name.

        Raises UserError if `path` is neither.
        """
        path = pretrained.resolve(path)
        if not (path / "recipe.toml").is_file():
            raise UserError(
                f"{path} is not a run folder: it holds no recipe.toml; give a folder that minigan "
                "train has written, such as runs/digits-1"
                f"{''.join(f', or the name {name}' for name in pretrained.pretrained_names())}"
            )
        return cls(path)

    @property
    def log(self) -> Path:
        """The path of log.jsonl."""
        return self.path / "log.jsonl"

    def write_recipe(self, value: recipes.Recipe) -> None:
        """Write recipe.toml."""
        self._write("recipe.toml", recipes.to_toml(value).encode())

    def read_recipe(self) -> recipes.Recipe:
        """Read recipe.toml."""
        return recipes.load(str(self.path / "recipe.toml"))

    def write_environment(self, facts: Mapping[str, Any]) -> None:
        """Write environment.json."""
        self._write("environment.json", (json.dumps(facts, indent=2) + "\n").encode())

    def read_environment(self) -> dict[str, Any]:
        """Read environment.json. Raises UserError if it is missing or damaged."""
        path = self.path / "environment.json"
        try:
            facts = json.loads(files.read_whole(path, LARGEST_ENVIRONMENT))
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError):
            facts = None
        if not isinstance(facts, dict):
            raise UserError(f"{path} is damaged: it is not a JSON object")
        seed = facts.get("seed")
        if type(seed) is not int or not 0 <= seed < 2**64:
            raise UserError(f'{path} is damaged: "seed" must be a whole number from 0 to 2^64 - 1')
        data = facts.get("data")
        if not isinstance(data, dict) or not _is_shape(data.get("shape")):
            raise UserError(f'{path} is damaged: "data" must have the "shape" of one example')
        name = data.get("set")
        if type(name) is not str or (name in points.SHAPES and data["shape"] != [2]):
            raise UserError(f'{path} is damaged: "data" must have the name of its "set"')
        if not isinstance(facts.get("parts", {}), dict):
            raise UserError(f'{path} is damaged: "parts" must be an object')
        resumed = facts.get("resumed", [])
        if not isinstance(resumed, list) or not all(isinstance(item, dict) for item in resumed):
            raise UserError(f'{path} is damaged: "resumed" must be a list of objects')
        return facts

    def write_sheet(self, iteration: int, picture: Array) -> None:
        """Write samples/ITERATION.png and samples.png."""
        png = pictures.png(picture)
        (self.path / "samples").mkdir(exist_ok=True)
        self._write(f"samples/{iteration:08d}.png", png)
        self._write("samples.png", png)

    def forget_sheets_after(self, iteration: int) -> None:
        """Remove the sheets of later iterations. A run resumed from here draws them again."""
        for path in (self.path / "samples").glob("*.png"):
            if path.stem.isdigit() and int(path.stem) > iteration:
                path.unlink()

    def write_animation(self) -> None:
        """Write animation.png from all sheets, if there are at least two."""
        png = animation(sorted((self.path / "samples").glob("*.png")))
        if png:
            self._write("animation.png", png)

    def save_checkpoint(self, arrays: Mapping[str, Array], *, keep: bool, best: bool) -> None:
        """Write checkpoint.npz. keep, best: first write the same arrays as kept or best checkpoint.

        Raises OSError if a file cannot be written.
        """
        if keep:
            (self.path / "checkpoints").mkdir(exist_ok=True)
            checkpoint.save(self._kept(int(arrays["iteration"])), arrays)
        if best:
            checkpoint.save(self.path / "best.npz", arrays)
        checkpoint.save(self.path / "checkpoint.npz", arrays)

    def load_checkpoint(self, which: str = "last") -> dict[str, Array]:
        """Load the checkpoint `which`: "last", "best", or the iteration of a kept one, as "5000".

        Raises UserError, with the names of the other checkpoints, if it cannot be loaded.
        """
        if which.isascii() and which.isdigit() and len(which) <= 12:
            path = self._kept(int(which))
        elif which in ("last", "best"):
            path = self.path / ("best.npz" if which == "best" else "checkpoint.npz")
        else:
            raise UserError(f"the checkpoint must be last, best or an iteration, not {which!r}")
        try:
            return checkpoint.load(path)
        except UserError as error:
            others = [name for name in self.checkpoints() if name != which]
            names = f"; available checkpoints: {', '.join(others)}" if others else ""
            raise UserError(f"{error}{names}") from None

    def checkpoints(self) -> list[str]:
        """The names of all existing checkpoints, as `load_checkpoint` accepts them."""
        kept = sorted((self.path / "checkpoints").glob("*.npz"))
        names = {"last": "checkpoint.npz", "best": "best.npz"}
        existing = [name for name, file in names.items() if (self.path / file).exists()]
        return existing + [str(int(file.stem)) for file in kept if file.stem.isdigit()]

    def _kept(self, iteration: int) -> Path:
        return self.path / "checkpoints" / f"{iteration:08d}.npz"

    def _write(self, name: str, data: bytes) -> None:
        files.write_atomically(self.path / name, data)


def _is_shape(value: Any) -> bool:
    """Whether value is [height, width, channels] of an image, or [number of coordinates]."""
    return (
        isinstance(value, list)
        and len(value) in (1, 3)
        and all(type(size) is int and 1 <= size <= 10**5 for size in value)
    )


def _first_free(folder: Path, name: str) -> Path:
    """Create and return the first of folder/name-1, folder/name-2, ... that does not exist."""
    folder.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        path = folder / f"{name}-{number}"
        try:
            path.mkdir()
        except FileExistsError:
            number += 1
        else:
            return path


def source_of(data: dict[str, Any]) -> Path | None:
    """The folder from which a run loaded its data (environment.json); None if it is gone."""
    where = data.get("where")
    return Path(where) if type(where) is str and Path(where).exists() else None
