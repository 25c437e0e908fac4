"""What a run leaves behind, in a folder of its own.

recipe.toml        the resolved recipe; `minigan train runs/digits-1/recipe.toml` runs it again
environment.json   seed, versions, BLAS kernel, threads, processor
log.jsonl          one line of JSON per logged iteration
samples/*.png      sample sheets on a fixed z, named by iteration
samples.png        the latest of them
checkpoint.npz     theta_g, theta_d, their velocities, the iteration
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minigan import checkpoint, pictures, recipe
from minigan.arrays import Array
from minigan.errors import UserError


@dataclass(frozen=True)
class RunDirectory:
    """The files of one run; every write either succeeds whole or leaves what was there."""

    path: Path

    @classmethod
    def create(cls, name: str, path: Path | None) -> RunDirectory:
        """A new folder: `path`, which must not exist, or else the first free runs/name-1, -2, ...

        Raises UserError where it exists already or cannot be made.
        """
        try:
            if path is None:
                path = _first_free(Path("runs"), name)
            else:
                path.mkdir(parents=True)
            (path / "samples").mkdir()
        except OSError as error:
            if isinstance(error, FileExistsError) and path is not None:
                raise UserError(f"the folder {path} exists already: choose another --out") from None
            raise UserError(
                f"the run folder {path or error.filename} cannot be made: {error.strerror}"
            ) from None
        return cls(path)

    @classmethod
    def open(cls, path: Path) -> RunDirectory:
        """The folder of a run that exists. Raises UserError where it is not one."""
        if not (path / "recipe.toml").is_file():
            raise UserError(f"{path} is not a run folder: it holds no recipe.toml")
        return cls(path)

    def write_recipe(self, value: recipe.Recipe) -> None:
        """Write recipe.toml."""
        self._write("recipe.toml", recipe.to_toml(value).encode())

    def read_recipe(self) -> recipe.Recipe:
        """Read recipe.toml."""
        return recipe.load(str(self.path / "recipe.toml"))

    def write_environment(self, facts: Mapping[str, Any]) -> None:
        """Write environment.json."""
        self._write("environment.json", (json.dumps(facts, indent=2) + "\n").encode())

    def read_environment(self) -> dict[str, Any]:
        """Read environment.json. Raises UserError where it is missing or damaged."""
        path = self.path / "environment.json"
        try:
            facts = json.loads(path.read_text("utf-8"))
        except OSError as error:
            raise UserError(f"{path} cannot be read: {error.strerror}") from None
        except (ValueError, RecursionError):
            facts = None
        if not isinstance(facts, dict):
            raise UserError(f"{path} is damaged: it is not a table of JSON")
        return facts

    def read_seed(self) -> int:
        """The seed in environment.json. Raises UserError where it is missing or damaged."""
        seed = self.read_environment().get("seed")
        if type(seed) is not int or not 0 <= seed < 2**64:
            raise UserError(
                f'{self.path / "environment.json"} must hold the run\'s "seed", '
                "a whole number from 0 to 2^64 - 1"
            )
        return seed

    def append_log(self, line: Mapping[str, Any]) -> None:
        """Add one line to log.jsonl."""
        path, data = self.path / "log.jsonl", (json.dumps(line) + "\n").encode()
        with path.open("ab", buffering=0) as file:
            end = file.tell()
            try:
                while data:
                    data = data[file.write(data) :]
            except OSError as error:
                file.truncate(end)  # a full disk takes the first part of a line
                error.filename = str(path)
                raise

    def write_sheet(self, iteration: int, picture: Array) -> None:
        """Write samples/ITERATION.png and samples.png."""
        png = pictures.png(picture)
        self._write(f"samples/{iteration:08d}.png", png)
        self._write("samples.png", png)

    def save_checkpoint(self, arrays: Mapping[str, Array]) -> None:
        """Write checkpoint.npz."""
        checkpoint.save(self.path / "checkpoint.npz", arrays)

    def load_checkpoint(self) -> dict[str, Array]:
        """Read checkpoint.npz."""
        return checkpoint.load(self.path / "checkpoint.npz")

    def _write(self, name: str, data: bytes) -> None:
        checkpoint.write_atomically(self.path / name, data)


def _first_free(folder: Path, name: str) -> Path:
    """Make and return the first of folder/name-1, folder/name-2, ... that does not exist."""
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
